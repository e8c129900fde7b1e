/** What an application does to globals and prototypes after it has imported the SDK, each in a process of its own. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertEvent } from '../../src/inbox/ingest.ts'
import { bundleEntry, root } from '../package/bundle-entry.ts'

const run = promisify(execFile)
const PROGRAM = 'test/hostile/fixtures/patched.mjs'
const source = await readFile(join(root, PROGRAM), 'utf8')
/** The names of the changes that leave everything whole, and of those that do not. */
const [harmless = [], harmful = []] = source
  .split('// From here on')
  .map(part => [...part.matchAll(/^ {2}'([^']+)'(?:\(|:)/gm)].map(([, name = '']) => name))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replaystack-patched-'))
  await writeFile(join(folder, 'patched.mjs'), (await bundleEntry(PROGRAM)).code)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Seen {
  bodies: string[]
  captured: number
  sent: number
  pending: number
  lost: [reason: string, count: number][]
  answered: boolean
  errors: number
}

async function play(name: string): Promise<Seen> {
  const { stdout, stderr } = await run(process.execPath, [join(folder, 'patched.mjs'), name], { timeout: 20_000 })
  expect(stderr).toBe('')
  const seen: Seen = JSON.parse(stdout)
  expect(seen.answered).toBe(true)
  expect(seen.sent + seen.pending + seen.lost.reduce((sum, [, count]) => sum + count, 0)).toBe(seen.captured)
  for (const body of seen.bodies) expect(body).not.toContain('hunter2')
  return seen
}

test.each(harmless)('where %s, every event is whole', async name => {
  const { bodies, captured, sent, errors } = await play(name)
  expect({ captured, sent, errors }).toEqual({ captured: 4, sent: 4, errors: 0 })
  const events = bodies.map(body => JSON.parse(body))
  for (const event of events) assertEvent(event)
  expect(events).toMatchObject([
    { method: 'PUT', endpoint: '/kept' },
    { errorName: 'Error', errorMessage: 'kept' },
    { errorName: 'RangeError', errorMessage: 'made later' },
    { method: 'GET', eventType: 'api', traceId: 'kept', endpoint: '/orders', statusCode: 200 },
  ])
})

test.each(harmful)('where %s, the application goes on', async name => {
  const { captured, sent, pending } = await play(name)
  expect(captured).toBeGreaterThan(0)
  if (name === 'fetch is another') expect(sent).toBe(4)
  else if (name.startsWith('fetch')) expect(pending).toBe(4)
})
