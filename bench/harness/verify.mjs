/** Whether an application's events really arrive, and what they carry. */

/** Requests that fill any batch, and seconds that any background flush may take. */
const REQUESTS = 60
const PATIENCE_MS = 15_000

/** One line of what went wrong; of a build, its first error. */
export const reasonOf = thrown => (thrown.errors?.[0]?.text ?? thrown.message).split('\n')[0]

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

/** What a sample of the wire shows. */
function readSample({ body, headers, url }) {
  const has = mark => body.includes(mark)
  return {
    requestBody: has('request-marker'),
    responseBody: has('response-marker'),
    requestHeaders: has('request-header-marker'),
    responseHeaders: has('response-header-marker'),
    masked: !has('secret-marker') && !has('secret-token-marker'),
    compressed: headers['content-encoding'] === 'gzip',
    path: url,
  }
}

/**
 * Sends requests, waits for an event, and looks at it. `answered`: how many requests there were.
 * @throws saying what is wrong, with the application's own output
 */
export async function verify(yardstick, served, { ingest, load, expected }) {
  const { name } = yardstick
  const explain = problem => new Error(`${problem} ${served.child.log.trim().split('\n').slice(-3).join(' ')}`.trim())
  const { status, text } = await load.ask('once', { url: served.url })
  if (status !== 201) throw explain(`It answered ${status}.`)
  if (expected && text !== expected) throw explain('It answered something else than the bare application.')
  if (!yardstick.wire) return { text, answered: 1 }
  const { answered, failed, failure } = await load.ask('send', { url: served.url, connections: 4, count: REQUESTS })
  if (failed) throw explain(failure)
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const { events = 0 } = (await ingest.ask('counts'))[name] ?? {}
    if (events > 0) break
    if (performance.now() > deadline) {
      const { url, body } = await ingest.ask('sample', name)
      throw explain(url ? `What arrived at ${url} was no event: ${body.slice(0, 200)}` : 'No event arrived.')
    }
    await pause(50)
  }
  return { text, answered: answered + 1, sample: readSample(await ingest.ask('sample', name)) }
}

/** Waits until nothing has arrived for a while. @returns what is counted then */
export async function untilQuiet(ingest, quietMs = 250, patienceMs = PATIENCE_MS) {
  const total = counts => Object.values(counts).reduce((sum, { posts }) => sum + posts, 0)
  const deadline = performance.now() + patienceMs
  let counts = await ingest.ask('counts')
  for (let quietSince = performance.now(); performance.now() < deadline; ) {
    await pause(25)
    const next = await ingest.ask('counts')
    if (total(next) !== total(counts)) quietSince = performance.now()
    counts = next
    if (performance.now() - quietSince >= quietMs) break
  }
  return counts
}

/** Waits until everything that was answered has arrived, or nothing more does. @returns what is counted then */
export async function untilDelivered(ingest, running) {
  const missing = (counts, { answered, yardstick: { name, keeps = 0, wire } }) =>
    wire && (counts[name]?.events ?? 0) + keeps < answered
  let counts = await untilQuiet(ingest)
  for (let idle = 0; running.some(app => missing(counts, app)) && idle < PATIENCE_MS; idle += 500) {
    const next = await untilQuiet(ingest, 500)
    if (JSON.stringify(next) !== JSON.stringify(counts)) idle = 0
    counts = next
  }
  return counts
}
