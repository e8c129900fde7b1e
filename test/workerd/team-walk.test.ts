/** A team's inbox from an empty account on, by the commands of its README alone, with `wrangler dev` as it runs it. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { ReplayStackClient } from '../../src/index.ts'
import { root } from '../package/bundle-entry.ts'
import { eventually } from '../support/eventually.ts'
import { installExample } from '../support/example-project.ts'
import { startWorkerIn } from '../support/example-worker.ts'

/** The README's commands, block by block. */
async function readBlocks(): Promise<string[]> {
  const text = await readFile(join(root, 'examples/team-inbox/README.md'), 'utf8')
  return Array.from(text.matchAll(/^```sh\n([\s\S]*?)^```$/gm), match => match[1] ?? '')
}

/** A webhook on this machine, and what it got. */
async function listen() {
  const received: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      received.push(body)
      response.end()
    })
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { webhook: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received }
}

test('examples/team-inbox: two projects, two people, an alert and a deletion', { timeout: 180_000 }, async () => {
  const [setUp = '', first = '', team = '', removal = '', ...rest] = await readBlocks()
  expect(rest).toEqual([expect.stringContaining('npm run deploy')])
  const folder = await installExample('team-inbox')
  // What `npm install` links, and the command that stands before `npm run dev`.
  await mkdir(join(folder, 'node_modules/.bin'), { recursive: true })
  const bin = join(folder, 'node_modules/.bin/replaystack')
  await writeFile(bin, `#!/bin/sh\nexec node "${folder}/node_modules/@replaystack/edge/dist/inbox/cli.js" "$@"\n`)
  await chmod(bin, 0o755)
  const [install, makeToken = '', dev] = setUp.trim().split('\n')
  expect([install, dev]).toEqual(['npm install', 'npm run dev'])

  let known = ''
  const { webhook, received } = await listen()
  const run = async (script: string): Promise<string> => {
    const local = script
      .replaceAll('http://localhost:8787', known)
      .replaceAll('https://hooks.slack.com/services/…', webhook)
    const { stdout } = await promisify(execFile)('bash', ['-euc', local], { cwd: folder })
    return stdout
  }
  await run(makeToken)
  const [, adminToken = ''] =
    /^ADMIN_TOKEN=([\da-f]{64})$/m.exec(await readFile(join(folder, '.dev.vars'), 'utf8')) ?? []
  const { url } = await startWorkerIn(folder, { url: '' }, { ADMIN_TOKEN: adminToken })
  known = url

  const keyOf = (text: string) => /^REPLAYSTACK_API_KEY=(\S+)$/m.exec(text)?.[1] ?? ''
  const shopKey = keyOf(await run(first))
  // Each block is of the same terminal: what one has set, the next one has.
  const made = await run(team)
  const blogKey = keyOf(made)
  const [ada = '', bob = ''] = Array.from(made.matchAll(/^REPLAYSTACK_INBOX_TOKEN=(\S+)$/gm), match => match[1] ?? '')
  expect([shopKey, blogKey]).toEqual([expect.stringMatching(/^rs_live_shop_/), expect.stringMatching(/^rs_live_blog_/)])

  for (const [apiKey, traceId] of [
    [shopKey, 'of-shop'],
    [blogKey, 'of-blog'],
  ] as const) {
    const client = new ReplayStackClient({ apiKey, endpoint: url })
    client.captureException(new RangeError('No mail to customer@example.com'), { traceId })
    expect(await client.flush()).toBe(true)
  }
  const ask = async (token: string, project: string, path = 'events', init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`${url}/projects/${project}/api/v1/${path}`, { ...init, headers })
    const answer = (await response.json()) as { events?: { id: string; traceId: string }[] }
    return { status: response.status, traceIds: answer.events?.map(({ traceId }) => traceId), events: answer.events }
  }
  await eventually(async () => expect((await ask(bob, 'shop')).traceIds).toEqual(['of-shop']))
  await eventually(async () => expect((await ask(bob, 'blog')).traceIds).toEqual(['of-blog']))
  expect([(await ask(ada, 'shop')).status, (await ask(ada, 'blog')).status]).toEqual([200, 403])
  const [event] = (await ask(ada, 'shop')).events ?? []
  const pin = { method: 'PATCH', body: '{"pinned":true}' }
  expect((await ask(bob, 'shop', `events/${event?.id}`, pin)).status).toBe(403)
  expect((await ask(ada, 'shop', `events/${event?.id}`, pin)).status).toBe(200)

  await eventually(() => expect(received).toHaveLength(1))
  expect(JSON.parse(received[0] ?? '')).toMatchObject({
    type: 'alert.triggered',
    name: 'Failures',
    project: 'shop',
    count: 1,
  })
  expect(received[0]).not.toMatch(/RangeError|customer@example\.com/)

  const said = await run(`${team.split('\n').slice(0, 2).join('\n')}\n${removal}`)
  expect(said).toContain('Events deleted that mention them: 1\n')
  expect([(await ask(bob, 'shop')).traceIds, (await ask(bob, 'blog')).traceIds]).toEqual([[], ['of-blog']])
  expect(said).toMatch(/ {2}403 {2}Bob {2}PATCH \/projects\/shop\/api\/v1\/events\//)
  expect(said).toMatch(/ {2}200 {2}Ada {2}PATCH \/projects\/shop\/api\/v1\/events\//)
  expect(said).toMatch(/ {2}200 {2}admin token {2}POST \/projects\/shop\/api\/v1\/forget/)
  expect(said).not.toContain('customer@example.com')
})
