/**
 * What one capture costs, as a ratio to one `JSON.stringify` of the same payload: medians of interleaved rounds over the
 * built package, handed to a transport that answers at once. `npm run bench`.
 */
import { ReplayStackClient } from '../dist/index.js'

const ROUNDS = 15

/** About `bytes` of an order, as an API would answer it. */
function payloadOf(bytes) {
  const item = n => ({ id: n, sku: `item-${n}`, title: 'A samovar of copper', price: 129.9, tags: ['kitchen', 'tea'] })
  const items = []
  while (JSON.stringify(items).length < bytes) items.push(item(items.length))
  return { customer: { email: 'ada@example.com', password: 'hunter2' }, items }
}

const answer = { status: 200, headers: new Headers(), text: async () => '{"success":true}' }
const client = new ReplayStackClient({ apiKey: 'bench', transport: { post: async () => answer } }, {})

/** Microseconds of one run, over as many as take a few milliseconds. */
async function time(run, times) {
  const start = performance.now()
  for (let n = 0; n < times; n++) await run()
  return ((performance.now() - start) * 1000) / times
}

const median = values => values.sort((one, other) => one - other)[Math.floor(values.length / 2)]
const row = cells => console.log(cells.map((cell, n) => String(cell)[n ? 'padStart' : 'padEnd'](n ? 16 : 10)).join(''))

console.log(`Node ${process.versions.node}, ${ROUNDS} interleaved rounds, medians\n`)
row(['payload', 'stringify µs', 'capture µs', 'ratio', 'spread'])
for (const bytes of [100, 1_000, 10_000, 100_000, 400_000]) {
  const responsePayload = payloadOf(bytes)
  const times = Math.max(5, Math.round(2_000_000 / (bytes + 2_000)))
  const rounds = []
  for (let round = -3; round < ROUNDS; round++) {
    const reference = await time(() => JSON.stringify(responsePayload), times)
    const capture = await time(() => client.captureEvent({ endpoint: '/orders', responsePayload }), times)
    if (round >= 0) rounds.push({ reference, capture, ratio: capture / reference })
  }
  const ratios = rounds.map(one => one.ratio)
  row([
    `${bytes} B`,
    median(rounds.map(one => one.reference)).toFixed(1),
    median(rounds.map(one => one.capture)).toFixed(1),
    median(ratios).toFixed(2),
    `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
  ])
}
