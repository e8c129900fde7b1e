/**
 * What a recorded call costs: a `get` of a local KV with `recordCalls` against the same one without, in one Worker and by turns.
 * `node bench/tape.mjs`, after `npm ci`. Prints the ratio of the medians; 1.05 is the aim. On Linux it is of the CPU time of
 * workerd, all of its threads, which a busy machine changes little; elsewhere of the time that passes.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'

const ROUNDS = Number(process.argv[2] ?? 300)
/** As many as a request may make, and fewer than fill a tape. */
const CALLS = 100

const root = fileURLToPath(new URL('..', import.meta.url))
const source = `
import { withReplayStack } from './src/adapters/cloudflare/index.ts'
import { tapeRecorder } from './src/tape/index.ts'

let bareEnv
const recorded = withReplayStack(
  {
    async fetch(request, env) {
      const { KV } = request.url.endsWith('/bare') ? bareEnv : env
      for (let call = 0; call < ${CALLS}; call++) await KV.get('order:42', 'json')
      return new Response()
    },
  },
  { recordCalls: tapeRecorder(), transport: { post: async () => ({ status: 200, headers: new Headers(), text: async () => '' }) } },
)
export default {
  async fetch(request, env, ctx) {
    bareEnv = env
    if (!request.url.endsWith('/put')) return recorded.fetch(request, env, ctx)
    await env.KV.put('order:42', JSON.stringify({ id: 42, items: [{ sku: 'samovar', cents: 1999 }], note: 'by the door' }))
    return new Response()
  },
}
`
const { outputFiles } = await build({
  stdin: { contents: source, resolveDir: root, loader: 'js' },
  bundle: true,
  write: false,
  format: 'esm',
  define: { __SDK_VERSION__: '"0"' },
})
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    cf: false,
    workers: [
      {
        name: 'tape',
        modules: [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0].text }],
        modulesRoot: '/',
        compatibilityDate: '2026-08-04',
        bindings: { REPLAYSTACK_API_KEY: 'bench' },
        kvNamespaces: ['KV'],
      },
    ],
  }),
)
const median = list => list.toSorted((one, other) => one - other)[Math.floor(list.length / 2)]

/** Microseconds so far. */
function measure(workerd) {
  if (!workerd) return performance.now() * 1000
  const threads = readdirSync(`/proc/${workerd}/task`).map(thread =>
    readFileSync(`/proc/${workerd}/task/${thread}/schedstat`, 'utf8'),
  )
  return threads.reduce((sum, text) => sum + Number(text.split(' ', 1)[0]) / 1000, 0)
}

try {
  await miniflare.dispatchFetch('http://w/put')
  const workerd =
    existsSync('/proc/self/schedstat') &&
    execFileSync('pgrep', ['-P', process.pid, 'workerd'], { encoding: 'utf8' }).trim()
  const times = { bare: [], recorded: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of round % 2 ? ['bare', 'recorded'] : ['recorded', 'bare']) {
      const before = measure(workerd)
      await (await miniflare.dispatchFetch(`http://w/${name}`)).text()
      times[name].push((measure(workerd) - before) / CALLS)
    }
  }
  // The first are warming up.
  const [bare, recorded] = [times.bare.slice(20), times.recorded.slice(20)]
  // Of neighbours: what else the machine does is alike for both.
  const more = median(recorded.map((time, round) => time - bare[round]))
  console.log(
    `a KV get: ${median(bare).toFixed(0)} µs bare, ${more.toFixed(1)} µs more recorded (${workerd ? 'CPU' : 'wall'})`,
  )
  console.log(`ratio: ${(1 + more / median(bare)).toFixed(3)}`)
} finally {
  await miniflare.dispose()
}
