/**
 * Which of our files and functions a warm Hono POST of 1 KB goes through, on Node, from its arrival to the POST of its
 * event: by V8's precise coverage, straight from `src/`. `--list` prints their names. Needs Node 24, which reads TypeScript.
 *
 *   node bench/street.mjs [--list]
 */
import { Session } from 'node:inspector'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const sources = fileURLToPath(new URL('../src/', import.meta.url))

/** Requests before those that are counted: by then every table is filled and nothing is set up any more. */
const WARM_UP = 20

/** Requests that are counted. On a busy machine what one has still to do, or a timer, falls into another: the least counts. */
const COUNTED = 10

const body = JSON.stringify({
  id: 7,
  items: Array.from({ length: 12 }, (_, id) => ({
    id,
    sku: `sku-${id}`,
    name: 'A thing of some kind',
    price: 9.95,
    tags: ['new'],
  })),
})

/** Functions of ours that ran since the last look, by file. What a module does once, when it is loaded, is none. */
function readCoverage(session) {
  const ran = new Map()
  session.post('Profiler.takePreciseCoverage', (error, coverage) => {
    if (error) throw error
    for (const { url, functions } of coverage.result) {
      if (!url.startsWith('file:') || !fileURLToPath(url).startsWith(sources)) continue
      const names = functions.filter(
        ({ functionName, ranges: [whole] }) => whole.count > 0 && (functionName !== '' || whole.startOffset > 0),
      )
      if (names.length > 0)
        ran.set(
          fileURLToPath(url).slice(sources.length),
          names.map(({ functionName }) => functionName || '(anonymous)'),
        )
    }
  })
  return ran
}

const countFunctions = ran => [...ran.values()].reduce((sum, names) => sum + names.length, 0)

/** @returns the files that one warm request goes through, and the functions that run in each */
export async function measureStreet() {
  globalThis.__SDK_VERSION__ = '0.0.0'
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  const [{ serve }, { Hono }, { replaystack }] = await Promise.all([
    import('@hono/node-server'),
    import('hono'),
    import('../src/adapters/hono.ts'),
  ])
  let posted
  const transport = {
    post: async () => {
      posted()
      return { status: 200, headers: new Headers(), text: async () => '{"success":true}' }
    },
  }
  const app = new Hono()
  app.use(
    replaystack({
      apiKey: 'rs_live_bench_key',
      transport,
      onError: error => {
        throw error
      },
    }),
  )
  app.post('/orders/:id', async c => c.json({ received: (await c.req.json()).items.length }))
  const server = await new Promise(resolve => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started))
  })
  const url = `http://127.0.0.1:${server.address().port}/orders/7`
  const request = async () => {
    const arrived = new Promise(resolve => {
      posted = () => resolve(readCoverage(session))
    })
    // What the request before has still to do is its own.
    await setTimeout(10)
    readCoverage(session)
    const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    await response.text()
    return arrived
  }
  for (let count = 0; count < WARM_UP; count++) await request()
  let least = await request()
  for (let count = 1; count < COUNTED; count++) {
    const ran = await request()
    if (countFunctions(ran) < countFunctions(least)) least = ran
  }
  server.close()
  session.disconnect()
  return least
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { list: { type: 'boolean', default: false } } })
  const ran = await measureStreet()
  if (values.list)
    for (const [file, names] of [...ran].sort())
      console.log(`${String(names.length).padStart(4)} ${file}: ${names.join(' ')}`)
  console.log(`files: ${ran.size}\nfunctions: ${countFunctions(ran)}`)
}
