/**
 * Where the time goes: CPU of workerd a request, at 16 connections, as recording goes further and further. Short turns in
 * many rounds, for whatever else the machine does costs more than some of the parts.
 */
import { settingsFor, YARDSTICKS } from '../harness/catalogue.mjs'
import { cpuSecondsOf, serveOnWorkers } from '../harness/serve.mjs'
import { median, percentile, show, table } from '../harness/statistics.mjs'
import { untilQuiet } from '../harness/verify.mjs'
import { drive } from '../harness/wrk.mjs'

const CONNECTIONS = 16

const ours = (part, title) => ({ part, title, yardstick: { name: 'parts', wire: 'replaystack' } })
const other = name => {
  const yardstick = YARDSTICKS.find(one => one.name === name)
  return { part: name, title: yardstick.title, yardstick }
}

const STEPS = [
  other('bare'),
  ours('sampled-out', 'ReplayStack: a scope, and nothing recorded'),
  ours('event', '+ an event of method, URL, status and time: masked, written, handed to an instant transport'),
  ours('headers', '+ both maps of headers'),
  ours('breadcrumbs', '+ two breadcrumbs'),
  ours('bodies', '+ both bodies'),
  ours('sent', '+ `fetch`: all of it'),
  ours('by-hand', 'hand-written: the event as JSON, not sent'),
  other('hand-written'),
]

async function takeTurn({ served: { url, pid } }, { ingest }) {
  const before = await cpuSecondsOf(pid)
  const { answered } = await drive({ url, connections: CONNECTIONS, seconds: 1 })
  await untilQuiet(ingest, 60)
  return (((await cpuSecondsOf(pid)) - before) * 1e6) / answered
}

export async function measureParts(context) {
  const { quick, ingestUrl, progress } = context
  const rounds = quick ? 2 : 15
  const running = []
  try {
    for (const step of STEPS) {
      const settings = { ...settingsFor(step.yardstick, ingestUrl), PART: step.part }
      running.push({ ...step, served: await serveOnWorkers(step.yardstick, settings), turns: [] })
    }
    // The first rounds are for the compiler.
    for (let round = -2; round < rounds; round++) {
      progress(`parts: round ${round + 1} of ${rounds}`)
      const by = (round + 2) % running.length
      for (const app of [...running.slice(by), ...running.slice(0, by)]) {
        const microseconds = await takeTurn(app, context)
        if (round >= 0) app.turns[round] = microseconds
      }
    }
  } finally {
    await Promise.all(running.map(({ served }) => served.stop()))
  }
  const [bare] = running
  /** Median and quartiles: now and then something else takes the machine for a whole turn. */
  const overBare = ({ turns }) => {
    const over = turns.map((turn, round) => turn - bare.turns[round]).sort((one, other) => one - other)
    const [low, middle, high] = [0.25, 0.5, 0.75].map(part => show(percentile(over, part), 0))
    return `${middle} (${low}–${high})`
  }
  const rows = running.map(app => [app.title, show(median(app.turns), 0), app === bare ? '–' : overBare(app)])
  const head = ['workerd, 16 connections', 'CPU µs a request', 'over bare in the same round (quartiles)']
  const note = `${rounds} rounds of 1 s each, interleaved. Nine processes take turns, so that each finds the machine's caches cold.`
  return { markdown: [table(head, rows), note].join('\n\n') }
}
