/** What the rounds of {@link throughput.mjs} come to. */
import { versionOf } from '../harness/catalogue.mjs'
import { median, show, spread, table } from '../harness/statistics.mjs'

/** The loads that each application meets in every round. */
export const CONNECTIONS = [16, 1]

/** @returns by application what each round measured, and what it is beside another's same round */
export function readRounds(running) {
  const turnOf = (app, round, connections) =>
    app?.rounds.find(turn => turn.round === round && turn.connections === connections)
  const byName = name => running.find(app => app.yardstick.name === name)
  return running
    .filter(app => !app.broken)
    .map(app => {
      const beside = (connections, other, read) =>
        app.rounds
          .filter(turn => turn.connections === connections)
          .map(turn => read(turn, turnOf(other, turn.round, connections) ?? {}))
      const loads = CONNECTIONS.map(connections => ({
        connections,
        rate: beside(connections, app, turn => turn.rate),
        ofBare: beside(connections, byName('bare'), (turn, bare) => turn.rate / bare.rate),
        ofHand: beside(connections, byName('hand-written'), (turn, hand) => turn.rate / hand.rate),
        p50: beside(connections, app, turn => turn.p50),
        p99: beside(connections, app, turn => turn.p99),
        addedP99: beside(connections, byName('bare'), (turn, bare) => turn.p99 - bare.p99),
        cpu: beside(connections, app, turn => turn.cpuMicroseconds),
      }))
      return { app, loads }
    })
}

/** Rounded down: 100 % is all of them. More arrive than are counted: wrk leaves out the requests that its end meets. */
const share = (part, whole) => `${(Math.floor((10_000 * Math.min(part, whole)) / whole) / 100).toFixed(2)} %`

export function tables(results, left) {
  const speed = table(
    [
      '',
      'connections',
      'requests/s',
      'of bare',
      'of hand-written¹',
      'p50 ms',
      'p99 ms',
      'added p99 ms',
      'CPU µs a request',
    ],
    CONNECTIONS.flatMap(connections =>
      results.map(({ app, loads }) => {
        const load = loads.find(one => one.connections === connections)
        const { title, name } = app.yardstick
        return [
          title,
          connections,
          show(median(load.rate), 0),
          name === 'bare' ? '1' : spread(load.ofBare, 2),
          name === 'bare' ? '–' : spread(load.ofHand, 2),
          show(median(load.p50)),
          show(median(load.p99)),
          name === 'bare' ? '–' : spread(load.addedP99, 2),
          show(median(load.cpu), 0),
        ]
      }),
    ),
  )
  const yes = value => (value ? 'yes' : 'no')
  const carried = table(
    [
      '',
      'version',
      'request body',
      'response body',
      'request headers',
      'response headers',
      'secrets masked',
      'gzip',
      'events a POST',
      'bytes an event',
      'delivered²',
    ],
    results
      .filter(({ app }) => app.sample)
      .map(({ app }) => {
        const { sample, yardstick, total } = app
        const recorded = sample.requestBody || sample.requestHeaders
        return [
          yardstick.title,
          versionOf(yardstick) || '–',
          yes(sample.requestBody),
          yes(sample.responseBody),
          yes(sample.requestHeaders),
          yes(sample.responseHeaders),
          recorded ? yes(sample.masked) : '–',
          yes(sample.compressed),
          show(total.events / total.posts, 1),
          show(total.bytes / total.events, 0),
          share(total.events, app.answered),
        ]
      }),
  )
  const notes = [
    '¹ Of the hand-written application that sends one event a POST, in the same round.',
    '² Of all requests answered in all rounds, the part whose event arrived.',
    ...results.flatMap(({ app: { yardstick } }) => (yardstick.note ? [`${yardstick.title}: ${yardstick.note}.`] : [])),
    ...results.flatMap(({ app }) => (app.failed ? [`${app.yardstick.title}: ${app.failed} requests failed.`] : [])),
    ...left.map(({ yardstick, reason }) => `Not measured: ${yardstick.title}: ${reason}`),
  ]
  return [speed, carried, notes.map(note => `- ${note}`).join('\n')].join('\n\n')
}
