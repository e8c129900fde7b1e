/**
 * A team's inbox in real workerd, on this machine: what an event costs in rows written, by which index or trigger; events a second
 * taken in and stored, and the response's 99th percentile, beside a bare Worker in the same rounds; list, search and issues with
 * 100,000 events in the object, beside one event by its id. `node bench/team-inbox.mjs [EVENTS]`, on a Node that runs TypeScript
 * (22.18 and newer); minutes. What it counts is the same everywhere; what it times is this machine's, but for the ratios.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { definitions } from '../build/entries.ts'
import { definePageAssets } from '../build/page-assets.ts'
import { eventOf } from './team-inbox/event-of.mjs'

const EVENTS = Number(process.argv[2] ?? 100_000)
const BATCH = 100
const ROUNDS = 15
const LOAD_EVENTS = 3_000
const CONNECTIONS = 16
const COUNTED = 2_000
const ADMIN_TOKEN = 'an-admin-token-of-a-bench-0123456789'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'replaystack-bench-'))

async function bundle(entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    define: { ...definitions, ...definePageAssets() },
  })
  return {
    modules: [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0].text }],
    modulesRoot: '/',
    compatibilityDate: '2026-08-04',
  }
}

const queue = 'replaystack-events'
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    cf: false,
    resourcePersistencePath: folder,
    workers: [
      {
        name: 'inbox',
        ...(await bundle('src/inbox/worker/index.ts')),
        bindings: { ADMIN_TOKEN },
        durableObjects: {
          PROJECTS: { className: 'InboxProject', useSQLite: true },
          DIRECTORY: { className: 'InboxDirectory', useSQLite: true },
        },
        r2Buckets: ['EVENT_BUCKET'],
        queueProducers: { EVENT_QUEUE: { queueName: queue } },
        queueConsumers: { [queue]: { maxBatchSize: BATCH, maxBatchTimeout: 1, maxRetries: 10 } },
      },
      {
        name: 'parts',
        ...(await bundle('bench/team-inbox/parts.ts')),
        routes: ['parts.test/*'],
        durableObjects: { PARTS: { className: 'Parts', useSQLite: true } },
      },
    ],
  }),
)

await miniflare.ready
const median = values => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]
const quantile = (values, part) => values.toSorted((one, other) => one - other)[Math.floor(values.length * part)]
const parts = async (call, body = {}) => {
  const init = { method: 'POST', body: JSON.stringify(body) }
  const response = await miniflare.dispatchFetch(`http://parts.test/${call}`, init)
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}
const row = cells => console.log(cells.map((cell, n) => String(cell)[n ? 'padStart' : 'padEnd'](n ? 14 : 52)).join(''))

async function countRows() {
  const count = async (object, drop) => (await parts('count', { object, drop, events: COUNTED, batch: BATCH })).rows
  const whole = await count('whole')
  console.log(`\nRows written for one event (${COUNTED} events in batches of ${BATCH}, one in five failed)\n`)
  row(['all', (whole.total / COUNTED).toFixed(2)])
  for (const [statement, rows] of Object.entries(whole.byStatement)) {
    if (rows >= COUNTED / 100) row([`  ${statement}`, (rows / COUNTED).toFixed(2)])
  }
  console.log('\nOf these, what each index and trigger takes (measured again without it)\n')
  for (const [index, [name, drop]] of (await parts('mechanisms', { object: 'whole' })).entries()) {
    const without = await count(`without-${index}`, drop)
    row([`  ${name}`, ((whole.total - without.total) / COUNTED).toFixed(2)])
  }
  const { rows } = await parts('prune', { object: 'whole', events: COUNTED, batch: BATCH })
  row(['an event that is pruned', (rows / COUNTED).toFixed(2)])
}

/** The CPU time of workerd until now, in milliseconds; `undefined` where the system does not tell. */
function readCpuMs() {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
    const stats = children
      .map(pid => readFileSync(`/proc/${pid}/stat`, 'utf8'))
      .filter(stat => stat.includes('(workerd)'))
    // The 14th and 15th field, in hundredths of a second; the second one, in brackets, may have spaces.
    const fields = stats.flatMap(stat =>
      stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13),
    )
    return fields.length > 0 ? fields.reduce((sum, field) => sum + Number(field) * 10, 0) : undefined
  } catch {
    return undefined
  }
}

/** Posts bodies, so many at a time, and resolves to each response's milliseconds. */
async function load(url, headers, bodies) {
  const times = []
  const left = bodies.values()
  const send = async () => {
    for (const body of left) {
      const started = performance.now()
      const response = await miniflare.dispatchFetch(url, { method: 'POST', headers, body })
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`${url}: ${response.status}`)
      times.push(performance.now() - started)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, send))
  return { times, seconds: (performance.now() - started) / 1000 }
}

const ask = async (path, init = {}) => {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const response = await miniflare.dispatchFetch(`http://inbox.test${path}`, { ...init, headers })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

async function measureIngest() {
  const { data } = await ask('/api/v1/admin/projects', { method: 'POST', body: JSON.stringify({ project: 'bench' }) })
  const headers = { 'content-type': 'application/json', 'x-replaystack-api-key': data.key }
  const bodiesOf = (size, count) =>
    Array.from({ length: count / size }, (_, at) => {
      const events = Array.from({ length: size }, (_, index) => eventOf(at * size + index).event)
      return JSON.stringify(size === 1 ? events[0] : { events })
    })
  console.log(
    `\nTaken in and stored, ${LOAD_EVENTS} events, ${CONNECTIONS} connections, beside a Worker that reads the body\n`,
  )
  row(['', 'events/s', 'stored/s', 'p50 ms', 'p99 ms', 'p50 of bare', 'CPU ms/event'])
  await load('http://inbox.test/api/v1/ingest/events', headers, bodiesOf(1, 200))
  await storedOf(200)
  let before = 200
  for (const size of [1, 20]) {
    const bodies = bodiesOf(size, LOAD_EVENTS)
    const cpu = readCpuMs()
    const path = size === 1 ? 'events' : 'bulk-events'
    const started = performance.now()
    const taken = await load(`http://inbox.test/api/v1/ingest/${path}`, headers, bodies)
    before += LOAD_EVENTS
    await storedOf(before)
    const seconds = (performance.now() - started) / 1000
    const cpuMs = cpu === undefined ? undefined : (readCpuMs() - cpu) / LOAD_EVENTS
    const bare = await load('http://parts.test/read', headers, bodies)
    row([
      size === 1 ? 'one event a POST' : `${size} events a POST`,
      Math.round(LOAD_EVENTS / taken.seconds),
      Math.round(LOAD_EVENTS / seconds),
      median(taken.times).toFixed(1),
      quantile(taken.times, 0.99).toFixed(1),
      `${(median(taken.times) / median(bare.times)).toFixed(2)} ×`,
      cpuMs === undefined ? '–' : cpuMs.toFixed(2),
    ])
  }
}

/** Waits until the project has so many events. */
async function storedOf(count) {
  for (;;) {
    const { routes } = await ask('/projects/bench/api/v1/routes')
    if (routes.reduce((sum, route) => sum + route.count, 0) >= count) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function measureQueries() {
  const { id } = await parts('fill', { object: 'full', events: EVENTS, batch: BATCH })
  const { bytes } = await parts('size', { object: 'full' })
  const names = await parts('queries', { object: 'full' })
  const times = Object.fromEntries(names.map(name => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      const started = performance.now()
      await parts('query', { object: 'full', name, id })
      times[name].push(performance.now() - started)
    }
  }
  const [reference] = names
  console.log(
    `\n${EVENTS} events in one object, ${Math.round(bytes / 1e6)} MB of SQLite: medians of ${ROUNDS} rounds\n`,
  )
  row(['', 'ms', 'of one event'])
  for (const name of names) {
    row([name, median(times[name]).toFixed(1), `${(median(times[name]) / median(times[reference])).toFixed(1)} ×`])
  }
}

try {
  await countRows()
  await measureIngest()
  await measureQueries()
} finally {
  await miniflare.dispose()
  rmSync(folder, { recursive: true, force: true })
}
