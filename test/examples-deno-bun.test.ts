/** The examples of Deno and Bun, each started as its host starts it, with this package as it was built. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  addressOf,
  EXAMPLE_SERVER,
  failedOrder,
  freePort,
  installExample,
  keyAndInbox,
  order,
  payment,
  post,
  runExample,
} from './support/example-project.ts'
import { bun, deno } from './support/legs/hosts.ts'
import { openIngest } from './workerd/open-inbox.ts'

test.each([
  ['deno', deno],
  ['bun', bun],
] as const)('examples/%s, by its own start script', async (name, { binary }) => {
  const ingest = await openIngest()
  const folder = await installExample(name)
  const { scripts }: { scripts: { start: string } } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const [command = '', ...args] = scripts.start.split(' ')
  expect(command).toBe(name)
  const port = await freePort()
  const example = runExample(folder, [binary, ...args], { ...keyAndInbox(ingest), PORT: String(port) })

  const answer = await post(`http://127.0.0.1:${port}/orders`, order, example)

  expect(answer.status).toBe(500)
  await answer.text()
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([{ ...failedOrder, sourceIp: expect.stringContaining('127.0.0.1') }])
  expect(events[0]?.breadcrumbs).toContainEqual(payment)
  expect(events[0]?.stackTrace).toContain('main.ts')
  expect(JSON.stringify(events)).not.toContain(order.cardNumber)
})

test('examples/netlify, its edge function, in Deno', async () => {
  const ingest = await openIngest()
  const folder = await installExample('netlify')
  const file = join(folder, 'netlify/edge-functions/greet.ts')
  const command = [deno.binary, 'run', '--no-prompt', '--allow-all', EXAMPLE_SERVER, file]
  const example = runExample(folder, command, keyAndInbox(ingest))

  const answer = await fetch(`${await addressOf(example)}/?greet=Ada&token=query-secret`)

  expect([answer.status, await answer.json()]).toEqual([200, { message: 'Hello, Ada at 203.0.113.6' }])
  const events = await ingest.arrived(1)
  expect(events).toMatchObject([
    { method: 'GET', endpoint: '/', status: 'success', statusCode: 200, sourceIp: '203.0.113.6' },
  ])
  expect(events[0]?.requestUrl).toMatch(/\?greet=Ada&token=\[MASKED\]$/)
})
