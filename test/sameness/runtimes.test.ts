import { test } from 'vitest'
import { bun, deno, type Host } from '../support/legs/hosts.ts'
import { compare, type Known } from './compare.ts'
import { startServer } from './hosts.ts'

const RUNTIMES: readonly [Host, Known][] = [
  [deno, { respells: true }],
  [
    bun,
    {
      respells: true,
      // What is read of a copied request: a blob without its type, and a stream that is there at once.
      differs: ['json-by-blob', 'chunked-by-blob', 'slow-by-blob', 'large-by-blob', 'echo'],
    },
  ],
]

test.each(RUNTIMES)('%o', async ({ name, binary, args }, known) => {
  const allowed = name === 'Deno' ? ['--allow-net=127.0.0.1'] : []
  const host = await startServer({ binary, args: [...args, ...allowed] }, 'serve-fetch.ts')
  console.log(`${name}: ${await compare(host, known)} ways`)
})
