/** A team's inbox by the terminal: from an empty account to a replay. */
import { createServer } from 'node:http'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ReplayStackClient } from '../../src/index.ts'
import { eventually } from '../support/eventually.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'
import { ADMIN_TOKEN, startTeamInbox } from './start-team-inbox.ts'
import { sendEvents } from './team-events.ts'

const ORDERS = { eventType: 'api', method: 'GET', endpoint: '/orders', statusCode: 201 } as const

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

/** Runs a command to its end. */
async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const running = runCommand(command.file, args)
  const { code } = await running.exit()
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

test('makes projects, keys and tokens, and lets every command in', async () => {
  const { url } = await startTeamInbox()
  const team = (...args: string[]) => run('team', ...args, '--url', url, '--admin-token', ADMIN_TOKEN)

  const made = await team('init', '--project', 'shop')
  const [, key = ''] = /^REPLAYSTACK_API_KEY=(rs_live_shop_\w+)$/m.exec(made.stdout) ?? []
  expect(made.stdout).toContain(`REPLAYSTACK_ENDPOINT=${url}\n`)
  const client = new ReplayStackClient({ apiKey: key, endpoint: url, serviceName: 'shop' })
  client.captureEvent({ ...ORDERS, traceId: 'first', status: 'failed' })
  expect(await client.flush()).toBe(true)

  const person = await team('add-token', 'Ada', '--role', 'write', '--project', 'shop')
  const [, token = ''] = /^REPLAYSTACK_INBOX_TOKEN=(rs_team_\w+)$/m.exec(person.stdout) ?? []
  const inbox = `${url}/projects/shop`
  const asAda = (...args: string[]) => run(...args, '--inbox', inbox, '--token', token)
  await eventually(async () => {
    const { stdout } = await asAda('export', '--query', 'is:failed', '--as', 'json')
    expect(stdout).toContain('"first"')
  })

  const tail = runCommand(command.file, ['tail', '--inbox', inbox, '--token', token, '--json'])
  await tail.waitFor('stderr', /Following/)
  client.captureEvent({ ...ORDERS, traceId: 'second', status: 'success' })
  expect(await client.flush()).toBe(true)
  await tail.waitFor('stdout', /"traceId":"second"/)

  // The token goes to the inbox, and never to the server that a replay goes to.
  const heard: (string | undefined)[] = []
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization)
    response.writeHead(201, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const replayed = await asAda('replay', 'first', '--to', `http://127.0.0.1:${port}`)
  server.close()
  expect(replayed.stderr).not.toContain('replaystack:')
  expect(heard).toHaveLength(1)
  expect(String(heard[0])).not.toContain(token)

  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [command.file, 'mcp', '--inbox', inbox],
    env: { REPLAYSTACK_INBOX_TOKEN: token },
    stderr: 'pipe',
  })
  const agent = new Client({ name: 'test', version: '1' })
  await agent.connect(transport)
  const { content } = await agent.callTool({ name: 'list_issues', arguments: {} })
  await agent.close()
  expect(JSON.stringify(content)).toContain('GET /orders')

  expect(await run('export', '--query', 'is:failed', '--as', 'json', '--inbox', inbox)).toEqual({
    code: 2,
    stdout: '',
    stderr: `replaystack: ${inbox} lets nobody in without a token; give --token TOKEN\n`,
  })
  expect((await run('team', 'projects', '--url', url, '--admin-token', token)).stderr).toMatch(/does not allow this/)

  const [, id = ''] = /^(\S+) {2}write {2}shop {2}Ada$/m.exec((await team('tokens')).stdout) ?? []
  expect((await team('revoke-token', id)).code).toBe(0)
  const [, keyId = ''] = /^([\da-f-]{36}) /m.exec((await team('keys', 'shop')).stdout) ?? []
  expect((await team('revoke-key', 'shop', keyId)).code).toBe(0)
  expect((await team('keys', 'shop')).stdout.trim()).toBe('')
  expect((await asAda('export', '--query', 'is:failed', '--as', 'json')).stderr).toContain('lets nobody in')
}, 120_000)

test('says whom Cloudflare Access lets in, and who did what', async () => {
  const { url } = await startTeamInbox()
  const team = (...args: string[]) => run('team', ...args, '--url', url, '--admin-token', ADMIN_TOKEN)
  await team('init', '--project', 'shop')
  const added = await team('add-person', 'ada@example.com', '--role', 'write', '--project', 'shop')
  expect(added.stdout).toBe('ada@example.com may come in by Cloudflare Access: write  shop\n')
  expect((await team('people')).stdout).toBe('ada@example.com  write  shop\n')
  expect((await team('remove-person', 'Ada@example.com')).code).toBe(0)
  expect((await team('people')).stdout.trim()).toBe('')
  expect((await team('remove-person', 'ada@example.com')).stderr).toContain('Person not found')
  const { stdout } = await team('audit')
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/Z {2}201 {2}admin token {2}POST .*\/projects {2}made .*\/projects\/shop$/),
    expect.stringMatching(/201 {2}admin token {2}POST .*\/people {2}made .*\/people\/ada%40example\.com$/),
    expect.stringMatching(/200 {2}admin token {2}DELETE .*\/people\/Ada%40example\.com$/),
    expect.stringMatching(/404 {2}admin token {2}DELETE /),
  ])
}, 60_000)

test('limits a project, and says what it has taken in', async () => {
  const inbox = await startTeamInbox()
  const team = (...args: string[]) => run('team', ...args, '--url', inbox.url, '--admin-token', ADMIN_TOKEN)
  const key = await inbox.addProject('shop')
  await inbox.addProject('blog')
  const limited = await team('limit', 'shop', '--month', '1', '--second', '200')
  expect(limited.stdout).toBe('Project shop takes 1 event a month and 200 events a second, within 10 seconds\n')
  expect((await sendEvents(inbox, key, createSampleEvent())).status).toBe(200)
  expect((await sendEvents(inbox, key, createSampleEvent())).status).toBe(429)
  await eventually(async () =>
    expect((await team('usage', 'shop')).stdout).toMatch(
      /^shop {2}\d{4}-\d\d {2}1 event {2}\d+ bytes; it takes 1 event a month and 200 events a second\n$/,
    ),
  )
  expect((await team('limit', 'shop', '--month', 'none')).stdout).toContain('takes 200 events a second,')
  expect((await team('usage')).stdout.split('\n')[0]).toBe('blog  no events yet; it takes as many events as come')
  expect((await team('usage', 'nobody')).stderr).toContain('There is no project nobody')
}, 60_000)

test('says how long a project keeps its events', async () => {
  const inbox = await startTeamInbox()
  const team = (...args: string[]) => run('team', ...args, '--url', inbox.url, '--admin-token', ADMIN_TOKEN)
  const key = await inbox.addProject('shop')
  const kept = await team('retention', 'shop', '--days', '90', '--events', '2000000')
  expect(kept.stdout).toBe('Project shop keeps the newest 2000000 events for 90 days\n')
  for (const traceId of ['one', 'two', 'three']) await sendEvents(inbox, key, createSampleEvent({ traceId }))
  const traceIds = async () => {
    const response = await inbox.ask('/projects/shop/api/v1/events')
    const { events } = (await response.json()) as { events: { traceId: string }[] }
    return events.map(event => event.traceId)
  }
  await eventually(async () => expect(await traceIds()).toHaveLength(3))
  // The project's object knows it at once.
  expect((await team('retention', 'shop', '--events', '1')).stdout).toContain('the newest 1 events for 90 days')
  await sendEvents(inbox, key, createSampleEvent({ traceId: 'four' }))
  await eventually(async () => expect(await traceIds()).toEqual(['four']))
  expect((await team('retention', 'shop', '--days', 'none')).stdout).toContain('for 30 days')
  expect((await team('retention', 'shop', '--days', '4000')).stderr).toContain(
    'retention.days must be an integer from 1 to 3650',
  )
  expect((await team('retention', 'shop')).stderr).toContain('--days or --events is missing')
}, 60_000)

test('makes, lists, tries and removes alerts', async () => {
  const inbox = await startTeamInbox()
  await inbox.addProject('shop')
  const shop = `${inbox.url}/projects/shop`
  const alerts = (...args: string[]) => run('alerts', ...args, '--inbox', shop, '--token', ADMIN_TOKEN)
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(String(request.headers['webhook-signature']))
    response.writeHead(heard.length === 1 ? 200 : 410).end()
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook`
  expect((await alerts()).stdout).toBe('No alerts.\n')
  const given = ['--query', 'is:failed', '--threshold', '10', '--window', '5', '--to', url]
  const made = await alerts('add', 'Checkout', ...given)
  expect(made.stdout).toMatch(/^Alert [\da-f-]{36} is made\. .*\nwhsec_\S{32}\n$/)
  const [, id = ''] = /^Alert (\S+)/.exec(made.stdout) ?? []
  const line = `${id}  Checkout: 10 or more of 'is:failed' in 5 min  ${new URL(url).origin}/…`
  expect((await alerts('list')).stdout).toBe(`${line}  never triggered\n`)
  expect((await alerts('test', id)).stdout).toBe('The webhook took the message\n')
  const failed = await alerts('test', id)
  expect([failed.code, failed.stderr]).toEqual([2, 'replaystack: The webhook responded 410\n'])
  expect(heard).toEqual([expect.stringMatching(/^v1,/), expect.stringMatching(/^v1,/)])
  expect((await alerts('disable', id)).code).toBe(0)
  expect((await alerts()).stdout).toBe(`${line}  disabled; The webhook responded 410\n`)
  expect((await alerts('enable', id)).code).toBe(0)
  expect((await alerts('remove', id)).code).toBe(0)
  expect((await alerts('remove', id)).stderr).toContain('Alert not found')
  const wrong = await alerts('add', 'Checkout', '--query', 'is:nothing', '--to', url)
  expect(wrong.stderr).toContain('is:nothing at character 1')
  expect((await alerts('add', 'x', '--query', '', '--to', 'http://example.com')).stderr).toContain('an https address')
  for (const args of [
    ['fly'],
    ['add', 'x', '--query', ''],
    ['add', 'x', '--to', url],
    ['add', 'x', '--query', '', '--to', url, '--window', '0'],
  ]) {
    expect((await alerts(...args)).code).toBe(2)
  }
}, 60_000)

test('sends the service token of Cloudflare Access that the variables have', async () => {
  const asked: (string | undefined)[][] = []
  const server = createServer(({ headers }, response) => {
    asked.push([headers['cf-access-client-id'] as string, headers['cf-access-client-secret'] as string].map(String))
    // Access answers whom it does not know by its own page.
    response.writeHead(302, { location: 'https://team.cloudflareaccess.com/cdn-cgi/access/login' }).end()
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const inbox = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const variables = { CLOUDFLARE_ACCESS_CLIENT_ID: '3c9f.access', CLOUDFLARE_ACCESS_CLIENT_SECRET: 'of-access' }
  const running = runCommand(command.file, ['issues', '--inbox', inbox], [], undefined, variables)
  await running.exit()
  server.close()
  expect(asked).toEqual([['3c9f.access', 'of-access']])
  expect(running.stderr()).toMatch(/^replaystack: .* asks to sign in; behind Cloudflare Access, give CLOUDFLARE/)
})

test.each([
  [['team'], /team does one of init, projects/],
  [['team', 'fly', '--url', 'http://127.0.0.1:1'], /got fly/],
  [['team', 'init'], /--url is missing/],
  [['team', 'init', '--url', 'ftp://a'], /--url must be an http URL/],
  [['team', 'add-key', '--url', 'http://127.0.0.1:1'], /A project's name is missing/],
  [['team', 'projects', '--url', 'http://127.0.0.1:1'], /cannot be reached/],
  [['team', 'limit', 'shop', '--url', 'http://127.0.0.1:1'], /--month or --second is missing/],
  [['team', 'limit', 'shop', '--month', '1e3', '--url', 'http://127.0.0.1:1'], /--month must be a whole number, 1 or/],
  [['tail', '--token'], /--token needs a value/],
] as const)('%j is refused in one line', async (args, message) => {
  const { code, stderr } = await run(...args)
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})
