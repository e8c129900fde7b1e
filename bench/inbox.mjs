/**
 * What the inbox's queries cost at 100,000 events, as a ratio to reading one event by its primary key in the same round:
 * medians of interleaved rounds. `node bench/inbox.mjs [EVENTS]`, on a Node that runs TypeScript (22.18 and newer).
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '../src/inbox/local/sqlite-store.ts'
import { parseQuery } from '../src/inbox/query/parse-query.ts'

const EVENTS = Number(process.argv[2] ?? 100_000)
const ROUNDS = 15
const BATCH = 100

const STATUSES = [
  'success',
  'success',
  'success',
  'success',
  'success',
  'success',
  'success',
  'warning',
  'failed',
  'failed',
]
const SERVICES = ['shop', 'payments', 'reports']
const START = Date.UTC(2026, 0, 1)

let clock = START

/** A query of every kind of term: one that many events meet, and one that none does, which is looked for everywhere. */
const QUERIES = [
  'orders',
  'item nothing',
  '"cannot read properties"',
  'it',
  '-orders',
  'orders -cannot',
  'nothing OR status:599',
  'orders is:pending',
  'status:500',
  'status:599',
  'is:failed',
  'is:pinned',
  'is:replay',
  'is:open',
  'is:ignored',
  'type:webhook',
  'method:PUT',
  'route:/nowhere',
  'endpoint:/orders/97*',
  'endpoint:*/nowhere',
  'service:nobody',
  'env:nowhere',
  'version:9',
  'commit:9*',
  'error:RangeError',
  'trace:nothing',
  'issue:nothing',
  'duration:>1000',
  'size:>1mb',
  'since:2030-01-01',
  'until:2020-01-01',
  'has:calls',
  'has:note',
  '-is:success -is:failed -is:warning',
]

/** About 2 KB of an event, every one of its own. */
function eventOf(n) {
  const status = STATUSES[n % STATUSES.length]
  const failed = status === 'failed'
  const event = {
    traceId: randomUUID(),
    eventType: n % 50 === 0 ? 'queue' : 'api',
    method: 'POST',
    endpoint: `/orders/${n % 977}/items`,
    status,
    statusCode: failed ? 500 : 200,
    executionTimeMs: n % 300,
    serviceName: SERVICES[n % SERVICES.length],
    environment: 'bench',
    requestPayload: { note: 'x'.repeat(1500) },
    ...(failed
      ? { errorName: 'TypeError', errorMessage: `Cannot read properties of undefined (reading 'item-${n}')` }
      : {}),
  }
  return { event, json: JSON.stringify(event), idempotencyKey: randomUUID() }
}

const median = values => values.sort((one, other) => one - other)[Math.floor(values.length / 2)]

function time(run) {
  const start = performance.now()
  run()
  return performance.now() - start
}

const row = cells => console.log(cells.map((cell, n) => String(cell)[n ? 'padStart' : 'padEnd'](n ? 12 : 44)).join(''))

const folder = mkdtempSync(join(tmpdir(), 'replaystack-bench-'))
try {
  const file = join(folder, 'events.db')
  const store = openSqliteStore({ file, maxEvents: EVENTS, now: () => clock })
  const filling = time(() => {
    for (let n = 0; n < EVENTS; n += BATCH) {
      clock += 60_000
      store.insertMany(Array.from({ length: BATCH }, (_, index) => eventOf(n + index)))
    }
  })
  const { id, traceId } = store.list({ limit: 1 }).events[0]
  const { first, last } = store.range()
  const volume = { from: first, to: last, buckets: 60 }
  const database = new DatabaseSync(file, { readOnly: true })
  const byKey = database.prepare('SELECT * FROM events WHERE sequence = ?')
  const scan = database.prepare(
    `SELECT count(*) FROM events JOIN event_json USING (sequence) WHERE json LIKE '%nothing%'`,
  )

  const queries = {
    list: () => store.list(),
    'list, oldest page': () => store.list({ before: 60 }),
    'status=failed': () => store.list({ status: 'failed' }),
    'type=queue': () => store.list({ type: 'queue' }),
    'service=shop': () => store.list({ service: 'shop' }),
    'status=success type=cron, none': () => store.list({ status: 'success', type: 'cron' }),
    'status=failed service=shop type=webhook, none': () =>
      store.list({ status: 'failed', service: 'shop', type: 'webhook' }),
    'q=orders, all': () => store.list({ q: 'orders' }),
    'q=item-8, some': () => store.list({ q: 'item-8' }),
    'q=nothing, none': () => store.list({ q: 'nothing' }),
    'q=xy, none': () => store.list({ q: 'xy' }),
    'q=nothing status=failed, none': () => store.list({ q: 'nothing', status: 'failed' }),
    volume: () => store.volume({}, volume),
    'volume service=shop': () => store.volume({ service: 'shop' }, volume),
    'volume q=orders, all': () => store.volume({ q: 'orders' }, volume),
    'volume q=nothing, none': () => store.volume({ q: 'nothing' }, volume),
    trace: () => store.listByTrace(traceId, 50),
    'service names': () => store.serviceNames(),
    range: () => store.range(),
    'one event, whole': () => store.get(id),
    'insert, the oldest goes': () => store.insert(eventOf(EVENTS)),
    'reference: LIKE over every event’s JSON': () => scan.get(),
  }
  for (const text of QUERIES) queries[`query ${text}`] = () => store.list({ query: parseQuery(text) })
  for (const text of ['orders', 'is:failed', 'duration:>1000']) {
    queries[`volume ${text}`] = () => store.volume({ query: parseQuery(text) }, volume)
    queries[`routes ${text}`] = () => store.routes({ query: parseQuery(text) })
    queries[`issues ${text}`] = () => store.issues({ query: parseQuery(text) })
  }
  queries.routes = () => store.routes()
  queries.issues = () => store.issues()
  const names = Object.keys(queries)
  const rounds = []
  for (let round = -2; round < ROUNDS; round++) {
    const reference =
      time(() => {
        for (let n = 1; n <= 100; n++) byKey.get(Math.floor((EVENTS * n) / 101))
      }) / 100
    const times = names.map(name => time(queries[name]))
    if (round >= 0) rounds.push({ reference, times })
  }

  const size = (statSync(file).size / 1024 ** 2).toFixed(0)
  console.log(`Node ${process.versions.node}, ${EVENTS} events, ${size} MiB, ${ROUNDS} interleaved rounds, medians`)
  console.log(
    `1 = one row read by its primary key (${(median(rounds.map(one => one.reference)) * 1000).toFixed(1)} µs)`,
  )
  console.log(`Filling it: ${((filling * 1000) / EVENTS).toFixed(0)} µs an event, in batches of ${BATCH}\n`)
  row(['query', 'ms', 'ratio'])
  for (const [index, name] of names.entries()) {
    const milliseconds = median(rounds.map(one => one.times[index]))
    row([name, milliseconds.toFixed(2), median(rounds.map(one => one.times[index] / one.reference)).toFixed(0)])
  }
  database.close()
  store.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
