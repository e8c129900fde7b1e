import { test } from 'vitest'
import { compare } from './compare.ts'
import { startWorker } from './hosts.ts'

test('workerd', async () => {
  console.log(`workerd: ${await compare(await startWorker())} ways`)
})
