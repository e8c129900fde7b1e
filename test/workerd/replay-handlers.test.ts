/** Cron runs and e-mails, replayed on `wrangler dev`, which calls that handler in workerd. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startInbox } from '../../src/inbox/local/server.ts'
import { type BuiltCommand, buildCommand } from '../inbox/build-command.ts'
import { startReplayServer } from '../inbox/replay-server.ts'
import { runCommand } from '../inbox/running-command.ts'
import { startWorkerIn } from '../support/example-worker.ts'
import { packForProjects } from '../support/fresh-project.ts'
import { until } from '../support/node-server.ts'

const makeProject = packForProjects()

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(() => command.remove())

const worker = (build: 'broken' | 'repaired') => `
import { withReplayStack } from '@replaystack/edge/cloudflare'

export default withReplayStack({
  fetch: request => new Response(new URL(request.url).pathname === '/build' ? '${build}' : null),
  async scheduled({ cron, scheduledTime }) {
    if ('${build}' === 'broken') throw new RangeError(cron + ' at ' + scheduledTime)
  },
  async email(message) {
    if (!message.headers.get('subject')) throw new Error('no subject')
  },
  async queue() {},
}, { ignoredPaths: ['/build'] })
`

const MAIL = 'From: a@shop.example\r\nTo: b@shop.example\r\nMessage-ID: <1@shop.example>\r\n\r\nhello'

test('a cron run fails again and is repaired, a mail is asked for, and a queue is said to be out of reach', {
  timeout: 180_000,
}, async () => {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  const folder = await makeProject({
    'index.js': worker('broken'),
    'wrangler.jsonc': JSON.stringify({
      name: 'shop',
      main: 'index.js',
      compatibility_date: '2026-08-04',
      triggers: { crons: ['0 3 * * *'] },
      queues: {
        producers: [{ binding: 'PARCELS', queue: 'parcels' }],
        consumers: [{ queue: 'parcels', max_batch_timeout: 1 }],
      },
    }),
  })
  const { url } = await startWorkerIn(folder, inbox)
  const { store } = inbox
  const count = () => store.count()
  await fetch(`${url}/cdn-cgi/local/scheduled?cron=0+3+*+*+*&time=1770000000000`)
  await until(async () => count() === 1)
  const mail = { method: 'POST', body: MAIL }
  await fetch(`${url}/cdn-cgi/local/email?from=a%40shop.example&to=b%40shop.example`, mail)
  await until(async () => count() === 2)
  const [sent, cron] = store.list().events
  expect([cron?.errorMessage, sent?.errorMessage]).toEqual(['0 3 * * * at 1770000000000', 'no subject'])

  const replay = async (id = '', ...args: string[]) => {
    const before = count()
    const running = runCommand(command.file, ['replay', id, '--to', url, '--inbox', inbox.url, ...args])
    const { code } = await running.exit()
    return { code, output: running.stdout() + running.stderr(), before }
  }
  const failing = await replay(cron?.id)
  expect(failing).toMatchObject({ code: 0, output: expect.stringContaining('status and body') })
  // It was called with the same cron and the same time.
  await until(async () => count() === failing.before + 1)
  expect(store.list().events[0]?.errorMessage).toBe('0 3 * * * at 1770000000000')

  const asked = await replay(sent?.id)
  expect(asked).toMatchObject({ code: 2, output: expect.stringContaining("--value 'body=…'") })
  const given = await replay(sent?.id, '--value', 'body=hello again')
  expect(given).toMatchObject({
    code: 1,
    output: expect.stringMatching(/status +500 +200[\s\S]*\n {2}- "exception"\n {2}\+ "ok"/),
  })

  await writeFile(join(folder, 'index.js'), worker('repaired'))
  await until(async () => (await (await fetch(`${url}/build`)).text()) === 'repaired')
  const gate = runCommand(command.file, ['replay', '--query', 'type:cron', '--to', url, '--inbox', inbox.url])
  expect(await gate.exit()).toMatchObject({ code: 1 })
  expect(gate.stdout()).toMatch(/^fixed {6}cron 0 3 \* \* \* +500 → 200 {2}2 /m)

  const batch = {
    eventType: 'queue',
    endpoint: 'parcels',
    traceId: 't',
    status: 'failed',
    metadata: { batchSize: 1 },
  } as const
  const queue = store.insert({ event: batch, json: JSON.stringify(batch) }).summary.id
  expect(await replay(queue)).toMatchObject({
    code: 2,
    output: expect.stringMatching(/no address .* keep it as a test/),
  })
  const other = await startReplayServer((_request, response) => response.writeHead(404).end('Not Found'))
  const elsewhere = runCommand(command.file, ['replay', cron?.id ?? '', '--to', other.url, '--inbox', inbox.url])
  expect(await elsewhere.exit()).toMatchObject({ code: 2 })
  expect(elsewhere.stderr()).toContain('is not wrangler dev')
  expect(other.requests.map(({ url = '' }) => url.split('?')[0])).toEqual([
    '/cdn-cgi/local/scheduled',
    '/cdn-cgi/handler/scheduled',
  ])
})
