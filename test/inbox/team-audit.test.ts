/** The audit list of a team's inbox: what it has, and how much of it. */
import { expect, onTestFinished, test } from 'vitest'
import { createSqliteDriver } from '../../src/inbox/local/sqlite-driver.ts'
import { openDatabase } from '../../src/inbox/local/sqlite-file.ts'
import { migrate } from '../../src/inbox/sql/migrations.ts'
import { AuditLog } from '../../src/inbox/worker/audit-log.ts'
import { DIRECTORY_MIGRATIONS } from '../../src/inbox/worker/directory-store.ts'
import { startTeamInbox, type TeamInbox } from './start-team-inbox.ts'

const DAY_MS = 86_400_000

function openAudit(now: () => number) {
  const driver = createSqliteDriver(openDatabase(undefined), undefined)
  onTestFinished(() => driver.close())
  migrate(driver, 0, DIRECTORY_MIGRATIONS)
  const audit = new AuditLog(driver, now)
  const count = (status: number) =>
    Number(driver.query('SELECT count(*) AS count FROM audit WHERE status = ?', status)[0]?.['count'])
  const add = (who: string, status: number) => audit.add({ who, action: 'POST /x', target: '/x', status })
  return { audit, add, count }
}

test('keeps 20,000 entries, of which 1,000 are about unknown tokens, and cuts what is long', () => {
  const { audit, add, count } = openAudit(Date.now)
  add('first', 200)
  for (let index = 0; index < 1_500; index++) add(`guess ${index}`, 401)
  expect([count(401), count(200)]).toEqual([1_000, 1])
  expect(audit.list(1)).toMatchObject([{ who: 'guess 1499' }])
  for (let index = 0; index < 20_500; index++) add(`person ${index}`, 200)
  expect(count(200)).toBe(20_000)
  add('x'.repeat(10_000), 200)
  expect(audit.list(1)[0]?.who).toHaveLength(500)
})

test('keeps an entry for a year', () => {
  let now = Date.UTC(2026, 0, 1)
  const { audit, add, count } = openAudit(() => now)
  for (let index = 0; index < 150; index++) add('old', 200)
  now += 364 * DAY_MS
  add('young', 201)
  expect(count(200)).toBe(150)
  now += 2 * DAY_MS
  // However many there are, what is added does not wait for all of them.
  for (const left of [50, 0]) {
    add('new', 202)
    expect(count(200)).toBe(left)
  }
  expect(audit.list(10).map(({ who }) => who)).toEqual(['new', 'new', 'young'])
})

async function entriesOf(inbox: TeamInbox): Promise<{ who: string; action: string; status: number }[]> {
  const { entries } = (await (await inbox.ask('/api/v1/admin/audit')).json()) as {
    entries: { who: string; action: string; status: number }[]
  }
  return entries
}

test('has one entry for many tokens that are guessed, wherever, with the address they come from', async () => {
  const inbox = await startTeamInbox()
  const headers = { 'cf-connecting-ip': '203.0.113.7' }
  for (let count = 0; count < 20; count++) {
    const body = new URLSearchParams({ token: `guess-${count}` })
    await fetch(`${inbox.url}/sign-in`, { method: 'POST', body, headers })
    await inbox.ask('/projects/shop/api/v1/events', { token: `guess-${count}` })
    await fetch(`${inbox.url}/`)
    await fetch(`${inbox.url}/api/v1/ingest/events`, { method: 'POST' })
  }
  const entries = await entriesOf(inbox)
  expect(entries).toMatchObject([{ action: 'POST /sign-in', status: 401 }])
  expect(entries[0]?.who).toMatch(/^unknown, from [\d.]+$/)
  expect(JSON.stringify(entries)).not.toContain('guess')
})

test('is a page for admins, a hundred entries at a time', async () => {
  const inbox = await startTeamInbox()
  for (let count = 0; count < 101; count++) {
    await inbox.ask(`/api/v1/admin/tokens/token-${count}`, { method: 'DELETE' })
  }
  await inbox.addProject('shop')
  const page = async (path: string) => (await inbox.ask(path, { headers: { accept: 'text/html' } })).text()
  const newest = await page('/admin/audit')
  expect(newest).toMatch(
    /admin token<.*<code>POST \/api\/v1\/admin\/projects<.*made <code>\/api\/v1\/admin\/projects\/shop</,
  )
  expect(newest).toContain('DELETE /api/v1/admin/tokens/token-2<')
  expect(newest).not.toContain('/token-1<')
  const [, next = ''] = /rel="next" href="([^"]*)"/.exec(newest) ?? []
  const older = await page(next)
  expect(older).toMatch(/token-1<.*token-0</)
  expect(older).not.toContain('rel="next"')
  expect(older).toContain('href="/admin/audit">← The newest')
})
