/** Section 4: what an event costs that is not captured, and whether that grows with the request. */

import { ReplayStackClient } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/fetch'
import { median, show, spread, table } from '../harness/statistics.mjs'

/** Runs between two looks at the heap. */
const STRETCH = 500

/** Why an event is skipped, and the options that make it so. The path is always `/health/live`. */
const REASONS = [
  ['disabled', { enabled: false }],
  ['ignored path', { ignoredPaths: ['/health'] }],
  ['sampled out', { sampleRate: 0 }],
]

/** Microseconds of one run. */
function time(run, times) {
  const started = performance.now()
  for (let n = 0; n < times; n++) run()
  return ((performance.now() - started) * 1000) / times
}

/** Bytes that one run allocates: the median of many short stretches, in most of which nothing is collected. */
function allocated(run, times) {
  const stretches = []
  for (let n = 0; n < times; n += STRETCH) {
    const before = process.memoryUsage().heapUsed
    for (let m = 0; m < STRETCH; m++) run()
    stretches.push((process.memoryUsage().heapUsed - before) / STRETCH)
  }
  return median(stretches)
}

const textOf = bytes => 'a'.repeat(bytes)

/** A capture by hand, with a payload of some size. */
function capture(options, bytes) {
  const client = new ReplayStackClient({ apiKey: 'bench', ...options }, {})
  const event = { endpoint: '/health/live', responsePayload: { text: textOf(bytes) } }
  return () => void client.captureEvent(event)
}

/** A request through the fetch adapter: a new one each time, as light as one can be, so that only the adapter counts. */
function request(handler, bytes) {
  const headers = new Headers({ 'content-type': 'application/json', 'x-filler': textOf(bytes) })
  return () => handler({ method: 'POST', url: 'https://shop.example/health/live', headers, body: null })
}

export async function measure({ quick }) {
  const rounds = quick ? 3 : 9
  const times = quick ? 20_000 : 100_000
  const response = new Response('ok')
  const handler = () => response
  const cases = REASONS.flatMap(([reason, options]) => [
    ...[100, 100_000].map(bytes => ({
      title: `\`captureEvent\`, ${reason}, ${bytes} B`,
      run: capture(options, bytes),
      reference: () => {},
    })),
    ...[100, 10_000].map(bytes => ({
      title: `fetch adapter, ${reason}, ${bytes} B of headers`,
      run: request(withReplayStack(handler, { apiKey: 'bench', ...options }), bytes),
      reference: request(handler, bytes),
    })),
  ])
  const rows = []
  for (const { title, run, reference } of cases) {
    const microseconds = []
    for (let round = -2; round < rounds; round++) {
      const without = time(reference, times)
      const within = time(run, times)
      if (round >= 0) microseconds.push(within - without)
    }
    rows.push([title, spread(microseconds, 3), show(allocated(run, times) - allocated(reference, times), 0)])
  }
  const note = `Node, ${rounds} rounds of ${times}; what the same call costs without this package is taken off.`
  return { markdown: `${note}\n\n${table(['skipped', 'µs', 'bytes allocated'], rows)}` }
}
