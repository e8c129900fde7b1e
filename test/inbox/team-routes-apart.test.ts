/** Two projects of one team's inbox never see each other's events: every route that there is. */
import { request as sendRequest } from 'node:http'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createSampleEvent } from './sample-event.ts'
import { startTeamInbox, type TeamInbox } from './start-team-inbox.ts'
import { sendEvents } from './team-events.ts'
import { makeWriter, RELEASE, readJson, uploadMap } from './team-project.ts'
import { listTeamRoutes, type TeamRoute } from './team-routes.ts'

const SECRET = 'planted-in-the-shop'
/** Every event of the shop has this word: whoever searches may know it. */
const WORD = 'samovar'

/** All routes of a project, below its own path. */
function listRoutes(): TeamRoute[] {
  const base = '/projects/:project'
  return listTeamRoutes().flatMap(({ method, path }) =>
    path.startsWith(`${base}/`) && !path.includes('/assets/') ? { method, path: path.slice(base.length) } : [],
  )
}

interface RawAnswer {
  status: number | undefined
  text: string
}

/** Sends a path as it is written: `fetch` takes `..` out of it. A stream is left after its first part. */
function askRaw(
  inbox: TeamInbox,
  path: string,
  { method = 'GET', token = '', body = '', headers = {} } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(inbox.url)
  return new Promise((resolve, reject) => {
    const request = sendRequest(
      { hostname, port, path, method, headers: { authorization: `Bearer ${token}`, ...headers } },
      response => {
        let text = ''
        const end = () => resolve({ status: response.statusCode, text })
        response.on('data', part => {
          text += part
          if (response.headers['content-type']?.startsWith('text/event-stream')) {
            end()
            request.destroy()
          }
        })
        response.on('end', end)
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** All that a project has, as an admin sees it. */
async function readAll(inbox: TeamInbox, project: string, ids: readonly string[]): Promise<unknown> {
  const base = `/projects/${project}/api/v1`
  const paths = ['/events?limit=100', '/issues', '/routes', '/usage', '/alerts', `/sourcemaps/${RELEASE}`]
  const replays = ids.flatMap(id => [`/events/${id}`, `/events/${id}/replays`])
  return Promise.all([...paths, ...replays].map(path => readJson(inbox, base + path)))
}

test('no route shows or changes anything of another project, whatever ids, cursors and paths it is asked with', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  const blogKey = await inbox.addProject('blog')
  const token = await makeWriter(inbox, 'blog')
  const sha = await uploadMap(inbox, 'shop', `// ${SECRET}`)
  const frames = [
    { functionName: 'a', fileName: 'worker.js', lineNumber: 1, columnNumber: 1, raw: 'at a (worker.js:1:1)' },
  ]
  const events = [1, 2, 3].map(index =>
    createSampleEvent({
      traceId: `shop-trace-${index}`,
      status: 'failed',
      errorName: 'RangeError',
      errorMessage: `${WORD} ${SECRET}`,
      requestPayload: { [WORD]: SECRET },
      commitHash: RELEASE,
      serviceName: 'shop-service',
      stackFrames: frames,
    }),
  )
  const taken = await sendEvents(inbox, key, { events }, { 'idempotency-key': 'one,two,three' })
  const { data } = (await taken.json()) as { data: { eventIds: string[] } }
  const ids = data.eventIds
  const list = '/projects/shop/api/v1/events?limit=1'
  await eventually(async () => expect(((await readJson(inbox, `${list}00`)) as { events: [] }).events).toHaveLength(3))
  const {
    events: [newest],
    next,
  } = (await readJson(inbox, list)) as { events: { id: string; issueId: string }[]; next: string }
  const replays = `/projects/shop/api/v1/events/${ids[0]}/replays`
  const started = await inbox.ask(replays, { method: 'POST', body: `{"target":"http://${SECRET}"}` })
  const { data: replay } = (await started.json()) as { data: { replayId: string } }
  await inbox.ask(`${replays}/${replay.replayId}`, { method: 'PUT', body: '{"outcome":"same"}' })
  await inbox.ask(`/projects/shop/api/v1/events/${ids[1]}`, { method: 'PATCH', body: JSON.stringify({ note: SECRET }) })
  const rule = {
    name: SECRET,
    query: 'is:failed',
    threshold: 10,
    windowMinutes: 5,
    url: 'https://hooks.example.com/shop',
  }
  const alerted = await inbox.ask('/projects/shop/api/v1/alerts', { method: 'POST', body: JSON.stringify(rule) })
  const { data: alert } = (await alerted.json()) as { data: { alertId: string } }
  const before = await readAll(inbox, 'shop', ids)
  expect(JSON.stringify(before).split(SECRET).length).toBeGreaterThan(10)

  // What an attacker may know of the shop, in every place of an address.
  const known: Readonly<Record<string, readonly string[]>> = {
    id: [ids[0] ?? '', newest?.issueId ?? '', 'shop-trace-1', alert.alertId],
    other: [ids[1] ?? ''],
    replayId: [replay.replayId],
    release: [RELEASE, `..%2Fshop%2F${RELEASE}`, `%2e%2e%2fshop%2f${RELEASE}`],
    map: [sha],
  }
  const fill = (path: string): string[] => {
    const [, name] = /:(\w+)/.exec(path) ?? []
    if (name === undefined) return [path]
    const values = known[name]
    if (!values) throw new Error(`What does an attacker know of :${name} in ${path}?`)
    return values.flatMap(value => fill(path.replace(`:${name}`, value)))
  }
  const queries = [
    '',
    `?before=${next}&limit=100`,
    `?after=${ids[0]}`,
    `?query=${WORD}&as=json`,
    '?as=har&service=shop-service',
    `?query=issue:${newest?.issueId}&as=json`,
    `?query=trace:shop-trace-1&limit=100`,
  ]
  const body = JSON.stringify({
    ...createSampleEvent({ traceId: 'of-the-blog' }),
    ...{
      events: [createSampleEvent({ traceId: 'of-the-blog' })],
      release: RELEASE,
      files: [{ file: 'worker.js', map: sha }],
    },
    ...{
      person: WORD,
      remove: true,
      pinned: false,
      note: 'of the blog',
      state: 'resolved',
      target: 'http://blog',
      outcome: 'fixed',
    },
  })
  const headers = [
    { 'x-replaystack-api-key': 'any', 'idempotency-key': 'one', 'last-event-id': ids[0] ?? '' },
    { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
  ]
  const prefixes = [
    '/projects/blog',
    '/projects/shop',
    '/projects/blog/../shop',
    '/projects/blog/%2e%2e/shop',
    '/projects/blog%2f..%2fshop',
    '/projects/%73hop',
    '/projects/SHOP',
    '//projects/shop',
    '/projects//shop',
    '/projects/shop%00',
    '/projects/blog/projects/shop',
    '/app',
  ]
  const asked: string[] = []
  const routes = listRoutes()
  for (const { method, path } of routes) {
    for (const filled of fill(path)) {
      for (const prefix of prefixes) {
        const isReading = method === 'GET'
        for (const query of isReading && prefix === '/projects/blog' ? queries : ['']) {
          for (const sent of headers) {
            const address = prefix + filled + query
            const answer = await askRaw(inbox, address, { method, token, headers: sent, body: isReading ? '' : body })
            asked.push(`${method} ${address}`)
            expect([address, answer.text.includes(SECRET)]).toEqual([address, false])
            if (prefix !== '/projects/blog') expect([address, (answer.status ?? 0) >= 400]).toEqual([address, true])
          }
        }
      }
    }
  }
  expect(routes.length).toBeGreaterThan(35)
  expect(asked.length).toBeGreaterThan(routes.length * prefixes.length)
  expect(await readAll(inbox, 'shop', ids)).toEqual(before)
  // A release of the same name, and an event with the same frames, are the blog's own.
  expect((await inbox.ask(`/projects/blog/api/v1/sourcemaps/${RELEASE}`)).status).toBe(404)
  await sendEvents(inbox, blogKey, {
    ...events[0],
    errorMessage: 'of the blog',
    requestPayload: null,
    traceId: 'framed',
  })
  await eventually(async () =>
    expect(await (await inbox.ask('/projects/blog/api/v1/events')).text()).toContain('"framed"'),
  )
  const backup = await (await inbox.ask('/projects/blog/api/v1/backup')).text()
  expect([backup.includes('"framed"'), backup.includes(SECRET)]).toEqual([true, false])
  // It was the right token for its own project, where what it sent is.
  const own = await askRaw(inbox, '/projects/blog/api/v1/usage', { token })
  expect(own).toMatchObject({ status: 200, text: expect.stringMatching(/"events":[1-9]/) })
}, 120_000)
