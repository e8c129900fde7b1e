/**
 * Whether an application stays as it is while the ingest API comes and goes: `node bench/soak.mjs [--minutes N]`, 2 by
 * default, half of them on workerd and half on Node. The same requests go to the application without the SDK, in turn:
 * what that one does too is the runtime's own. Needs `dist/`: run `npm run build` first.
 */
import { readdir, readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { YARDSTICKS } from './harness/catalogue.mjs'
import { startHelper } from './harness/helper.mjs'
import { serveOnNode, serveOnWorkers } from './harness/serve.mjs'
import { median, show, table } from './harness/statistics.mjs'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '2' } } })
const SECONDS = Number(values.minutes) * 60
if (!(SECONDS > 0)) throw new Error('--minutes must be more than 0.')

/** Requests of one turn, as fast as they are answered. */
const TURN = { count: 400, connections: 4 }
const PAUSE_MS = 500

/** A fault lasts so long, of every cycle: the SDK leaves a dead API alone for 30 seconds. */
const CYCLE_SECONDS = 45
const FAULT_SECONDS = 10
const FAULTS = ['hang', 'refuse', 'reset', 'trickle']

/**
 * What counts as flat: megabytes more than without the SDK, sockets and files more than at the beginning. The SDK has 128
 * deliveries under way at most, and a server keeps the connections that they took.
 */
const FLAT_MB = 32
const FLAT_FILES = 128 + 20

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

async function look({ pid, heap }) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const files = await readdir(`/proc/${pid}/fd`)
  return {
    rss: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024,
    files: files.length,
    heap: heap ? await heap() : Number.NaN,
  }
}

function wayAt(seconds) {
  const within = seconds % CYCLE_SECONDS
  const sick = within >= CYCLE_SECONDS / 3 && within < CYCLE_SECONDS / 3 + FAULT_SECONDS
  return sick ? FAULTS[Math.floor(seconds / CYCLE_SECONDS) % FAULTS.length] : 'well'
}

const columns = [
  's',
  'ingest',
  'RSS',
  'bare',
  'heap',
  'bare',
  'files',
  'bare',
  'sockets at ingest',
  'arrived',
  'latency of bare',
]

async function soak(runtime, serve, seconds) {
  const [ingest, load] = await Promise.all([
    startHelper(new URL('harness/switchable-ingest.mjs', import.meta.url)),
    startHelper(new URL('harness/load.mjs', import.meta.url)),
  ])
  const settings = {
    REPLAYSTACK_API_KEY: 'rs_test_bench',
    REPLAYSTACK_ENDPOINT: await ingest.ask('url'),
    REPLAYSTACK_TIMEOUT_MS: '1000',
  }
  const start = name =>
    serve(
      YARDSTICKS.find(one => one.name === name),
      settings,
    )
  const [bare, recorded] = [await start('bare'), await start('replaystack')]
  const rows = []
  const samples = []
  let asked = 0
  let arrived = 0
  const started = performance.now()
  const elapsed = () => (performance.now() - started) / 1000
  let shown = -Infinity
  while (elapsed() < seconds) {
    const way = wayAt(elapsed())
    await ingest.ask('become', way)
    const plain = await load.ask('send', { url: bare.url, ...TURN })
    const turn = await load.ask('send', { url: recorded.url, ...TURN })
    if (plain.failed + turn.failed > 0) throw new Error(`${runtime}: ${plain.failure ?? turn.failure}`)
    asked += turn.answered
    const { open, most, taken } = await ingest.ask('counts')
    const share = (taken - arrived) / turn.answered
    arrived = taken
    const sample = { own: await look(recorded), bare: await look(bare), ratio: turn.p50 / plain.p50, most }
    samples.push(sample)
    if (elapsed() - shown >= seconds / 12) {
      shown = elapsed()
      const { own, bare: other } = sample
      const cells = [own.rss, other.rss, own.heap, other.heap].map(value => show(value, 0))
      const sockets = `${open} (${most} at most)`
      rows.push([
        shown.toFixed(0),
        way,
        ...cells,
        own.files,
        other.files,
        sockets,
        `${show(share * 100, 0)}%`,
        show(sample.ratio, 2),
      ])
      process.stderr.write(`${runtime} ${shown.toFixed(0)} s: ${asked} asked, ${taken} arrived\n`)
    }
    await pause(PAUSE_MS)
  }
  await ingest.ask('become', 'well')
  const { taken, requests } = await ingest.ask('counts')
  await Promise.all([bare, recorded, ingest, load].map(one => one.stop()))
  const [own, other] = ['own', 'bare'].map(who => growthOf(samples.map(sample => sample[who])))
  const most = Math.max(...samples.map(sample => sample.most))
  const flat = own.rss - Math.max(0, other.rss) < FLAT_MB && own.files < FLAT_FILES && !(own.heap > FLAT_MB)
  return {
    flat,
    text: `## ${runtime}\n\n${table(columns, rows)}\n
${asked} requests, ${requests} POSTs, ${taken} events arrived; ${most} sockets at the ingest at most.
From the second quarter to the last, and for files from half to half: RSS ${signed(own.rss)} MB (without the SDK ${signed(other.rss)}), heap ${signed(own.heap)} MB (${signed(other.heap)}), files ${signed(own.files)} (${signed(other.files)}); latency ${show(median(samples.map(one => one.ratio)), 2)} of bare in the median. **${flat ? 'Flat.' : 'Not flat.'}**`,
  }
}

const signed = value => (Number.isFinite(value) ? `${value < 0 ? '' : '+'}${value.toFixed(0)}` : '–')

/**
 * What was added between the second quarter and the last: before that a runtime fills what it keeps anyway. Of files,
 * which come and go with the ingest, the most in either half.
 */
function growthOf(looks) {
  const quarter = Math.floor(looks.length / 4)
  const growth = (field, early, late, of) => of(late.map(one => one[field])) - of(early.map(one => one[field]))
  const quarters = [looks.slice(quarter, 2 * quarter), looks.slice(-quarter)]
  const halves = [looks.slice(0, 2 * quarter), looks.slice(2 * quarter)]
  return {
    rss: growth('rss', ...quarters, median),
    heap: growth('heap', ...quarters, median),
    files: growth('files', ...halves, all => Math.max(...all)),
  }
}

const results = []
for (const [runtime, serve] of Object.entries({ workerd: serveOnWorkers, Node: serveOnNode })) {
  results.push(await soak(runtime, serve, SECONDS / 2))
}
console.log(results.map(({ text }) => text).join('\n\n'))
process.exit(results.every(({ flat }) => flat) ? 0 : 1)
