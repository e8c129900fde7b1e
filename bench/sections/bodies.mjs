/**
 * Section 5: large bodies through handlers that do not read them. A fresh workerd each time, for its peak of memory to be
 * this transfer's own; small transfers come first, so that what a new process has to compile counts as a start does.
 */
import { settingsFor, YARDSTICKS } from '../harness/catalogue.mjs'
import { peakMegabytesOf, prepareWorker } from '../harness/serve.mjs'
import { median, show, spread, table } from '../harness/statistics.mjs'

const MEGABYTE = 1024 * 1024

const SIZES = [
  { bytes: MEGABYTE, times: 40 },
  { bytes: 50 * MEGABYTE, times: 3 },
]

/** What every worker is given first. */
const WARM = { bytes: 65_536, times: 300 }

const WAYS = [
  { title: 'upload sent back', transfer: ({ bytes }) => ({ path: '/echo', bytes }) },
  { title: 'upload sent back, length unknown', transfer: ({ bytes }) => ({ path: '/echo', bytes, chunked: true }) },
  {
    title: 'download handed on',
    transfer: ({ bytes }, { ingestUrl }) => ({
      path: `/download?from=${encodeURIComponent(`${ingestUrl}/file/${bytes}`)}`,
    }),
  },
]

/** @returns the median of milliseconds, and megabytes that the peak of memory grew by */
async function takeTurn(worker, { title, transfer }, size, context) {
  const served = await worker.start()
  try {
    const send = async what => {
      const sent = await context.load.ask('transfer', { url: served.url, ...transfer(what, context) })
      if (sent.received !== what.bytes) throw new Error(`${title}: ${sent.received} of ${what.bytes} bytes came back.`)
      return sent.milliseconds
    }
    for (let n = 0; n < WARM.times; n++) await send(WARM)
    const before = await peakMegabytesOf(served.pid)
    const times = []
    for (let n = 0; n < size.times; n++) times.push(await send(size))
    return { milliseconds: median(times), growth: (await peakMegabytesOf(served.pid)) - before }
  } finally {
    await served.stop()
  }
}

export async function measureBodies(context) {
  const { rounds, ingestUrl, progress } = context
  const names = ['bare', 'replaystack']
  const workers = []
  for (const name of names) {
    const yardstick = YARDSTICKS.find(one => one.name === name)
    workers.push(await prepareWorker(name, settingsFor(yardstick, ingestUrl)))
  }
  const rows = []
  try {
    for (const way of WAYS) {
      for (const size of SIZES) {
        progress(`bodies: ${way.title}, ${size.bytes / MEGABYTE} MB`)
        const turns = [[], []]
        for (let round = 0; round < rounds; round++) {
          for (const which of round % 2 ? [1, 0] : [0, 1]) {
            turns[which].push(await takeTurn(workers[which], way, size, context))
          }
        }
        const [bare, recorded] = turns
        rows.push([
          `${way.title}, ${size.bytes / MEGABYTE} MB`,
          show(median(bare.map(turn => turn.milliseconds)), 1),
          show(median(recorded.map(turn => turn.milliseconds)), 1),
          spread(
            recorded.map((turn, round) => turn.milliseconds / bare[round].milliseconds),
            2,
          ),
          spread(
            bare.map(turn => turn.growth),
            1,
          ),
          spread(
            recorded.map(turn => turn.growth),
            1,
          ),
        ])
      }
    }
  } finally {
    await Promise.all(workers.map(worker => worker.remove()))
  }
  const head = ['', 'bare ms', 'ReplayStack ms', 'ratio', 'bare, peak +MB', 'ReplayStack, peak +MB']
  return { markdown: table(head, rows) }
}
