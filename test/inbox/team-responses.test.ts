/** What every route of a team's inbox responds with: headers, and nothing that whoever asks has written. */
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { findDanger, readHtml } from './page-html.ts'
import { createSampleEvent } from './sample-event.ts'
import { ADMIN_TOKEN, startTeamInbox } from './start-team-inbox.ts'
import { listOf, sendEvents } from './team-events.ts'
import { fillRoute, listTeamRoutes } from './team-routes.ts'

const HOSTILE = `"><script>alert(1)</script>' onmouseover='alert(1)</title><img src=x onerror=alert(1)>javascript:alert(1)`
const INJECTED = '/\r\nx-injected: 1\r\nset-cookie: x=1'

/** Every name that a page reads from an address, and one that none does. */
const PARAMETERS = [
  'q',
  'query',
  'before',
  'after',
  'trail',
  'next',
  'done',
  'limit',
  'service',
  'status',
  'as',
  'sort',
]

/** All that a response must be, whoever asked. */
function findFaults(response: Response, text: string, origin: string): string[] {
  const { headers } = response
  const policy = headers.get('content-security-policy') ?? ''
  const isHtml = headers.get('content-type')?.startsWith('text/html') ?? false
  const location = headers.get('location')
  const faults: Record<string, boolean> = {
    'a policy that lets inline code run': !/^default-src 'none'/.test(policy) || /unsafe|\*|https?:/.test(policy),
    'a policy that lets others frame it': !policy.includes("frame-ancestors 'none'"),
    'a policy that lets others set its base': !policy.includes("base-uri 'none'"),
    'a type that may be guessed': headers.get('x-content-type-options') !== 'nosniff',
    'what a cache may keep': headers.get('cache-control') !== 'no-store',
    'what other sites may load': headers.get('cross-origin-resource-policy') !== 'same-origin',
    'a window that others have': headers.get('cross-origin-opener-policy') !== 'same-origin',
    'an address that others learn': !/^(no-referrer|same-origin)$/.test(headers.get('referrer-policy') ?? ''),
    'what other origins may read': [...headers.keys()].some(name => name.startsWith('access-control-')),
    'a header of whoever asked': headers.has('x-injected') || headers.get('set-cookie') === 'x=1',
    'a redirect to elsewhere': location !== null && new URL(location, origin).origin !== origin,
    'an error of its own': response.status >= 500,
  }
  const found = Object.keys(faults).filter(name => faults[name])
  return isHtml ? [...found, ...findDanger(readHtml(text).tags)] : found
}

test('are of one form, whatever names, projects and addresses have in them', async () => {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  await sendEvents(inbox, key, createSampleEvent({ status: 'failed', errorMessage: HOSTILE, serviceName: HOSTILE }))
  await eventually(async () => expect(await listOf(inbox, 'shop')).toHaveLength(1))
  const [event] = await listOf(inbox, 'shop')
  const { issues } = (await (await inbox.ask('/projects/shop/api/v1/issues')).json()) as {
    issues: { issueId: string }[]
  }
  const post = (path: string, body: object) =>
    inbox.ask(`/api/v1/admin/${path}`, { method: 'POST', body: JSON.stringify(body) })
  const made = await post('tokens', { name: HOSTILE, role: 'admin' })
  const { data } = (await made.json()) as { data: { token: string } }
  expect((await post('people', { identity: '"><b>@"onmouseover=alert(1)' })).status).toBe(201)
  // Somebody whose name is hostile, whom each page greets, and whom the audit list has.
  const body = new URLSearchParams({ token: data.token })
  const signedIn = await fetch(`${inbox.url}/sign-in`, { method: 'POST', redirect: 'manual', body })
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  let pages = 0
  const ask = async (method: string, path: string, headers: Record<string, string>, isIn = true) => {
    const response = await fetch(inbox.url + path, {
      method,
      redirect: 'manual',
      headers: { ...(isIn && { cookie }), ...headers },
      ...(method !== 'GET' && { body: '{' }),
    })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    if (isStream) await response.body?.cancel()
    const text = isStream ? '' : await response.text()
    expect([method, path, headers, findFaults(response, text, inbox.url)]).toEqual([method, path, headers, []])
    pages += response.status === 200 && text.startsWith('<!doctype html>') ? 1 : 0
  }
  const html = { accept: 'text/html' }
  const kept = { project: 'shop', other: event?.id ?? '', release: 'one', map: 'a', identity: 'a' }
  for (const route of listTeamRoutes().filter(({ path }) => !path.includes('/assets/'))) {
    const id = (route.path.includes('/issues/') ? issues[0]?.issueId : event?.id) ?? ''
    const path = fillRoute(route, { ...kept, id })
    const { method } = route
    const asked: Promise<void>[] = []
    for (const headers of [html, { accept: 'application/json' }]) {
      // What would change something is sent by another site, or is no JSON.
      const foreign = method === 'GET' ? {} : { origin: 'https://evil.example' }
      asked.push(ask(method, path, { ...headers, ...foreign }))
      asked.push(ask(method, path, headers, false))
      for (const value of [HOSTILE, INJECTED, '../../insert', '//evil.example/', '\u0000', '%']) {
        const values = Object.fromEntries([...Object.keys(kept), 'id', 'replayId'].map(name => [name, value]))
        if (path !== route.path) asked.push(ask(method, fillRoute(route, { ...values, project: 'shop' }), headers))
        if (path !== route.path) asked.push(ask(method, fillRoute(route, values), headers))
      }
      if (method !== 'GET') continue
      for (const name of PARAMETERS) {
        for (const value of [HOSTILE, INJECTED, '//evil.example']) {
          asked.push(ask(method, `${path}?${new URLSearchParams({ [name]: value })}`, headers))
        }
      }
    }
    await Promise.all(asked)
  }
  for (const path of [`/${encodeURIComponent(HOSTILE)}`, `/projects/${encodeURIComponent(INJECTED)}`, '/nothing']) {
    await ask('GET', path, html)
    await ask('GET', path, html, false)
  }
  expect(pages).toBeGreaterThan(100)
}, 180_000)

test('lead nowhere else after somebody has signed in', async () => {
  const { url, ask } = await startTeamInbox()
  for (const next of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    '/.//evil.example',
    '/@evil.example',
    INJECTED,
    `/${HOSTILE}`,
  ]) {
    const shown = await ask(`/sign-in?${new URLSearchParams({ next })}`)
    expect([next, findFaults(shown, await shown.text(), url)]).toEqual([next, []])
    const body = new URLSearchParams({ token: ADMIN_TOKEN, next })
    const signedIn = await fetch(`${url}/sign-in`, { method: 'POST', redirect: 'manual', body })
    expect([next, signedIn.status, findFaults(signedIn, '', url)]).toEqual([next, 303, []])
  }
})

test('let caches keep what is the same for everybody, and nothing else', async () => {
  const { url } = await startTeamInbox()
  for (const { path } of listTeamRoutes().filter(route => route.path.startsWith('/assets/'))) {
    const { headers } = await fetch(url + path)
    expect([path, headers.get('cache-control')]).toEqual([path, 'public, max-age=31536000, immutable'])
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
})
