import { readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { atScale } from '../support/scale.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { runCommand } from './running-command.ts'
import { postEvent, readTraceIds, runTimes, startInboxCommand } from './started-inbox.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

const start = (file: string) => startInboxCommand(command.file, ['--db', file])

/** Sent to each of two inboxes at the same time. */
const EVENTS = atScale(500, 2_000)

/** Starts two inboxes on one file at the same time. */
const startTwo = (file: string) => Promise.all([start(file), start(file)])

const OPENER = fileURLToPath(new URL('open-at-once.ts', import.meta.url))

/** What was kept aside of a file. */
const asideOf = (file: string): string[] =>
  readdirSync(dirname(file)).filter(name => name.startsWith(`${basename(file)}.corrupt-`))

describe('two inboxes on one file', { timeout: 60_000 }, () => {
  it(`both take ${EVENTS} events at the same time, and both show all of them`, async () => {
    const inboxes = await startTwo(join(createTemporaryFolder(), 'events.db'))
    const statuses = new Set<number>()
    await Promise.all(
      inboxes.map(({ url }, which) =>
        runTimes(EVENTS, 8, async index => {
          statuses.add((await postEvent(url, `${which}-${index}`)).status)
        }),
      ),
    )
    expect([...statuses]).toEqual([200])
    const [one = [], other = []] = await Promise.all(inboxes.map(({ url }) => readTraceIds(url)))
    expect(new Set(one).size).toBe(2 * EVENTS)
    expect(other).toEqual(one)
    expect(one).toHaveLength(2 * EVENTS)
    for (const { running } of inboxes) expect(running.stderr()).toBe('')
  })

  it('know each other’s idempotency keys', async () => {
    const [one, other] = await startTwo(join(createTemporaryFolder(), 'events.db'))
    const [first, second] = [await postEvent(one.url, 'same'), await postEvent(other.url, 'same')]
    expect(second.eventId).toBe(first.eventId)
    expect(await readTraceIds(one.url)).toEqual(['same'])
  })

  it('may be started together on a file that is not there yet, time after time', async () => {
    for (let count = 0; count < atScale(2, 5); count++) {
      const [one, other] = await startTwo(join(createTemporaryFolder(), 'events.db'))
      await postEvent(one.url, 'event')
      expect(await readTraceIds(other.url)).toEqual(['event'])
      one.running.process.kill('SIGKILL')
      other.running.process.kill('SIGKILL')
    }
  })

  it('set a damaged file aside once', async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    writeFileSync(file, Buffer.alloc(20_000, 0xa5))
    const [one, other] = await startTwo(file)
    await postEvent(one.url, 'event')
    expect(await readTraceIds(other.url)).toEqual(['event'])
    expect(asideOf(file)).toHaveLength(1)
  })

  it('open it one after the other, however close together they come', async () => {
    const folder = createTemporaryFolder()
    const files = Array.from({ length: atScale(8, 20) }, (_, index) => join(folder, `${index}.db`))
    for (const file of files) writeFileSync(file, Buffer.alloc(20_000, 0xa5))
    const openers = [1, 2, 3].map(() => runCommand(OPENER, files, ['--no-warnings']))
    for (const count of files.keys()) {
      const ready = new RegExp(`^(?:ready\n){${count + 1}}$`)
      await Promise.all(openers.map(opener => opener.waitFor('stdout', ready)))
      for (const opener of openers) opener.process.stdin.write('\n')
    }
    for (const opener of openers) expect(await opener.exit(), opener.stderr()).toEqual({ code: 0, signal: null })
    expect(files.map(file => asideOf(file).length)).toEqual(files.map(() => 1))
  })

  it('go on when one of them is killed', async () => {
    const [one, other] = await startTwo(join(createTemporaryFolder(), 'events.db'))
    const answered: string[] = []
    const sending = runTimes(500, 8, async index => {
      const { status } = await postEvent(one.url, `one-${index}`)
      if (status === 200) answered.push(`one-${index}`)
      if (answered.length === 100) one.running.process.kill('SIGKILL')
    })
    await expect(sending).rejects.toThrow()
    await one.running.exit()
    expect((await postEvent(other.url, 'other')).status).toBe(200)
    const kept = await readTraceIds(other.url)
    expect(kept[0]).toBe('other')
    expect(answered.filter(traceId => !kept.includes(traceId))).toEqual([])
  })
})
