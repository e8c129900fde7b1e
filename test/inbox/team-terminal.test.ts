/** Each command of the terminal, and an agent, against a project of a team's inbox: by `--token`, and by the variable alone. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { eventually } from '../support/eventually.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { connectAgent } from './connect-agent.ts'
import { startReplayServer } from './replay-server.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'
import { startTeamInbox } from './start-team-inbox.ts'
import { sendEvents } from './team-events.ts'

const FAILURE: Partial<ReplayStackEvent> = {
  ...{ method: 'GET', endpoint: '/orders/pen', requestUrl: 'http://127.0.0.1:1/orders/pen', requestHeaders: {} },
  ...{ status: 'failed', statusCode: 500, errorName: 'TypeError', errorMessage: 'no price' },
  responsePayload: { error: 'no price' },
}

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

/** A project with two failures of one kind, and tokens to read and to write. */
async function startShop() {
  const inbox = await startTeamInbox()
  const key = await inbox.addProject('shop')
  const shop = `${inbox.url}/projects/shop`
  const addToken = async (role: string): Promise<string> => {
    const body = JSON.stringify({ name: role, role, projects: ['shop'] })
    const response = await inbox.ask('/api/v1/admin/tokens', { method: 'POST', body })
    const { data } = (await response.json()) as { data: { token: string } }
    return data.token
  }
  const get = async (path: string) => (await inbox.ask(`/projects/shop${path}`)).json()
  const keep = async (fields: Partial<ReplayStackEvent>): Promise<string> => {
    const answer = await sendEvents(inbox, key, createSampleEvent({ ...FAILURE, ...fields }))
    const { data } = (await answer.json()) as { data: { eventId: string } }
    await eventually(async () =>
      expect((await inbox.ask(`/projects/shop/api/v1/events/${data.eventId}`)).status).toBe(200),
    )
    return data.eventId
  }
  const ids = [await keep({ traceId: 'first' }), await keep({ traceId: 'second', statusCode: 502 })] as const
  return { inbox, shop, get, keep, ids, read: await addToken('read'), write: await addToken('write') }
}

const startApp = (statusCode: number) =>
  startReplayServer((_request, response) => {
    response.writeHead(statusCode, { 'content-type': 'application/json' }).end('{"price":12}')
  })

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'replaystack-terminal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test.each(['--token', 'REPLAYSTACK_INBOX_TOKEN'])(
  'every command is let in by %s, and none without',
  async way => {
    const { shop, ids, keep, read } = await startShop()
    const [flags, variables] = way === '--token' ? [['--token', read], {}] : [[], { [way]: read }]
    const start = (args: readonly string[]) =>
      runCommand(command.file, [...args, '--inbox', shop, ...flags], [], process.cwd(), variables)
    const run = async (...args: string[]) => {
      const running = start(args)
      const { code } = await running.exit()
      expect(running.stdout() + running.stderr()).not.toContain(read)
      return { code, stdout: running.stdout(), stderr: running.stderr() }
    }
    const [first, second] = ids
    const folder = makeFolder()
    const app = await startApp(200)
    const calls: [args: string[], code: number, stdout: RegExp][] = [
      [['issues'], 0, /TypeError: no price[\s\S]*open; 2 failures/],
      [['issues', 'is:open', '--json'], 0, /^\{.*"count":2/],
      [['export', first, '--as', 'curl'], 0, /^curl [\s\S]*http:\/\/127\.0\.0\.1:1\/orders\/pen/],
      [['export', '--query', 'is:failed', '--as', 'har'], 0, /"version": ?"1\.2"/],
      [['compare', first, second], 1, /500 failed +502 failed/],
      [['compare', first, first], 0, /./],
      [['replay', first, '--to', app.url], 1, /500 +200/],
      [['replay', 'second', '--to', app.url, '--json'], 1, /"same":false/],
      [['replay', '--query', 'is:failed', '--to', app.url], 1, /GET \/orders\/pen/],
      [['test', first, '--out', join(folder, 'pen.test.ts')], 0, /^Written: /],
    ]
    for (const [args, code, stdout] of calls) {
      expect([args, await run(...args)]).toEqual([args, { code, stdout: expect.stringMatching(stdout), stderr: '' }])
      const refused = runCommand(command.file, [...args, '--inbox', shop])
      expect([args, (await refused.exit()).code]).toEqual([args, 2])
      expect(refused.stderr()).toContain('lets nobody in without a token')
    }
    expect(readFileSync(join(folder, 'pen.test.ts'), 'utf8')).toContain("test('GET /orders/pen'")
    expect(
      app.requests
        .flatMap(({ headers }) => headers)
        .flat()
        .join(),
    ).not.toContain(read)

    const tail = start(['tail', '--status', 'failed'])
    await tail.waitFor('stderr', /Following/)
    await keep({ traceId: 'third' })
    await tail.waitFor('stdout', /GET.*\/orders\/pen/)

    const options = { cwd: folder, env: { PATH: String(process.env['PATH']), ...variables } }
    const call = await connectAgent(command.file, ['--inbox', shop, ...flags], options)
    for (const [name, given, text] of [
      ['list_issues', { query: 'is:open' }, /TypeError: no price/],
      ['search_events', { query: 'is:failed', limit: 1 }, /1 event, newest first/],
      ['get_event', { id: first }, /TypeError[\s\S]*no price/],
      ['replay_event', { id: first, target: app.url }, /status +500 +200/],
      ['write_test', { id: first, out: 'agent.test.ts' }, /npx vitest run agent\.test\.ts/],
    ] as const) {
      expect([name, await call(name, given)]).toEqual([name, { isError: false, text: expect.stringMatching(text) }])
    }
  },
  120_000,
)

test('a replay made at a terminal or by an agent is kept in the history of its event', async () => {
  const { inbox, shop, get, ids, read, write } = await startShop()
  const [first, second] = ids
  const app = await startApp(200)
  const replay = (token: string, ...args: string[]) =>
    runCommand(command.file, ['replay', ...args, '--to', app.url, '--inbox', shop, '--token', token]).exit()
  const kept = async (id: string) => ((await get(`/api/v1/events/${id}/replays`)) as { replays: object[] }).replays
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const stream = await inbox.ask('/projects/shop/api/v1/stream', { signal: leaving.signal })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  let streamed = ''
  const readUntil = async (pattern: RegExp) => {
    while (!pattern.test(streamed)) streamed += (await reader?.read())?.value ?? ''
  }

  const outcome = { target: app.url, outcome: 'fixed', originalStatusCode: 500, statusCode: 200 }
  await replay(write, first)
  expect(await kept(first)).toMatchObject([outcome])
  await readUntil(/event: replay\.completed\ndata: .*"outcome":"fixed"/)
  expect(streamed).toMatch(/event: replay\.started\ndata: .*"projectId":"shop"/)
  await replay(write, '--query', 'is:failed')
  expect([await kept(first), await kept(second)].flat()).toHaveLength(3)
  const call = await connectAgent(command.file, ['--inbox', shop, '--token', write])
  await call('replay_event', { id: second, target: app.url })
  expect([await kept(first), await kept(second)].flat()).toHaveLength(4)
  const page = await (await inbox.ask(`/projects/shop/events/${first}`, { headers: { accept: 'text/html' } })).text()
  expect(page.replace(/<[^>]*>|\s+/g, ' ')).toMatch(/500 → 200 +fixed/)

  // Who may only look replays all the same: the inbox keeps nothing of it.
  const sent = app.requests.length
  await replay(read, first)
  expect(app.requests.length).toBe(sent + 1)
  expect([await kept(first), await kept(second)].flat()).toHaveLength(4)
}, 120_000)
