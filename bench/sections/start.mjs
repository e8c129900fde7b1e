/** Section 7: what an application adds until a fresh workerd has answered its first request. */
import { request } from 'node:http'
import { settingsFor } from '../harness/catalogue.mjs'
import { order } from '../harness/order.mjs'
import { prepareWorker } from '../harness/serve.mjs'
import { median, show, spread, table } from '../harness/statistics.mjs'
import { reasonOf } from '../harness/verify.mjs'

const body = JSON.stringify(order)
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }

/** Resolves when the answer is there whole. */
const orderOnce = url =>
  new Promise((resolve, reject) => {
    const sent = request(`${url}/orders`, { method: 'POST', headers, agent: false }, answer => {
      answer.resume().once('end', () => (answer.statusCode === 201 ? resolve() : reject(new Error('It failed.'))))
    })
    sent.once('error', reject)
    sent.end(body)
  })

async function startOnce({ start }) {
  const served = await start()
  try {
    const asked = performance.now()
    await orderOnce(served.url)
    const answered = performance.now()
    return { total: answered - served.spawnedAt, first: answered - asked }
  } finally {
    await served.stop()
  }
}

export async function measureStart({ yardsticks, ingestUrl, quick, progress }) {
  const rounds = quick ? 3 : 15
  const prepared = []
  const failures = []
  for (const yardstick of yardsticks) {
    try {
      const worker = await prepareWorker(yardstick.name, settingsFor(yardstick, ingestUrl))
      prepared.push({ yardstick, worker, turns: [] })
    } catch (thrown) {
      failures.push(`- Not measured: ${yardstick.title}: ${reasonOf(thrown)}`)
    }
  }
  // The first round warms the disk's cache and this process.
  for (let round = -1; round < rounds; round++) {
    progress(`start: round ${round + 1} of ${rounds}`)
    const by = (round + 1) % prepared.length
    for (const app of [...prepared.slice(by), ...prepared.slice(0, by)]) {
      const turn = await startOnce(app.worker)
      if (round >= 0) app.turns[round] = turn
    }
  }
  await Promise.all(prepared.map(({ worker }) => worker.remove()))
  const [bare] = prepared
  const beside = (app, key) => app.turns.map((turn, round) => turn[key] - bare.turns[round][key])
  const added = Object.fromEntries(prepared.map(app => [app.yardstick.name, median(beside(app, 'total'))]))
  const rows = prepared.map(app => [
    app.yardstick.title,
    show(median(app.turns.map(turn => turn.total)), 1),
    app === bare ? '–' : spread(beside(app, 'total'), 1),
    show(median(app.turns.map(turn => turn.first)), 1),
    app === bare ? '–' : spread(beside(app, 'first'), 1),
  ])
  const head = ['ms', 'process to first answer', 'added', 'first request', 'added']
  const note = `${rounds} fresh processes each, interleaved. The first column has the start of workerd itself in it.`
  return { added, markdown: [table(head, rows), note, ...failures].join('\n\n') }
}
