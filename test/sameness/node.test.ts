import { expect, test, vi } from 'vitest'
import { compare } from './compare.ts'
import { startServer } from './hosts.ts'
import { startNodeApps } from './node-app.ts'

test('Hono on Node', async () => {
  const host = await startServer({ binary: process.execPath, args: [] }, 'serve-fetch.ts')
  // The message of the error: the request was made whole, to be copied.
  console.log(`Hono on Node: ${await compare(host, { differs: ['twice-read'] })} ways`)
})

test('Node, Express, Fastify and Nest', async () => {
  // Express prints what its applications throw.
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  console.log(`Node: ${await compare(await startNodeApps())} ways`)
  expect(printed).toHaveBeenCalled()
})
