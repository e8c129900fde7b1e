/** Every route of a team's inbox, asked by who may not: strangers, those of another project, and other sites in an admin's browser. */
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createSampleEvent } from './sample-event.ts'
import { ADMIN_TOKEN, type InboxSetup, startTeamInbox, type TeamInbox } from './start-team-inbox.ts'
import { listOf, sendEvents } from './team-events.ts'
import { fillRoute, listTeamRoutes, type TeamRoute } from './team-routes.ts'

/** In all that is kept: who reads it where they must not has found it. */
const PLANTED = 'planted-7f3a'

/** What anybody may ask for, and what they are answered: the assets besides. */
const OPEN: Readonly<Record<string, number>> = {
  'GET /healthz': 200,
  'GET /sign-in': 200,
  'POST /sign-in': 401,
  'POST /sign-out': 303,
}

const HTML = { accept: 'text/html' }

const nameOf = ({ method, path }: TeamRoute) => `${method} ${path}`
const isRead = ({ method }: TeamRoute) => method === 'GET'
const isProjects = ({ path }: TeamRoute) => path.startsWith('/projects/:project')
const isAsset = ({ path }: TeamRoute) => path.startsWith('/assets/')
const isStream = ({ path }: TeamRoute) => path.endsWith('/api/v1/stream')

/** An inbox with two projects, whose first has an event that failed, with an issue; people and tokens. */
async function start(setup: InboxSetup = {}) {
  const inbox = await startTeamInbox([], undefined, setup)
  const key = await inbox.addProject('shop')
  await inbox.addProject('blog')
  const event = createSampleEvent({
    traceId: PLANTED,
    endpoint: `/${PLANTED}`,
    status: 'failed',
    errorName: 'RangeError',
    errorMessage: PLANTED,
    serviceName: PLANTED,
    commitHash: PLANTED,
    requestPayload: { [PLANTED]: PLANTED },
  })
  await sendEvents(inbox, key, event)
  await eventually(async () => expect(await listOf(inbox, 'shop')).toHaveLength(1))
  const [kept] = await listOf(inbox, 'shop')
  const { issues } = (await (await inbox.ask('/projects/shop/api/v1/issues')).json()) as {
    issues: { issueId: string }[]
  }
  const addToken = async (fields: object) => {
    const made = await inbox.ask('/api/v1/admin/tokens', { method: 'POST', body: JSON.stringify(fields) })
    return ((await made.json()) as { data: { id: string; token: string } }).data
  }
  await addToken({ name: PLANTED })
  const identity = `${PLANTED}@example.com`
  await inbox.ask('/api/v1/admin/people', { method: 'POST', body: JSON.stringify({ identity, role: 'admin' }) })
  const rule = {
    name: PLANTED,
    query: 'is:failed',
    threshold: 1_000,
    windowMinutes: 5,
    url: `https://example.com/${PLANTED}`,
  }
  const alerted = await inbox.ask('/projects/shop/api/v1/alerts', { method: 'POST', body: JSON.stringify(rule) })
  const { data } = (await alerted.json()) as { data: { alertId: string } }
  const eventId = kept?.id ?? ''
  const issueId = issues[0]?.issueId ?? ''
  expect([eventId, issueId]).not.toContain('')
  /** A route's address, with what there is in the project. */
  const fill = (route: TeamRoute) =>
    fillRoute(route, {
      project: 'shop',
      identity,
      id: route.path.includes('/issues/') ? issueId : route.path.includes('/alerts/') ? data.alertId : eventId,
      other: eventId,
      release: PLANTED,
      map: 'a.js.map',
    })
  return { inbox, key, fill, addToken }
}

/** The body of a response, or what a stream begins with. */
async function readBody(route: TeamRoute, response: Response): Promise<string> {
  if (!isStream(route) || response.status !== 200) return response.text()
  await response.body?.cancel()
  return ''
}

/** All that an admin can change, as it is. */
async function readState(inbox: TeamInbox): Promise<string[]> {
  const paths = ['projects', 'projects/shop/keys', 'tokens', 'people'].map(path => `/api/v1/admin/${path}`)
  const below = ['events', 'issues', 'alerts', 'routes', 'usage', `sourcemaps/${PLANTED}`]
  const addresses = [...paths, ...below.map(path => `/projects/shop/api/v1/${path}`)]
  return Promise.all(addresses.map(async path => (await inbox.ask(path)).text()))
}

async function signIn({ url }: TeamInbox, token: string): Promise<string> {
  const body = new URLSearchParams({ token })
  const signedIn = await fetch(`${url}/sign-in`, { method: 'POST', redirect: 'manual', body })
  return (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

test('nothing is readable or changed without a token, by any route', async () => {
  const { inbox, key, fill } = await start()
  const before = await readState(inbox)
  const credentials: Record<string, string>[] = [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: `Bearer ${ADMIN_TOKEN.slice(0, -1)}` },
    { authorization: `Bearer ${ADMIN_TOKEN}0` },
    { authorization: `Bearer rs_team_${'0'.repeat(48)}` },
    { authorization: `Bearer ${key}` },
    { authorization: `Basic ${btoa(`admin:${ADMIN_TOKEN}`)}` },
    { 'x-replaystack-api-key': ADMIN_TOKEN },
    { cookie: `replaystack_session=${'0'.repeat(48)}; CF_Authorization=x.y.z` },
    { 'cf-access-jwt-assertion': 'x.y.z', 'cf-access-authenticated-user-email': `${PLANTED}@example.com` },
    { 'x-replaystack-replay': '1', 'x-forwarded-for': '127.0.0.1', host: 'localhost' },
  ]
  const routes = listTeamRoutes().filter(route => !isAsset(route))
  expect(routes.length).toBeGreaterThan(70)
  expect(Object.keys(OPEN).filter(name => !routes.some(route => nameOf(route) === name))).toEqual([])
  for (const route of routes) {
    const open = OPEN[nameOf(route)]
    for (const method of isRead(route) ? ['GET', 'HEAD'] : [route.method]) {
      for (const headers of credentials) {
        const options = { method, redirect: 'manual', headers, ...(!isRead(route) && { body: '{}' }) } as const
        const refused = await fetch(inbox.url + fill(route), options)
        const text = await refused.text()
        expect([nameOf(route), method, headers, refused.status]).toEqual([nameOf(route), method, headers, open ?? 401])
        expect(text).not.toContain(PLANTED)
      }
    }
    if (open !== undefined || !isRead(route)) continue
    const page = await fetch(inbox.url + fill(route), { redirect: 'manual', headers: HTML })
    expect([nameOf(route), page.status, page.headers.get('location')]).toEqual([
      nameOf(route),
      302,
      `/sign-in?${new URLSearchParams({ next: fill(route) })}`,
    ])
  }
  // What is not there says no more.
  for (const path of ['/projects/nothing/', '/projects/shop/insert', '/projects/A_b/', '/api/v1/admin/nothing']) {
    expect([path, (await fetch(inbox.url + path)).status]).toEqual([path, 401])
  }
  expect(await readState(inbox)).toEqual(before)
}, 180_000)

test('nobody reads another project, or does more than their role, by any route', async () => {
  const { inbox, fill, addToken } = await start()
  const reader = await addToken({ name: 'Ada', role: 'read', projects: ['shop'] })
  const writer = await addToken({ name: 'Bob', role: 'write', projects: ['blog'] })
  const admin = await addToken({ name: 'Eve', role: 'admin', projects: ['blog'] })
  const before = await readState(inbox)
  const ask = async (route: TeamRoute, { token }: { token: string }) => {
    const options = { token, method: route.method, ...(!isRead(route) && { body: '{}' }) }
    const response = await inbox.ask(fill(route), options)
    return { status: response.status, text: await readBody(route, response) }
  }
  let read = 0
  for (const route of listTeamRoutes().filter(({ path }) => /^\/(admin|api\/v1\/admin|projects)\//.test(path))) {
    const name = nameOf(route)
    if (!isProjects(route)) {
      for (const token of [reader, writer, admin]) {
        const { status, text } = await ask(route, token)
        expect([name, status, text.includes(PLANTED)]).toEqual([name, 403, false])
      }
      continue
    }
    const own = await ask(route, reader)
    if (isRead(route)) expect([name, own.status]).not.toEqual([name, 403])
    else expect([name, own.status]).toEqual([name, 403])
    read += own.text.includes(PLANTED) ? 1 : 0
    for (const token of [writer, admin]) {
      const { status, text } = await ask(route, token)
      expect([name, status, text.includes(PLANTED)]).toEqual([name, 403, false])
    }
  }
  expect(read).toBeGreaterThan(15)
  expect(await readState(inbox)).toEqual(before)
}, 180_000)

const IDENTITY = { ACCESS_AUD: 'a', AUD: 'a', IDENTITY: JSON.stringify({ email: `${PLANTED}@example.com` }) }

test.each([
  ['a session', undefined],
  ['Cloudflare Access', { entry: 'test/inbox/object/access-context.ts', variables: IDENTITY }],
] as const)(
  'other sites change nothing by the browser of an admin with %s, and read by no route',
  async (_, setup) => {
    const { inbox, fill } = await start(setup)
    const cookie = setup ? '' : await signIn(inbox, ADMIN_TOKEN)
    const ask = (route: TeamRoute, headers: Record<string, string>) =>
      fetch(inbox.url + fill(route), {
        method: route.method,
        redirect: 'manual',
        headers: { cookie, ...headers },
        ...(!isRead(route) && { body: '{}' }),
      })
    const before = await readState(inbox)
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: inbox.url.replace('http:', 'https:') },
      { origin: `${inbox.url}.evil.example` },
      { origin: inbox.url, 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' },
    ]
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' }
    for (const route of listTeamRoutes()) {
      const name = nameOf(route)
      if (isAsset(route) || name === 'GET /healthz' || name === 'GET /sign-in') continue
      // Applications send by a key, which no browser adds by itself.
      const refusal = route.path.startsWith('/api/v1/ingest/') ? 401 : 403
      for (const headers of isRead(route) ? foreign : [...foreign, link, { 'sec-fetch-site': 'none' }]) {
        const refused = await ask(route, headers)
        const text = await refused.text()
        expect([name, headers, refused.status, text.includes(PLANTED)]).toEqual([name, headers, refusal, false])
        expect(refused.headers.get('access-control-allow-origin')).toBeNull()
      }
      if (!isRead(route)) continue
      for (const headers of [link, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin' }]) {
        const shown = await ask(route, headers)
        await readBody(route, shown)
        expect([name, headers, [401, 403].includes(shown.status)]).toEqual([name, headers, false])
      }
    }
    expect(await readState(inbox)).toEqual(before)
  },
  180_000,
)
