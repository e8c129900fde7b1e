/** A program under PM2, whose own listener ends the process: the event leaves first. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { keyAndEndpoint, packForProjects } from '../support/fresh-project.ts'
import { openIngest } from '../workerd/open-inbox.ts'

const run = promisify(execFile)
const makeProject = packForProjects()
let home = ''
const pm2 = (args: readonly string[], environment: Record<string, string> = {}) =>
  run(process.execPath, [join(root, 'test/hosts/node_modules/pm2/bin/pm2'), ...args], {
    env: { ...process.env, ...environment, PM2_HOME: home },
  })

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'replaystack-pm2-'))
})
afterAll(async () => {
  await pm2(['kill'])
  await rm(home, { recursive: true, force: true, maxRetries: 3 })
})

const program = `
import { appendFileSync } from 'node:fs'
import { createReplayStackClient, installReplayStackProcessGuards } from '@replaystack/edge/node'
if (process.env.GUARDED) installReplayStackProcessGuards(createReplayStackClient())
process.on('exit', code => appendFileSync(process.env.ENDED, String(code)))
setTimeout(() => { throw new RangeError('crash under PM2') }, 50)
`

test.each([['fork'], ['cluster', '-i', '1']])(
  'in mode %s an uncaught exception is recorded once, and the process ends as it would',
  async (mode, ...more) => {
    const ingest = await openIngest()
    const folder = await makeProject({ 'program.mjs': program })
    const ends = []
    for (const GUARDED of ['', '1']) {
      const ENDED = join(folder, `ended-${GUARDED}`)
      await writeFile(ENDED, '')
      const name = `${mode}-${GUARDED}`
      const environment = { ...keyAndEndpoint(ingest), GUARDED, ENDED }
      await pm2(['start', join(folder, 'program.mjs'), '--name', name, '--no-autorestart', ...more], environment)
      const code = await vi.waitUntil(() => readFile(ENDED, 'utf8'), { timeout: 60_000, interval: 100 })
      await pm2(['delete', name])
      const log = await readFile(join(home, `logs/${name}-error${mode === 'cluster' ? '-0' : ''}.log`), 'utf8').catch(
        () => '',
      )
      ends.push({ code, reports: log.split('RangeError: crash under PM2').length - 1 })
    }
    expect(ends[1]).toEqual(ends[0])
    const events = await ingest.arrived(1)
    expect(events).toMatchObject([{ endpoint: '/runtime/uncaughtException', errorName: 'RangeError' }])
  },
)
