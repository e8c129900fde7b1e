/** Whom Cloudflare Access lets in, in real workerd. */
import type { webcrypto } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ADMIN_TOKEN, startTeamInbox, type TeamInbox } from './start-team-inbox.ts'

const AUDIENCE = '4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2'
const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

/** What Access serves at `/cdn-cgi/access/certs`, on this machine. */
const published: (webcrypto.JsonWebKey & { kid: string })[] = []
let asked = 0
const server = createServer((request, response) => {
  asked++
  const keys = request.url === '/cdn-cgi/access/certs' ? { keys: published } : {}
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(keys))
})
let issuer = ''

beforeAll(async () => {
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => void server.close())

beforeEach(() => {
  published.length = 0
  asked = 0
})

async function makeKey(kid: string): Promise<webcrypto.CryptoKey> {
  const parameters = { ...RS256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
  const { publicKey, privateKey } = await crypto.subtle.generateKey(parameters, true, ['sign', 'verify'])
  published.push({ ...(await crypto.subtle.exportKey('jwk', publicKey)), kid, alg: 'RS256', use: 'sig' })
  return privateKey
}

const encode = (value: object | Uint8Array) =>
  Buffer.from(value instanceof Uint8Array ? value : JSON.stringify(value)).toString('base64url')

const seconds = () => Math.floor(Date.now() / 1000)

function claimsOf(email: string): Record<string, unknown> {
  return { aud: [AUDIENCE], email, exp: seconds() + 600, iat: seconds(), nbf: seconds(), iss: issuer, type: 'app' }
}

async function sign(
  key: webcrypto.CryptoKey,
  claims: object,
  head: object = { alg: 'RS256', kid: 'one' },
): Promise<string> {
  const text = `${encode(head)}.${encode(claims)}`
  const signature = await crypto.subtle.sign(RS256, key, new TextEncoder().encode(text))
  return `${text}.${encode(new Uint8Array(signature))}`
}

async function start(variables: Record<string, string> = {}): Promise<TeamInbox> {
  const inbox = await startTeamInbox([], undefined, {
    variables: { ACCESS_TEAM_DOMAIN: issuer, ACCESS_AUD: AUDIENCE, ...variables },
  })
  await inbox.addProject('shop')
  await inbox.addProject('blog')
  return inbox
}

const askAs = (inbox: TeamInbox, jwt: string, path: string, options: RequestInit = {}) =>
  fetch(inbox.url + path, {
    redirect: 'manual',
    ...options,
    headers: { 'cf-access-jwt-assertion': jwt, ...options.headers },
  })

const addPerson = async (inbox: TeamInbox, person: object) => {
  const response = await inbox.ask('/api/v1/admin/people', { method: 'POST', body: JSON.stringify(person) })
  expect(response.status).toBe(201)
}

test('lets those in whom an admin has added, to what they may do', async () => {
  const key = await makeKey('one')
  const inbox = await start()
  await addPerson(inbox, { identity: 'Ada@Example.com', role: 'write', projects: ['shop'] })
  await addPerson(inbox, { identity: '3c9f.access', role: 'read' })
  const ada = await sign(key, claimsOf('ada@EXAMPLE.com'))
  expect((await askAs(inbox, ada, '/projects/shop/api/v1/events')).status).toBe(200)
  expect((await askAs(inbox, ada, '/projects/blog/api/v1/events')).status).toBe(403)
  expect((await askAs(inbox, ada, '/api/v1/admin/people')).status).toBe(403)
  const page = await askAs(inbox, ada, '/', { headers: { accept: 'text/html' } })
  expect(page.status).toBe(200)

  const { email: _, ...claims } = claimsOf('')
  const service = await sign(key, { ...claims, common_name: '3c9f.access', sub: '' })
  expect((await askAs(inbox, service, '/projects/blog/api/v1/events')).status).toBe(200)
  const deletion = await askAs(inbox, service, '/projects/blog/api/v1/events/1', { method: 'DELETE' })
  expect(deletion.status).toBe(403)

  // Whom nobody has added learns as whom Access let them in.
  const bob = await sign(key, claimsOf('bob@example.com'))
  const refused = await askAs(inbox, bob, '/projects/shop/api/v1/events')
  expect([refused.status, await refused.json()]).toEqual([
    401,
    { success: false, message: 'No admin of this inbox has added bob@example.com' },
  ])
  const signInPage = (jwt: string) => askAs(inbox, jwt, '/sign-in').then(response => response.text())
  expect(await signInPage(bob)).toContain('Cloudflare Access let you in as <strong>bob@example.com</strong>')
  expect(await signInPage(ada)).not.toContain('Access let you in')
  // Access ends its sessions itself; those who are let in by it may sign in as somebody else, and out again.
  expect(await page.text()).toMatch(/ada@example.com.*href="\/cdn-cgi\/access\/logout"/)
  const body = new URLSearchParams({ token: ADMIN_TOKEN })
  const signedIn = await askAs(inbox, ada, '/sign-in', { method: 'POST', body })
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const asAdmin = () => askAs(inbox, ada, '/api/v1/admin/people', { headers: { cookie } })
  expect((await asAdmin()).status).toBe(200)
  expect((await askAs(inbox, ada, '/sign-out', { method: 'POST', headers: { cookie } })).status).toBe(303)
  expect((await asAdmin()).status).toBe(403)
  expect(asked).toBe(1)
})

test('takes those whom nobody added for what ACCESS_DEFAULT_ROLE says, which is never admin', async () => {
  const key = await makeKey('one')
  for (const [role, status] of [
    ['read', 200],
    ['admin', 401],
    ['', 401],
  ] as const) {
    const inbox = await start({ ACCESS_DEFAULT_ROLE: role })
    const bob = await sign(key, claimsOf('bob@example.com'))
    const answer = await askAs(inbox, bob, '/projects/shop/api/v1/events')
    expect([role, answer.status]).toEqual([role, status])
  }
})

test('believes no token that Access has not signed for this application', async () => {
  const key = await makeKey('one')
  const inbox = await start({ ACCESS_DEFAULT_ROLE: 'read' })
  const claims = claimsOf('ada@example.com')
  const good = await sign(key, claims)
  const [head = '', body = '', signature = ''] = good.split('.')
  const hmac = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(JSON.stringify(published[0])),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const confused = `${encode({ alg: 'HS256', kid: 'one' })}.${body}`
  const confusedSignature = await crypto.subtle.sign('HMAC', hmac, new TextEncoder().encode(confused))
  const foreign = await crypto.subtle.generateKey(
    { ...RS256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )
  const forgeries: Record<string, string> = {
    'of another application': await sign(key, { ...claims, aud: ['other'] }),
    'of no application': await sign(key, { ...claims, aud: undefined }),
    'of another team': await sign(key, { ...claims, iss: 'https://evil.cloudflareaccess.com' }),
    expired: await sign(key, { ...claims, exp: seconds() - 3600 }),
    'without an end': await sign(key, { ...claims, exp: undefined }),
    'not valid yet': await sign(key, { ...claims, nbf: seconds() + 3600 }),
    'of nobody': await sign(key, { ...claims, email: '' }),
    'with other claims': `${head}.${encode({ ...claims, email: 'eve@example.com' })}.${signature}`,
    'without a signature': `${head}.${body}.`,
    'that needs none': `${encode({ alg: 'none', kid: 'one' })}.${body}.`,
    'that names none, with one': await sign(key, claims, { alg: 'none', kid: 'one' }),
    'signed by what is public': `${confused}.${encode(new Uint8Array(confusedSignature))}`,
    'signed by another key': await sign(foreign.privateKey, claims),
    'of an unknown key': await sign(key, claims, { alg: 'RS256', kid: 'two' }),
    'of no key': await sign(key, claims, { alg: 'RS256' }),
    'with a key of its own': await sign(foreign.privateKey, claims, {
      alg: 'RS256',
      kid: 'one',
      jwk: await crypto.subtle.exportKey('jwk', foreign.publicKey),
      jku: `${issuer}/evil`,
    }),
    'that is none': 'a.b.c',
    'with broken base64': `${head}.${body}.a`,
    'without end': `${good}${'A'.repeat(15_000)}`,
  }
  for (const [name, jwt] of Object.entries(forgeries)) {
    const answer = await askAs(inbox, jwt, '/projects/shop/api/v1/events')
    expect([name, answer.status]).toEqual([name, 401])
  }
  expect((await askAs(inbox, good, '/projects/shop/api/v1/events')).status).toBe(200)
  // However many unknown keys are named, Access is not asked for each.
  expect(asked).toBeLessThan(4)
  const cookie = await fetch(`${inbox.url}/projects/shop/api/v1/events`, {
    headers: { cookie: `CF_Authorization=${good}` },
  })
  expect(cookie.status).toBe(401)
})

test('lets nobody in by a token where no application is named', async () => {
  const key = await makeKey('one')
  const inbox = await start({ ACCESS_AUD: '', ACCESS_DEFAULT_ROLE: 'read' })
  const jwt = await sign(key, claimsOf('ada@example.com'))
  expect((await askAs(inbox, jwt, '/projects/shop/api/v1/events')).status).toBe(401)
  expect(asked).toBe(0)
})

test('refuses what other sites send through a browser that Access knows', async () => {
  const key = await makeKey('one')
  const inbox = await start({ ACCESS_DEFAULT_ROLE: 'write' })
  const jwt = await sign(key, claimsOf('ada@example.com'))
  const foreign: Record<string, string>[] = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'same-site' }]
  for (const headers of foreign) {
    const answer = await askAs(inbox, jwt, '/projects/shop/api/v1/events/1', { method: 'DELETE', headers })
    expect(answer.status).toBe(403)
  }
  const own = { origin: inbox.url }
  expect((await askAs(inbox, jwt, '/projects/shop/api/v1/events/1', { method: 'DELETE', headers: own })).status).toBe(
    404,
  )
})

test('lists who did what, without what was made of it', async () => {
  const key = await makeKey('one')
  const inbox = await start()
  await addPerson(inbox, { identity: 'ada@example.com', role: 'admin' })
  const ada = await sign(key, claimsOf('ada@example.com'))
  const made = await askAs(inbox, ada, '/api/v1/admin/tokens?secret=hunter2', {
    method: 'POST',
    body: JSON.stringify({ name: 'Bob' }),
  })
  const { data } = (await made.json()) as { data: { id: string; token: string } }
  await inbox.ask('/api/v1/admin/projects/blog', { token: data.token, method: 'PATCH', body: '{"enabled":false}' })
  await askAs(inbox, ada, `/api/v1/admin/tokens/${data.id}`, { method: 'DELETE' })
  await fetch(`${inbox.url}/sign-in`, { method: 'POST', body: new URLSearchParams({ token: 'wrong' }) })
  const list = await inbox.ask('/api/v1/admin/audit?limit=4')
  const text = await list.text()
  const { entries } = JSON.parse(text) as { entries: { id: number; at: string }[] }
  const tokenPath = `/api/v1/admin/tokens/${data.id}`
  expect(entries).toMatchObject([
    { who: 'unknown, from 127.0.0.1', action: 'POST /sign-in', status: 401 },
    { who: 'ada@example.com', action: `DELETE ${tokenPath}`, status: 200 },
    { who: 'Bob', action: 'PATCH /api/v1/admin/projects/blog', status: 403 },
    { who: 'ada@example.com', action: 'POST /api/v1/admin/tokens', target: tokenPath, status: 201 },
  ])
  expect(text).not.toContain(data.token)
  expect(text).not.toContain('hunter2')
  const older = await inbox.ask(`/api/v1/admin/audit?before=${entries[3]?.id}`)
  expect(await older.json()).toMatchObject({
    entries: [
      { who: 'admin token', action: 'POST /api/v1/admin/people', target: '/api/v1/admin/people/ada%40example.com' },
      { who: 'admin token', target: '/api/v1/admin/projects/blog' },
      { who: 'admin token', target: '/api/v1/admin/projects/shop' },
    ],
  })
})

test('takes an e-mail address or a service token’s id for a person, and nothing else', async () => {
  const inbox = await start()
  for (const identity of [
    'ada',
    '',
    'a b@example.com',
    'a/b@example.com',
    'ada@',
    null,
    'x'.repeat(300),
    '@.access@',
  ]) {
    const answer = await inbox.ask('/api/v1/admin/people', { method: 'POST', body: JSON.stringify({ identity }) })
    expect([identity, answer.status]).toEqual([identity, 400])
  }
  await addPerson(inbox, { identity: 'ada@example.com' })
  await addPerson(inbox, { identity: 'ada@example.com', role: 'write' })
  const people = await (await inbox.ask('/api/v1/admin/people')).json()
  expect(people).toMatchObject({ people: [{ identity: 'ada@example.com', role: 'write' }] })
  expect((await inbox.ask('/api/v1/admin/people/ADA%40example.com', { method: 'DELETE' })).status).toBe(200)
  expect((await inbox.ask('/api/v1/admin/people/ada%40example.com', { method: 'DELETE' })).status).toBe(404)
})

test('lets those in of whom the runtime says that Access let them through, to this application', async () => {
  const key = await makeKey('one')
  const identity = JSON.stringify({ email: 'Ada@example.com', user_uuid: 'x' })
  for (const [given, status] of [
    [{ AUD: AUDIENCE, IDENTITY: identity }, 200],
    [{ AUD: 'other', IDENTITY: identity }, 401],
    [{ AUD: AUDIENCE, IDENTITY: 'null' }, 401],
    [{ AUD: AUDIENCE, IDENTITY: '{"email":"eve@example.com"}' }, 401],
  ] as const) {
    const inbox = await startTeamInbox([], undefined, {
      entry: 'test/inbox/object/access-context.ts',
      variables: { ACCESS_AUD: AUDIENCE, ...given },
    })
    await inbox.addProject('shop')
    await addPerson(inbox, { identity: 'ada@example.com' })
    const answer = await fetch(`${inbox.url}/projects/shop/api/v1/events`)
    expect([given, answer.status]).toEqual([given, status])
    // Without a team, nothing is known of tokens' signatures.
    const jwt = await sign(key, claimsOf('ada@example.com'))
    if (status === 401) expect((await askAs(inbox, jwt, '/projects/shop/api/v1/events')).status).toBe(401)
  }
})
