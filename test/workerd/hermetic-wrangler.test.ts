/** A failure in `wrangler dev`, seen again there when its database, its store and its gateway have nothing of it any more. */
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startInbox } from '../../src/inbox/local/server.ts'
import { type BuiltCommand, buildCommand } from '../inbox/build-command.ts'
import { runCommand } from '../inbox/running-command.ts'
import { startWorkerIn } from '../support/example-worker.ts'
import { packForProjects } from '../support/fresh-project.ts'
import { listen, until } from '../support/node-server.ts'

const makeProject = packForProjects()

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(() => command.remove())

/** Nobody catches what its handler throws: the response is workerd's own. */
const worker = (build: 'broken' | 'repaired') => `
import { env } from 'cloudflare:workers'
import { withReplayStack } from '@replaystack/edge/cloudflare'
import { tapeRecorder } from '@replaystack/edge/tape'

async function readOrder() {
  return await env.DB.prepare('SELECT * FROM orders WHERE id = 42').first()
}

export default withReplayStack(
  {
    async fetch(request, bare, ctx, handle) {
      const { pathname } = new URL(request.url)
      if (pathname === '/build') return new Response('${build}')
      if (pathname === '/seed') {
        await bare.DB.exec('CREATE TABLE orders (id INTEGER, customer TEXT)')
        await bare.DB.exec("INSERT INTO orders VALUES (42, 'Maria')")
        await bare.KV.put('tax', '0.19')
        return new Response('seeded')
      }
      if (pathname === '/wipe') {
        await bare.DB.exec('DROP TABLE orders')
        await bare.KV.delete('tax')
        return new Response('wiped')
      }
      const order = await readOrder()
      const tax = await bare.KV.get('tax')
      const charge = await (await handle.fetch(bare.BANK_URL + '/charges', { method: 'POST', body: tax })).json()
      if ('${build}' === 'broken') throw new RangeError(order.customer + ' ' + tax + ' ' + charge.state)
      return Response.json({ state: charge.state }, { status: 402 })
    },
  },
  { recordCalls: tapeRecorder(), ignoredPaths: ['/build', '/seed', '/wipe'] },
)
`

test('wrangler dev fails again without D1, KV and an outside API, and is repaired while it runs', {
  timeout: 180_000,
}, async () => {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  const bank = await listen(createServer((_request, response) => response.writeHead(402).end('{"state":"declined"}')))
  const folder = await makeProject({
    'index.js': worker('broken'),
    'wrangler.jsonc': JSON.stringify({
      name: 'shop',
      main: 'index.js',
      compatibility_date: '2026-08-04',
      compatibility_flags: ['nodejs_compat'],
      vars: { BANK_URL: bank.url, REPLAYSTACK_REPLAY: '1' },
      kv_namespaces: [{ binding: 'KV', id: 'kv' }],
      d1_databases: [{ binding: 'DB', database_name: 'db', database_id: 'db' }],
    }),
  })
  const { url } = await startWorkerIn(folder, inbox)
  const get = async (path: string) => await (await fetch(`${url}${path}`)).text()
  expect(await get('/seed')).toBe('seeded')
  expect((await fetch(`${url}/orders/42`, { method: 'POST' })).status).toBe(500)
  const { store } = inbox
  await until(async () => store.count() === 1)
  const [failed] = store.list().events
  expect(failed?.errorMessage).toBe('Maria 0.19 declined')
  expect(await get('/wipe')).toBe('wiped')
  bank.server.closeAllConnections()
  await new Promise(resolve => bank.server.close(resolve))

  const replay = async () => {
    const args = ['replay', failed?.id ?? '', '--hermetic', '--to', url, '--inbox', inbox.url]
    const running = runCommand(command.file, args)
    const { code } = await running.exit()
    return { code, output: running.stdout() + running.stderr() }
  }
  expect(await replay()).toEqual({ code: 0, output: expect.stringContaining('From the tape alone, ') })
  await until(async () => store.count() === 2)
  const again = JSON.parse(store.get(store.list().events[0]?.id ?? '')?.json ?? '')
  expect(again).toMatchObject({
    errorName: 'RangeError',
    errorMessage: 'Maria 0.19 declined',
    metadata: { replay: { of: failed?.id, notOnTape: [], notCalled: [] } },
  })

  await writeFile(join(folder, 'index.js'), worker('repaired'))
  await vi.waitUntil(async () => (await get('/build').catch(() => '')) === 'repaired', {
    timeout: 60_000,
    interval: 200,
  })
  expect(await replay()).toEqual({
    code: 1,
    output: expect.stringContaining('Fixed: from the same tape it answers 402, where 500 was captured.'),
  })
})
