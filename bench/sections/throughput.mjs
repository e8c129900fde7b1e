/**
 * Sections 1 and 2: what recording every request costs an application. All applications run side by side and take turns,
 * each round in another order, so that whatever else the machine does meets them all.
 */
import { settingsFor, unfitFor } from '../harness/catalogue.mjs'
import { cpuSecondsOf, serveOnNode, serveOnWorkers } from '../harness/serve.mjs'
import { reasonOf, untilDelivered, untilQuiet, verify } from '../harness/verify.mjs'
import { drive } from '../harness/wrk.mjs'
import { CONNECTIONS, readRounds, tables } from './throughput-tables.mjs'

/** Starts and verifies every application. One that cannot be measured is left out, and says why. */
async function gather(runtime, { ingest, ingestUrl, load, yardsticks, progress }) {
  const serve = runtime === 'node' ? serveOnNode : serveOnWorkers
  const running = []
  const left = []
  let expected
  for (const yardstick of yardsticks) {
    progress(`${runtime}: ${yardstick.name}`)
    const unfit = unfitFor(yardstick, runtime)
    let served
    try {
      if (unfit) throw new Error(unfit)
      served = await serve(yardstick, settingsFor(yardstick, ingestUrl))
      const { text, sample, answered } = await verify(yardstick, served, { ingest, load, expected })
      expected ??= text
      running.push({ yardstick, served, sample, answered, failed: 0, rounds: [] })
    } catch (thrown) {
      await served?.stop()
      left.push({ yardstick, reason: reasonOf(thrown) })
    }
  }
  return { running, left }
}

/** One turn of one application. Its CPU time is that of its process, until the last event has left it. */
async function takeTurn(app, connections, { ingest, turnSeconds: seconds }) {
  const { url, pid } = app.served
  const cpuBefore = await cpuSecondsOf(pid)
  const turn = await drive({ url, connections, seconds })
  await untilQuiet(ingest)
  const cpuSeconds = (await cpuSecondsOf(pid)) - cpuBefore
  app.answered += turn.answered
  app.failed += turn.failed
  return { ...turn, rate: turn.answered / turn.seconds, cpuMicroseconds: (cpuSeconds * 1e6) / turn.answered }
}

const rotated = (list, by) => [...list.slice(by % list.length), ...list.slice(0, by % list.length)]

async function takeRounds(running, left, context) {
  const { rounds, progress } = context
  for (let round = -1; round < rounds; round++) {
    for (const connections of round < 0 ? [16] : CONNECTIONS) {
      progress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}, ${connections} connections`)
      for (const app of rotated(running, round + 1)) {
        if (app.broken) continue
        try {
          const turn = await takeTurn(app, connections, context)
          if (round >= 0) app.rounds.push({ round, connections, ...turn })
        } catch (thrown) {
          app.broken = true
          left.push({ yardstick: app.yardstick, reason: `it broke under load: ${reasonOf(thrown)}` })
        }
      }
    }
  }
}

export async function measureThroughput(runtime, context) {
  const { running, left } = await gather(runtime, context)
  try {
    await takeRounds(running, left, context)
    context.progress('waiting for the last events')
    const counts = await untilDelivered(context.ingest, running)
    for (const app of running) {
      const { posts = 0, events = 0, bytes = 0 } = counts[app.yardstick.name] ?? {}
      app.total = { posts, events, bytes }
    }
  } finally {
    await Promise.all(running.map(app => app.served.stop()))
  }
  const own = left.find(({ yardstick }) => !yardstick.package)
  if (own) throw new Error(`${own.yardstick.name} could not be measured: ${own.reason}`)
  const results = readRounds(running)
  return { results, left, markdown: tables(results, left) }
}
