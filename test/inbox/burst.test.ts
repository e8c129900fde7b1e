import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import { atScale } from '../support/scale.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { postEvent, readTraceIds, runTimes, startInboxCommand } from './started-inbox.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const EVENTS = atScale(2_000, 10_000)
/** Answers after which the inbox is killed, and how many events it is to keep. */
const PART = EVENTS / 4

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

describe(`${EVENTS} events in a burst`, { timeout: 120_000 }, () => {
  it('are all kept, none twice, and the inbox answers others meanwhile', async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const { running, url } = await startInboxCommand(command.file, ['--db', file])
    let done = false
    let answers = 0
    const reader = (async () => {
      while (!done) {
        const response = await fetch(`${url}/api/v1/events?status=failed&limit=1`)
        expect(response.status).toBe(200)
        await response.text()
        answers++
      }
    })()
    const statuses = new Set<number>()
    await runTimes(EVENTS, 64, async index => {
      // Each tenth is sent a second time, as a client does that saw no answer.
      const copies = index % 10 === 0 ? 2 : 1
      const sent = await Promise.all(Array.from({ length: copies }, () => postEvent(url, `burst-${index}`)))
      for (const { status } of sent) statuses.add(status)
    })
    done = true
    await reader
    expect([...statuses]).toEqual([200])
    expect(answers).toBeGreaterThan(10)
    const kept = await readTraceIds(url)
    expect(kept).toHaveLength(EVENTS)
    expect(new Set(kept).size).toBe(EVENTS)
    expect(running.stderr()).toBe('')
  })

  it('lose none that was answered when the inbox is killed in their midst', async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const { running, url } = await startInboxCommand(command.file, ['--db', file])
    const answered = new Map<string, string>()
    const sending = runTimes(EVENTS, 32, async index => {
      const { eventId } = await postEvent(url, `kill-${index}`)
      if (eventId) answered.set(`kill-${index}`, eventId)
      if (answered.size === PART) running.process.kill('SIGKILL')
    })
    await expect(sending).rejects.toThrow()
    expect(await running.exit()).toEqual({ code: null, signal: 'SIGKILL' })
    expect(answered.size).toBeGreaterThanOrEqual(PART)
    expect(answered.size).toBeLessThan(EVENTS)

    const problems: Error[] = []
    const store = openSqliteStore({ file, onDamage: error => problems.push(error) })
    onTestFinished(() => store.close())
    expect(problems).toEqual([])
    const lost = [...answered].filter(([traceId, id]) => {
      const stored = store.get(id)
      return !stored || JSON.parse(stored.json).traceId !== traceId
    })
    expect(lost).toEqual([])
    const kept = store.list({ limit: EVENTS }).events.map(event => event.traceId)
    expect(new Set(kept).size).toBe(kept.length)
  })

  it('leave as many as --max-events keeps', async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    const { url } = await startInboxCommand(command.file, ['--db', file, '--max-events', String(PART)])
    const order: string[] = []
    await runTimes(3 * PART, 16, async index => {
      await postEvent(url, `kept-${index}`)
      order.push(`kept-${index}`)
    })
    const kept = await readTraceIds(url)
    expect(kept).toHaveLength(PART)
    // The 16 that were on their way together may have been accepted in another order than they were answered in.
    expect(kept.filter(traceId => !order.slice(-PART - 32).includes(traceId))).toEqual([])
  })
})
