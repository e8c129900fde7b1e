import { test } from 'vitest'
import { compare } from './compare.ts'
import { startServer } from './hosts.ts'

test('Hono on Node', async () => {
  const host = await startServer({ binary: process.execPath, args: [] }, 'serve-fetch.ts')
  // The message of the error: the request was made whole, to be copied.
  console.log(`Hono on Node: ${await compare(host, { differs: ['twice-read'] })} ways`)
})
