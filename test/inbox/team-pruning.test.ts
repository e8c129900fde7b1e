/** What a project's object removes by its alarm. Time is moved; the bucket is R2's as miniflare has it. */
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test, vi } from 'vitest'
import type { Bucket, ObjectState, TeamInboxEnv } from '../../src/inbox/worker/platform.ts'
import { InboxProject } from '../../src/inbox/worker/project.ts'
import { createSampleEvent } from './sample-event.ts'
import { startTeamInbox } from './start-team-inbox.ts'

const DAY_MS = 86_400_000

afterEach(() => void vi.useRealTimers())

/** An object's state over `node:sqlite`: no runtime lets a test move its time. */
function createState() {
  const database = new DatabaseSync(':memory:')
  let alarm: number | null = null
  const state: ObjectState = {
    id: { name: 'shop' },
    storage: {
      sql: {
        databaseSize: 0,
        exec(sql, ...values) {
          const isOne = values.length > 0 || /^\s*(SELECT|INSERT|UPDATE|DELETE)\b[^;]*$/.test(sql)
          const rows = isOne ? database.prepare(sql).all(...values) : []
          if (!isOne) database.exec(sql)
          return { toArray: () => rows }
        },
      },
      transactionSync: work => work(),
      getAlarm: async () => alarm,
      async setAlarm(time) {
        alarm = time
      },
    },
  }
  return { state, alarm: () => alarm }
}

test('an alarm removes the events that are too old, and what never left the queue', async () => {
  const { miniflare } = await startTeamInbox()
  const bucket = (await miniflare.getR2Bucket('EVENT_BUCKET', 'inbox')) as unknown as Bucket
  await bucket.put('large/shop/left', '{}')
  await bucket.put('large/blog/left', '{}')
  await bucket.put('dead/shop/left', '{}')
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
  const { state, alarm } = createState()
  const unused = { idFromName: () => '', get: () => ({ fetch: async () => Response.json(null) }) }
  const env: TeamInboxEnv = {
    PROJECTS: unused,
    DIRECTORY: unused,
    EVENT_QUEUE: { sendBatch: async () => {} },
    EVENT_BUCKET: bucket,
  }
  const project = new InboxProject(state, env)
  const insert = (id: string, receivedAt: number) => {
    const head = { project: 'shop', id, idempotencyKey: id, receivedAt }
    const message = `${JSON.stringify(head)}\n${JSON.stringify(createSampleEvent({ traceId: id }))}`
    return project.fetch(new Request('https://inbox/insert', { method: 'POST', body: JSON.stringify([{ message }]) }))
  }
  const now = Date.now()
  expect(await (await insert('old', now - 20 * DAY_MS)).json()).toEqual({ failed: [] })
  await insert('new', now)
  expect(alarm()).toBeGreaterThan(now)
  const list = async () => {
    const response = await project.fetch(new Request('https://inbox/app/api/v1/events'))
    const { events } = (await response.json()) as { events: { traceId: string }[] }
    return events.map(({ traceId }) => traceId)
  }
  const keys = async () => (await bucket.list({ prefix: '' })).objects.map(({ key }) => key)
  await project.alarm()
  expect(await list()).toEqual(['new', 'old'])
  expect(await keys()).toHaveLength(3)

  vi.setSystemTime(now + 16 * DAY_MS)
  await project.alarm()
  expect(await list()).toEqual(['new'])
  // Another project's are its own object's, and dead letters wait for somebody.
  expect(await keys()).toEqual(['dead/shop/left', 'large/blog/left'])
  expect(alarm()).toBe(Date.now() + 3_600_000)
})

test('keeps events as long as was decided, also while the directory is out of reach', async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
  const { state } = createState()
  let decided: object | undefined = { project: 'shop', retention: { days: 90, events: null } }
  const directory = async () => Response.json(decided ?? null, { status: decided ? 200 : 500 })
  const noBucket: Bucket = { list: async () => ({ objects: [], truncated: false }), delete: async () => {} } as never
  const env: TeamInboxEnv = {
    PROJECTS: { idFromName: () => '', get: () => ({ fetch: directory }) },
    DIRECTORY: { idFromName: () => '', get: () => ({ fetch: directory }) },
    EVENT_QUEUE: { sendBatch: async () => {} },
    EVENT_BUCKET: noBucket,
  }
  const problems = vi.spyOn(console, 'error').mockImplementation(() => {})
  const now = Date.now()
  const open = () => {
    const project = new InboxProject(state, env)
    return {
      alarm: () => project.alarm(),
      refresh: () => project.fetch(new Request('https://inbox/retention', { method: 'POST' })),
      async insert(id: string, age: number) {
        const head = { project: 'shop', id, idempotencyKey: id, receivedAt: now - age * DAY_MS }
        const message = `${JSON.stringify(head)}\n${JSON.stringify(createSampleEvent({ traceId: id }))}`
        const body = JSON.stringify([{ message }])
        await project.fetch(new Request('https://inbox/insert', { method: 'POST', body }))
      },
      async list() {
        const response = await project.fetch(new Request('https://inbox/app/api/v1/events'))
        const { events } = (await response.json()) as { events: { traceId: string }[] }
        return events.map(({ traceId }) => traceId)
      },
    }
  }
  const first = open()
  await first.refresh()
  await first.insert('old', 60)
  await first.insert('older', 100)
  expect(await first.list()).toEqual(['old'])
  // Another isolate, which nobody has told.
  decided = undefined
  const second = open()
  await second.insert('new', 1)
  await second.alarm()
  expect(await second.list()).toEqual(['new', 'old'])
  expect(problems).toHaveBeenCalled()
  decided = { project: 'shop', retention: { days: null, events: null } }
  await second.alarm()
  expect(await second.list()).toEqual(['new'])
  problems.mockRestore()
})
