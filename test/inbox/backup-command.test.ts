/** `replaystack backup`, `restore`, `delete` and `forget`, against an inbox of this machine and a team's. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { runCommandLine } from '../../src/inbox/local/command-line.ts'
import { startInbox } from '../../src/inbox/local/server.ts'
import { eventually } from '../support/eventually.ts'
import { createSampleEvent } from './sample-event.ts'
import { ADMIN_TOKEN, startTeamInbox } from './start-team-inbox.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

async function run(...args: string[]) {
  const [lines, problems]: [string[], string[]] = [[], []]
  const code = await runCommandLine(args, {
    print: line => lines.push(line),
    printError: line => problems.push(line),
    color: false,
    interrupted: new AbortController().signal,
  })
  return { code, text: lines.join('\n'), problems: problems.join('\n') }
}

async function open(file?: string) {
  const inbox = await startInbox({ file })
  onTestFinished(() => inbox.close())
  return inbox
}

type Inbox = Awaited<ReturnType<typeof open>>

function fill({ store }: Inbox, count = 5): void {
  for (let index = 0; index < count; index++) {
    const event = createSampleEvent({
      traceId: `trace-${index}`,
      requestPayload: { user: index === 1 ? 'ada.zweistein@example.com' : 'bob@example.com', text: 'x'.repeat(1000) },
      ...(index % 2 === 0 && { status: 'failed', errorName: 'TypeError', errorMessage: 'It is gone' }),
    })
    store.insert({ event, json: JSON.stringify(event), id: `event-${index}`, idempotencyKey: `key-${index}` })
  }
  store.update('event-0', { pinned: true, note: 'first' })
}

/** What an inbox shows by its read API. */
async function contentsOf(url: string, headers: Record<string, string> = {}) {
  const ask = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1/${path}`, { headers })).json()
  const { events } = (await ask('events?limit=200')) as { events: { id: string }[] }
  return {
    events: events.map(event => JSON.parse(JSON.stringify(event))),
    whole: await Promise.all(events.map(({ id }) => ask(`events/${id}`))),
    issues: await ask('issues'),
    routes: await ask('routes'),
  }
}

it('moves a project from this machine to a team’s inbox and back, and nothing is another', async () => {
  const folder = createTemporaryFolder()
  const [first, second] = [await open(), await open()]
  fill(first)
  const file = join(folder, 'shop.ndjson.gz')
  const written = await run('backup', file, '--inbox', first.url)
  expect(written).toEqual({ code: 0, text: `Written: ${file} (events: 5, issues: 1)`, problems: '' })
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kind: 'backup', version: 1, inbox: first.url })
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ kind: 'end', events: 5, issues: 1 })

  const team = await startTeamInbox()
  await team.addProject('shop')
  await team.addProject('blog')
  const shop = `${team.url}/projects/shop`
  const token = ['--token', ADMIN_TOKEN]
  const restored = await run('restore', file, '--inbox', shop, ...token)
  expect(restored).toEqual({ code: 0, text: 'Events restored: 5, there already: 0', problems: '' })
  const authorization = `Bearer ${ADMIN_TOKEN}`
  const atHome = await contentsOf(first.url)
  expect(await contentsOf(shop, { authorization })).toEqual(atHome)
  expect((await contentsOf(`${team.url}/projects/blog`, { authorization })).events).toEqual([])

  const back = join(folder, 'back.ndjson')
  await run('backup', back, '--inbox', shop, ...token)
  await run('restore', back, '--inbox', second.url)
  expect(await contentsOf(second.url)).toEqual(atHome)
  const again = await run('restore', back, '--inbox', second.url)
  expect(again).toEqual({ code: 0, text: 'Events restored: 0, there already: 5', problems: '' })
  expect(await contentsOf(second.url)).toEqual(atHome)
})

it('writes a file whole or not at all, and none that is there unless it is asked to', async () => {
  const folder = createTemporaryFolder()
  const inbox = await open()
  fill(inbox, 2)
  const file = join(folder, 'shop.ndjson')
  writeFileSync(file, 'mine')
  expect((await run('backup', file, '--inbox', inbox.url)).problems).toContain('exists already; --force writes over it')
  expect(readFileSync(file, 'utf8')).toBe('mine')
  expect((await run('backup', file, '--force', '--inbox', inbox.url)).code).toBe(0)
  const elsewhere = join(folder, 'no', 'folder')
  expect((await run('backup', elsewhere, '--inbox', inbox.url)).problems).toContain('cannot be written: ENOENT')
  // The second page does not come.
  const server = createServer((request, response) => {
    const isFirst = !request.url?.includes('after')
    response.writeHead(isFirst ? 200 : 503, isFirst ? { link: '<?after=event%3A1>; rel="next"' } : {}).end('')
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const broken = join(folder, 'broken.ndjson')
  const failed = await run('backup', broken, '--inbox', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect([failed.code, failed.problems]).toEqual([2, expect.stringContaining('it answered 503')])
  expect(readdirSync(folder)).toEqual(['shop.ndjson'])
})

it('says what of a file could not be restored, by its line', async () => {
  const folder = createTemporaryFolder()
  const [inbox, other] = [await open(), await open()]
  fill(inbox, 3)
  const file = join(folder, 'shop.ndjson')
  await run('backup', file, '--inbox', inbox.url)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  lines[4] = '{"no":"event"}\u001b[31m'
  writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`)
  const { code, text, problems } = await run('restore', file, '--inbox', other.url)
  expect([code, text]).toEqual([2, 'Events restored: 2, there already: 0'])
  expect(problems.split('\n')).toEqual([
    'Line 4 is not restored: it must be a JSON object',
    `replaystack: ${file} is cut off: what is in it was restored`,
  ])
  for (const [content, problem] of [
    ['', 'is empty'],
    ['{"kind":"event"}', 'is no backup of an inbox'],
    ['{"kind":"backup","version":2}', 'a version that this command does not know: 2'],
  ] as const) {
    writeFileSync(file, content)
    expect((await run('restore', file, '--inbox', other.url)).problems).toContain(problem)
  }
  writeFileSync(`${file}.gz`, gzipSync('x').subarray(0, 12))
  expect((await run('restore', `${file}.gz`, '--inbox', other.url)).problems).toContain('cannot be read')
  expect((await run('restore', join(folder, 'none'), '--inbox', other.url)).problems).toContain(
    'cannot be read: ENOENT',
  )
})

it('restores a file that takes many requests, with each event’s lines together', async () => {
  const folder = createTemporaryFolder()
  const [inbox, other] = [await open(), await open()]
  for (let index = 0; index < 9; index++) {
    const event = createSampleEvent({ traceId: `t${index}`, requestPayload: 'y'.repeat(700_000) })
    inbox.store.insert({ event, json: JSON.stringify(event) })
  }
  const file = join(folder, 'large.ndjson')
  await run('backup', file, '--inbox', inbox.url)
  expect((await run('restore', file, '--inbox', other.url)).text).toBe('Events restored: 9, there already: 0')
  expect(other.store.list().events).toEqual(inbox.store.list().events)
})

it('deletes what a query finds, once it is said to', async () => {
  const inbox = await open()
  fill(inbox)
  const only = await run('delete', 'is:failed', '--inbox', inbox.url)
  expect(only).toEqual({ code: 0, text: 'Events that would be deleted: 3. --yes deletes them.', problems: '' })
  expect(inbox.store.count()).toBe(5)
  expect((await run('delete', 'is:failed', '--yes', '--inbox', inbox.url)).text).toBe('Events deleted: 3')
  expect(inbox.store.list().events.map(({ id }) => id)).toEqual(['event-3', 'event-1'])
  expect((await run('delete', 'is:nothing', '--yes', '--inbox', inbox.url)).code).toBe(2)
  expect((await run('delete', ' ', '--yes', '--inbox', inbox.url)).code).toBe(2)
  expect((await run('delete', '--yes', '--inbox', inbox.url)).problems).toContain('A query is missing')
  expect(inbox.store.count()).toBe(2)
})

it('leaves no trace of a person in the file of an inbox', async () => {
  const folder = createTemporaryFolder()
  const file = join(folder, 'inbox.db')
  const inbox = await open(file)
  fill(inbox, 40)
  const traces = () =>
    readdirSync(folder)
      .map(name => readFileSync(join(folder, name), 'latin1'))
      .filter(bytes => /zweistein/i.test(bytes)).length
  expect(traces()).toBeGreaterThan(0)
  const only = await run('forget', 'Ada.Zweistein@example.com', '--inbox', inbox.url)
  expect(only.text).toBe('Events that mention them: 1. --yes deletes them, for good.')
  expect(inbox.store.count()).toBe(40)
  const done = await run('forget', 'Ada.Zweistein@example.com', '--yes', '--inbox', inbox.url)
  expect(done).toEqual({ code: 0, text: 'Events deleted that mention them: 1', problems: '' })
  expect(inbox.store.count()).toBe(39)
  expect(traces()).toBe(0)
  expect((await run('forget', 'ab', '--yes', '--inbox', inbox.url)).problems).toContain('3 to 200 characters')
})

it('takes a person out of a team’s project, its bucket too, and out of no other', async () => {
  const team = await startTeamInbox()
  const bucket = await team.miniflare.getR2Bucket('EVENT_BUCKET', 'inbox')
  const bodies = {
    small: 'ada.zweistein@example.com',
    large: `${'x'.repeat(150_000)} ada.zweistein@example.com`,
    other: 'bob',
  }
  for (const project of ['shop', 'blog']) {
    const key = await team.addProject(project)
    for (const [traceId, requestPayload] of Object.entries(bodies)) {
      await fetch(`${team.url}/api/v1/ingest/events`, {
        method: 'POST',
        headers: { 'x-replaystack-api-key': key },
        body: JSON.stringify(createSampleEvent({ traceId, requestPayload })),
      })
    }
    const head = JSON.stringify({ project, id: 'x', idempotencyKey: 'x', receivedAt: 1 })
    const mention = JSON.stringify(createSampleEvent({ requestPayload: bodies.small }))
    await bucket.put(`dead/${project}/x`, `${head}\n${mention}`)
    await bucket.put(`dead/${project}/y`, `${head}\n${JSON.stringify(createSampleEvent())}`)
    for (let index = 0; index < 45; index++) await bucket.put(`large/${project}/${index}`, index % 2 ? mention : '{}')
  }
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const traceIds = async (project: string) => {
    const response = await fetch(`${team.url}/projects/${project}/api/v1/events`, { headers })
    const { events } = (await response.json()) as { events: { traceId: string }[] }
    return events.map(({ traceId }) => traceId).sort()
  }
  for (const project of ['shop', 'blog']) {
    await eventually(async () => expect(await traceIds(project)).toEqual(['large', 'other', 'small']))
  }
  const args = ['forget', 'ada.zweistein@example.com', '--inbox', `${team.url}/projects/shop`, '--token', ADMIN_TOKEN]
  expect((await run(...args)).text).toContain('mention them: 25. --yes')
  expect((await run(...args, '--yes')).text).toBe('Events deleted that mention them: 25')
  expect([await traceIds('shop'), await traceIds('blog')]).toEqual([['other'], ['large', 'other', 'small']])
  const keys = (await bucket.list()).objects.map(({ key }) => key)
  expect(keys.filter(key => key.startsWith('dead/'))).toEqual(['dead/blog/x', 'dead/blog/y', 'dead/shop/y'])
  expect(keys.filter(key => key.startsWith('large/shop/'))).toHaveLength(23)
  expect(keys.filter(key => key.startsWith('large/blog/'))).toHaveLength(45)
})
