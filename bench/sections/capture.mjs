/**
 * Section 3: one capture, handed to a transport that answers at once, beside one `JSON.stringify` of the same payload; then
 * a request and its answer through the fetch adapter, beside the same handler without.
 */

import { ReplayStackClient } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/fetch'
import { median, show, spread, table } from '../harness/statistics.mjs'

const SIZES = [100, 1_000, 10_000, 100_000, 400_000]

/** Payloads as people have them: a list of records, each with what its name says. */
const RECORDS = {
  plain: id => ({ id, sku: `item-${id}`, title: 'A samovar of copper', price: 129.9, tags: ['kitchen', 'tea'] }),
  'a masked name': id => ({
    id,
    sku: `item-${id}`,
    name: 'A samovar of copper',
    price: 129.9,
    tags: ['kitchen', 'tea'],
    owner: { email: 'ada@example.com', password: 'hunter2' },
  }),
  'a URL': id => ({ id, title: 'A samovar', price: 129.9, image: `https://cdn.shop.example/${id}.png?w=200&h=100` }),
  'quotes and line breaks': id => ({ id, title: 'A "samovar" of copper', text: 'First line\nSecond "line"\nThird' }),
  'a token': id => ({ id, title: 'A samovar', price: 129.9, header: `Bearer ${'0123456789abcdef'.repeat(2)}${id}` }),
}

/** About `bytes` of records. */
function payloadOf(bytes, record = RECORDS.plain) {
  const items = []
  for (let left = bytes - 70; left > 0; left -= JSON.stringify(items.at(-1)).length + 1)
    items.push(record(items.length))
  return { customer: { email: 'ada@example.com', password: 'hunter2' }, items }
}

const answer = { status: 200, headers: new Headers(), text: async () => '{"success":true}' }
const transport = { post: async () => answer }

/** What runs on when a run is over: events are made when their answers have left. */
const alive = []

/** Microseconds of one run, over as many as take a few milliseconds. */
async function time(run, times) {
  const start = performance.now()
  for (let n = 0; n < times; n++) await run()
  await Promise.all(alive.splice(0))
  return ((performance.now() - start) * 1000) / times
}

/** Microseconds of each of `runs` in every round, taken in turn after a few that do not count. */
async function compare(runs, times, rounds) {
  const measured = runs.map(() => [])
  for (let round = -3; round < rounds; round++) {
    for (const [which, run] of runs.entries()) {
      const microseconds = await time(run, times)
      if (round >= 0) measured[which].push(microseconds)
    }
  }
  return measured
}

/** A request with a body, answered with the same. */
function exchange(handler, text) {
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
  return async () => {
    const request = new Request('https://shop.example/orders', { method: 'POST', headers, body: text })
    const response = await handler(request, { waitUntil: promise => alive.push(promise) })
    await response.text()
  }
}

export async function measure({ quick }) {
  const rounds = quick ? 5 : 15
  const client = new ReplayStackClient({ apiKey: 'bench', transport }, {})
  const bare = async request => new Response(await request.text(), { headers: { 'content-type': 'application/json' } })
  const recorded = withReplayStack(bare, { apiKey: 'bench', transport })
  const captures = []
  const exchanges = []
  for (const bytes of SIZES) {
    const responsePayload = payloadOf(bytes)
    const text = JSON.stringify(responsePayload)
    const times = Math.max(5, Math.round((quick ? 500_000 : 2_000_000) / (bytes + 2_000)))
    const [stringify, capture] = await compare(
      [() => JSON.stringify(responsePayload), () => client.captureEvent({ endpoint: '/orders', responsePayload })],
      times,
      rounds,
    )
    captures.push([
      `${bytes} B`,
      show(median(stringify), 1),
      show(median(capture), 1),
      spread(
        capture.map((value, round) => value / stringify[round]),
        2,
      ),
      show(median(capture.map((value, round) => value - stringify[round])), 1),
    ])
    const [without, within] = await compare([exchange(bare, text), exchange(recorded, text)], times, rounds)
    exchanges.push([
      `${bytes} B in and out`,
      show(median(without), 1),
      show(median(within), 1),
      spread(
        within.map((value, round) => value - without[round]),
        1,
      ),
      show(median(within.map((value, round) => (value - without[round]) / (2 * stringify[round]))), 2),
    ])
  }
  const kinds = []
  for (const [kind, record] of Object.entries(RECORDS)) {
    for (const bytes of SIZES.filter(size => size >= 10_000)) {
      const responsePayload = payloadOf(bytes, record)
      const times = Math.max(5, Math.round((quick ? 300_000 : 1_000_000) / bytes))
      const [stringify, capture] = await compare(
        [() => JSON.stringify(responsePayload), () => client.captureEvent({ endpoint: '/orders', responsePayload })],
        times,
        rounds,
      )
      const ratios = capture.map((value, round) => value / stringify[round])
      kinds.push([kind, `${bytes} B`, show(median(stringify), 1), show(median(capture), 1), spread(ratios, 2)])
    }
  }
  const { captured, sent } = client.stats()
  if (sent !== captured) throw new Error(`${sent} of ${captured} events were sent.`)
  const first = ['payload', 'JSON.stringify µs', 'capture µs', 'ratio', 'added µs']
  const second = ['through the fetch adapter', 'without µs', 'with µs', 'added µs', 'added, in JSON.stringify of both']
  const third = ['records with', 'payload', 'JSON.stringify µs', 'capture µs', 'ratio']
  const tables = [table(first, captures), table(third, kinds), table(second, exchanges)]
  return { markdown: `Node, ${rounds} rounds.\n\n${tables.join('\n\n')}` }
}
