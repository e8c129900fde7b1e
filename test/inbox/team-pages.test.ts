/** The pages of a team's inbox that are no project's, in real workerd: who sees them, and who can use their forms. */
import { expect, test } from 'vitest'
import { ADMIN_TOKEN, startTeamInbox, type TeamInbox } from './start-team-inbox.ts'

const HTML = { accept: 'text/html' }

async function makeToken(inbox: TeamInbox, fields: object): Promise<string> {
  const response = await inbox.ask('/api/v1/admin/tokens', { method: 'POST', body: JSON.stringify(fields) })
  const { data } = (await response.json()) as { data: { token: string } }
  return data.token
}

/** Signs in as a browser does, and resolves to what posts a form with the cookie. */
async function signIn(inbox: TeamInbox, token: string) {
  const body = new URLSearchParams({ token })
  const signedIn = await fetch(`${inbox.url}/sign-in`, { method: 'POST', redirect: 'manual', body })
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return (
    path: string,
    fields: Record<string, string> | [string, string][] = {},
    headers: Record<string, string> = {},
  ) =>
    fetch(inbox.url + path, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(fields),
      headers: { cookie, origin: inbox.url, ...HTML, ...headers },
    })
}

const FORMS = [
  '/admin/projects',
  '/admin/projects/shop/limits',
  '/admin/projects/shop/retention',
  '/admin/projects/shop/disable',
  '/admin/projects/shop/enable',
  '/admin/projects/shop/keys',
  '/admin/projects/shop/keys/0/revoke',
  '/admin/people/tokens',
  '/admin/people/tokens/0/revoke',
  '/admin/people/access',
  '/admin/people/access/ada@example.com/remove',
]
const PAGES = ['/admin/projects', '/admin/projects/shop', '/admin/people', '/admin/audit', '/admin/nothing']

test('are for admins alone, and for nobody on another site', async () => {
  const inbox = await startTeamInbox()
  await inbox.addProject('shop')
  await inbox.addProject('blog')
  const listed = async () => [
    await (await inbox.ask('/api/v1/admin/projects')).text(),
    await (await inbox.ask('/api/v1/admin/projects/shop/keys')).text(),
    await (await inbox.ask('/api/v1/admin/people')).text(),
  ]
  const before = await listed()
  // An admin of one project alone decides about none.
  for (const rights of [{ role: 'read' }, { role: 'write' }, { role: 'admin', projects: ['shop'] }]) {
    const token = await makeToken(inbox, { name: 'Ada', ...rights })
    const post = await signIn(inbox, token)
    for (const path of PAGES) {
      const page = await inbox.ask(path, { token, headers: HTML })
      expect([path, page.status]).toEqual([path, 403])
      expect(await page.text()).toContain('Ada may not do this')
    }
    for (const path of FORMS) expect([path, (await post(path)).status]).toEqual([path, 403])
    const home = await (await inbox.ask('/', { token, headers: HTML })).text()
    expect(home).toContain('href="/projects/shop/"')
    expect(home.includes('href="/projects/blog/"')).toBe(!('projects' in rights))
    expect(home).not.toContain('/admin/')
  }
  for (const path of PAGES) expect((await inbox.ask(path, { token: '', headers: HTML })).status).toBe(302)
  for (const path of FORMS) expect((await inbox.ask(path, { token: '', method: 'POST' })).status).toBe(401)
  const post = await signIn(inbox, ADMIN_TOKEN)
  for (const path of FORMS) {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ] as Record<string, string>[]) {
      expect([path, headers, (await post(path, {}, headers)).status]).toEqual([path, headers, 403])
    }
  }
  expect(await listed()).toEqual(before)
})

test('do what their forms say, and say why not', async () => {
  const inbox = await startTeamInbox()
  const post = await signIn(inbox, ADMIN_TOKEN)
  const made = await post('/admin/projects', { project: ' shop ' })
  const [, key = ''] = /REPLAYSTACK_API_KEY=(rs_live_shop_[\da-f]{48})/.exec(await made.text()) ?? []
  expect([made.status, key.length, made.headers.get('cache-control')]).toEqual([201, 61, 'no-store'])
  const problem = async (path: string, fields?: Record<string, string>) => {
    const refused = await post(path, fields)
    const [, text] = /role="alert">([^<]*)</.exec(await refused.text()) ?? []
    return [refused.status, text]
  }
  expect(await problem('/admin/projects', { project: 'shop' })).toEqual([400, 'There is a project shop already'])
  expect(await problem('/admin/projects', { project: '"><b>' })).toEqual([
    400,
    expect.stringMatching(/^project must be/),
  ])
  expect(await problem('/admin/projects/shop/limits', { month: '0' })).toEqual([
    400,
    'limits.month must be an integer of 1 or more, or null for none',
  ])
  expect(await problem('/admin/people/tokens', { scope: 'all', role: 'read' })).toEqual([
    400,
    'name must be a string of 1 to 200 characters',
  ])
  expect(await problem('/admin/people/access', { scope: 'all', role: 'read', identity: 'nobody' })).toEqual([
    400,
    expect.stringMatching(/^identity must be/),
  ])
  const { keys } = (await (await inbox.ask('/api/v1/admin/projects/shop/keys')).json()) as { keys: { id: string }[] }
  expect(await problem(`/admin/projects/shop/keys/${keys[0]?.id}x/revoke`)).toEqual([400, 'Key not found'])
  expect((await post('/admin/projects/nobody/keys')).status).toBe(404)
  const nowhere = await inbox.ask('/projects/nobody/', { headers: HTML })
  expect([nowhere.status, /<h1>(.*?)<\/h1>/.exec(await nowhere.text())?.[1]]).toEqual([404, 'Not found'])

  const saved = await post('/admin/projects/shop/limits', { month: '1000', second: '' })
  expect([saved.status, saved.headers.get('location')]).toEqual([303, '/admin/projects/shop?done=limits'])
  const page = await (await inbox.ask('/admin/projects/shop?done=limits', { headers: HTML })).text()
  expect(page).toMatch(/<p class="outcome" role="status">The limits are saved/)
  expect(page).toMatch(/<input id="number-month"[^>]*value="1000"/)
  expect(page).not.toContain(key)
  expect(await (await inbox.ask('/admin/projects/shop?done=constructor', { headers: HTML })).text()).not.toContain(
    'class="outcome"',
  )
  await post('/admin/projects/shop/retention', { days: '90', events: '' })
  const { projects } = (await (await inbox.ask('/api/v1/admin/projects')).json()) as { projects: object[] }
  expect(projects).toMatchObject([{ limits: { month: 1000, second: null }, retention: { days: 90, events: null } }])
  await post('/admin/people/access', [
    ['identity', 'Ada@example.com'],
    ['role', 'write'],
    ['scope', 'some'],
    ['project', 'shop'],
  ])
  // Whoever chooses none of the projects does not get all of them.
  await post('/admin/people/tokens', { name: '<img src=x onerror=alert(1)>', role: 'read', scope: 'some' })
  const { people } = (await (await inbox.ask('/api/v1/admin/people')).json()) as { people: object[] }
  expect(people).toMatchObject([{ identity: 'ada@example.com', role: 'write', projects: ['shop'] }])
  const { tokens } = (await (await inbox.ask('/api/v1/admin/tokens')).json()) as { tokens: object[] }
  expect(tokens).toMatchObject([{ projects: [] }])
  const peoplePage = await inbox.ask('/admin/people', { headers: HTML })
  expect(await peoplePage.text()).not.toContain('<img')
  expect(peoplePage.headers.get('content-security-policy')).toContain("default-src 'none'")
  // What was made is named in the audit list, as when a program makes it.
  const { entries } = (await (await inbox.ask('/api/v1/admin/audit')).json()) as { entries: object[] }
  expect(entries).toContainEqual(
    expect.objectContaining({ action: 'POST /admin/projects', target: '/api/v1/admin/projects/shop', status: 201 }),
  )
  expect(JSON.stringify(entries)).not.toContain(key)
})
