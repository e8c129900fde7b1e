/** Who has signed in to a team's inbox: their cookie, and what ends it. */
import { expect, test, vi } from 'vitest'
import { isSameSecret } from '../../src/inbox/worker/secrets.ts'
import { ADMIN_TOKEN, startTeamInbox, type TeamInbox } from './start-team-inbox.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const PATH = '/api/v1/admin/projects'

/** Signs in, and resolves to the cookie that a browser sends from then on. */
async function signIn({ url }: TeamInbox, token: string, headers: Record<string, string> = {}): Promise<string> {
  const body = new URLSearchParams({ token })
  const signedIn = await fetch(`${url}/sign-in`, { method: 'POST', redirect: 'manual', body, headers })
  expect(signedIn.status).toBe(303)
  return (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

async function statusOf({ url }: TeamInbox, cookie: string): Promise<number> {
  return (await fetch(url + PATH, { headers: { cookie } })).status
}

async function makeAdmin(inbox: TeamInbox, name: string): Promise<{ id: string; token: string }> {
  const made = await inbox.ask('/api/v1/admin/tokens', {
    method: 'POST',
    body: JSON.stringify({ name, role: 'admin' }),
  })
  return ((await made.json()) as { data: { id: string; token: string } }).data
}

test('a session is a secret of the inbox’s own, made anew each time, and ends the one before', async () => {
  const inbox = await startTeamInbox()
  const chosen = `replaystack_session=${'a'.repeat(48)}`
  const first = await signIn(inbox, ADMIN_TOKEN, { cookie: chosen })
  expect([await statusOf(inbox, chosen), await statusOf(inbox, first)]).toEqual([401, 200])
  expect(first).toMatch(/^replaystack_session=[\da-f]{48}$/)
  const second = await signIn(inbox, ADMIN_TOKEN, { cookie: first })
  expect([await statusOf(inbox, first), await statusOf(inbox, second)]).toEqual([401, 200])
  // Neither a token nor a hash is a session.
  for (const wrong of [ADMIN_TOKEN, '', '../tokens', '0'.repeat(48), `${second.slice(20)}00`]) {
    expect([wrong, await statusOf(inbox, `replaystack_session=${wrong}`)]).toEqual([wrong, 401])
  }
})

test('with TLS the cookie is one that no other host can set, and no script can read', async () => {
  const { miniflare } = await startTeamInbox()
  const ask = (path: string, headers: Record<string, string>, body?: URLSearchParams) =>
    miniflare.dispatchFetch(`https://inbox.example${path}`, {
      redirect: 'manual',
      headers,
      ...(body && { method: 'POST', body }),
    })
  const signedIn = await ask('/sign-in', {}, new URLSearchParams({ token: ADMIN_TOKEN }))
  const setCookie = signedIn.headers.get('set-cookie') ?? ''
  expect(setCookie).toMatch(
    /^__Host-replaystack_session=[\da-f]{48}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure$/,
  )
  const [cookie = ''] = setCookie.split(';')
  const status = async (sent: string) => (await ask(PATH, { cookie: sent })).status
  expect(await status(`other=1; ${cookie}`)).toBe(200)
  // What a host beside it can set for the whole domain.
  expect(await status(cookie.replace('__Host-', ''))).toBe(401)
  expect(await status(`replaystack_session=${'0'.repeat(48)}; ${cookie}`)).toBe(200)
  const signedOut = await ask('/sign-out', { cookie }, new URLSearchParams())
  expect(signedOut.headers.get('set-cookie')).toMatch(/^__Host-replaystack_session=; .*Max-Age=0; Secure$/)
  expect(await status(cookie)).toBe(401)
})

test('a token that is revoked ends the sessions that were begun by it, and no other', async () => {
  const inbox = await startTeamInbox()
  const [ada, bob] = [await makeAdmin(inbox, 'Ada'), await makeAdmin(inbox, 'Bob')]
  const cookies = [await signIn(inbox, ada.token), await signIn(inbox, ada.token), await signIn(inbox, bob.token)]
  const statuses = () => Promise.all(cookies.map(cookie => statusOf(inbox, cookie)))
  expect(await statuses()).toEqual([200, 200, 200])
  await inbox.ask(`/api/v1/admin/tokens/${ada.id}`, { method: 'DELETE' })
  expect(await statuses()).toEqual([401, 401, 200])
})

test('another admin token ends the sessions of the one before', async () => {
  const folder = createTemporaryFolder()
  const before = await startTeamInbox([], folder)
  const cookie = await signIn(before, ADMIN_TOKEN)
  const { token } = await makeAdmin(before, 'Ada')
  const other = await signIn(before, token)
  await before.miniflare.dispose()
  for (const variable of ['another-admin-token-of-a-test-0123456789', 'short', '']) {
    const after = await startTeamInbox([], folder, { variables: { ADMIN_TOKEN: variable } })
    expect([variable, await statusOf(after, cookie), await statusOf(after, other)]).toEqual([variable, 401, 200])
    await after.miniflare.dispose()
  }
})

test('an admin token that can be guessed opens nothing', async () => {
  for (const token of ['', 'short', 'x'.repeat(31)]) {
    const { url, ask } = await startTeamInbox([], undefined, { variables: { ADMIN_TOKEN: token } })
    expect((await ask(PATH, { token })).status).toBe(401)
    const body = new URLSearchParams({ token })
    expect((await fetch(`${url}/sign-in`, { method: 'POST', redirect: 'manual', body })).status).toBe(401)
  }
})

test('secrets are compared by their hashes, whole, wherever they differ', async () => {
  const digest = vi.spyOn(crypto.subtle, 'digest')
  const secret = 'x'.repeat(48)
  for (const other of [secret, `y${secret.slice(1)}`, `${secret.slice(1)}y`, 'x', '', `${secret}x`]) {
    digest.mockClear()
    expect([other, await isSameSecret(other, secret)]).toEqual([other, other === secret])
    expect(digest).toHaveBeenCalledTimes(2)
  }
  digest.mockRestore()
})
