/**
 * What a recorded call costs: a `get` of a local KV with `recordCalls` against the same one without, in one Worker and by turns.
 * `node bench/tape.mjs`, after `npm ci`. Prints the ratio of the medians; 1.05 is the aim.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'

const ROUNDS = Number(process.argv[2] ?? 60)
/** As many as a request may make, and fewer than fill a tape. */
const CALLS = 100

const root = fileURLToPath(new URL('..', import.meta.url))
const source = `
import { withReplayStack } from './src/adapters/cloudflare/index.ts'
import { tapeRecorder } from './src/tape/index.ts'

async function time(kv) {
  const started = performance.now()
  for (let call = 0; call < ${CALLS}; call++) await kv.get('order:42', 'json')
  return performance.now() - started
}
let bareEnv
const recorded = withReplayStack(
  {
    async fetch(request, env) {
      const first = request.url.endsWith('/bare')
      const times = {}
      for (const name of first ? ['bare', 'recorded'] : ['recorded', 'bare']) {
        times[name] = await time(name === 'bare' ? bareEnv.KV : env.KV)
      }
      return Response.json(times)
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
const median = list => list.sort((one, other) => one - other)[Math.floor(list.length / 2)]
try {
  await miniflare.dispatchFetch('http://w/put')
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    times.push(await (await miniflare.dispatchFetch(`http://w/${round % 2 ? 'bare' : 'recorded'}`)).json())
  }
  // The first are warming up.
  const [bare, recorded] = ['bare', 'recorded'].map(name => median(times.slice(10).map(time => time[name])))
  console.log(
    `a KV get: ${((bare * 1000) / CALLS).toFixed(0)} µs bare, ${((recorded * 1000) / CALLS).toFixed(0)} µs recorded`,
  )
  console.log(`ratio: ${(recorded / bare).toFixed(3)}`)
} finally {
  await miniflare.dispose()
}
