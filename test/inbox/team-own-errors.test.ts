/** What goes wrong in a team's inbox is an event of a project of its own. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { keepDeadLetters } from '../../src/inbox/worker/dead-letters.ts'
import worker from '../../src/inbox/worker/index.ts'
import { reportError } from '../../src/inbox/worker/own-errors.ts'
import type { Bucket, QueueMessage, TeamInboxEnv } from '../../src/inbox/worker/platform.ts'
import { readMessage } from '../../src/inbox/worker/queued-event.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { eventually } from '../support/eventually.ts'
import { createSampleEvent } from './sample-event.ts'
import { startTeamInbox, type TeamInbox } from './start-team-inbox.ts'
import { listOf, sendEvents } from './team-events.ts'

const PRIVATE = 'what-a-customer-wrote'

async function startFailing(...parts: string[]): Promise<TeamInbox & { shop: string }> {
  const inbox = await startTeamInbox([], undefined, {
    entry: 'test/inbox/object/failing-inbox.ts',
    variables: { FAILING: parts.join(), ERRORS_PROJECT: 'inbox' },
  })
  await inbox.addProject('inbox')
  return { ...inbox, shop: await inbox.addProject('shop') }
}

async function readErrors(inbox: TeamInbox): Promise<ReplayStackEvent[]> {
  const responses = (await listOf(inbox, 'inbox')).map(({ id }) => inbox.ask(`/projects/inbox/api/v1/events/${id}`))
  const bodies = await Promise.all(responses.map(async response => (await response).json() as Promise<object>))
  return bodies.map(body => (body as { event: ReplayStackEvent }).event)
}

describe('in workerd', () => {
  test('a project, the bucket and the directory that fail are recorded, without a word of an event', async () => {
    const inbox = await startFailing('shop', 'bucket', 'directory')
    expect((await sendEvents(inbox, inbox.shop, createSampleEvent({ requestPayload: PRIVATE }))).status).toBe(200)
    const large = createSampleEvent({ requestPayload: PRIVATE.repeat(10_000) })
    expect((await sendEvents(inbox, inbox.shop, large)).status).toBe(503)
    expect((await inbox.ask('/', { token: `rs_team_${'0'.repeat(48)}` })).status).toBe(503)
    const queue = await inbox.miniflare.getQueueProducer('EVENT_QUEUE', 'inbox')
    const head = { project: 'blog', id: 'broken', idempotencyKey: 'broken', receivedAt: Date.now() }
    await queue.send(`${JSON.stringify(head)}\n${PRIVATE}`, { contentType: 'text' })
    const wanted = [
      {
        eventType: 'queue',
        endpoint: 'replaystack-events',
        errorMessage: 'The disk is full',
        metadata: expect.objectContaining({ meaning: 'Events of shop are not stored yet', project: 'shop' }),
      },
      {
        eventType: 'api',
        method: 'POST',
        endpoint: '/api/v1/ingest/events',
        errorMessage: 'The bucket is out of order',
      },
      { eventType: 'api', method: 'GET', endpoint: '/tokens/:hash', errorMessage: 'The disk is full' },
      { eventType: 'api', method: 'GET', endpoint: '/', errorMessage: 'The directory responded 500' },
      {
        endpoint: 'InboxProject.insert',
        errorMessage: 'An event is not JSON',
        metadata: expect.objectContaining({ meaning: 'An event cannot be stored', project: 'blog' }),
      },
    ].map(fields => expect.objectContaining({ ...fields, status: 'failed', serviceName: 'replaystack-inbox' }))
    await eventually(async () => expect(await readErrors(inbox)).toEqual(expect.arrayContaining(wanted)))
    const errors = await readErrors(inbox)
    expect(errors.every(({ stackTrace }) => stackTrace !== undefined)).toBe(true)
    expect(JSON.stringify(errors)).not.toContain(PRIVATE)
  })

  test('a queue that fails is recorded by the project’s object at once', async () => {
    const inbox = await startFailing('queue')
    expect((await sendEvents(inbox, inbox.shop, createSampleEvent())).status).toBe(503)
    const wanted = [{ endpoint: '/api/v1/ingest/events', errorMessage: 'The queue is out of order' }]
    await eventually(async () => expect(await readErrors(inbox)).toMatchObject(wanted))
  })

  test('where its own project fails too, each error is an event once, and makes no other', async () => {
    const inbox = await startFailing('shop', 'inbox')
    await sendEvents(inbox, inbox.shop, createSampleEvent())
    const listDead = async () => {
      const response = await inbox.ask('/api/v1/admin/dead-letters')
      return ((await response.json()) as { events: { project: string; eventId: string }[] }).events
    }
    // The event of the shop is tried twice.
    const projects = ['inbox', 'inbox', 'shop']
    await vi.waitFor(async () => expect((await listDead()).map(({ project }) => project).sort()).toEqual(projects), {
      timeout: 100_000,
      interval: 100,
    })
    const count = (text: string) => inbox.log().split(text).length - 1
    expect(count('Events of shop are not stored yet')).toBe(2)
    expect(count('Events of inbox are not stored yet')).toBeGreaterThanOrEqual(2)
  }, 120_000)
})

describe('with time that is moved', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    vi.spyOn(console, 'error').mockImplementation(() => {})
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  /** An inbox whose queue takes what it is sent, and of which all else fails. */
  function createEnvironment(variables: Partial<TeamInboxEnv> = { ERRORS_PROJECT: 'inbox' }) {
    // What was recorded before counts no more.
    vi.setSystemTime(Date.now() + 60_000)
    const sent: { project: string; event: ReplayStackEvent }[] = []
    const fail = async () => {
      throw new Error('Out of order')
    }
    const bucket: Bucket = { get: fail, put: fail, delete: fail, list: fail }
    const objects = { idFromName: () => '', get: () => ({ fetch: fail }) }
    const env: TeamInboxEnv = {
      PROJECTS: objects,
      DIRECTORY: objects,
      EVENT_BUCKET: bucket,
      EVENT_QUEUE: {
        async sendBatch(messages) {
          for (const { body } of messages) {
            const queued = readMessage(body)
            sent.push({ project: queued?.head.project ?? '', event: JSON.parse(queued?.json ?? '') })
          }
        },
      },
      ...variables,
    }
    return { env, sent }
  }

  function createBatch(queue: string, ...projects: string[]) {
    const messages = projects.map((project, index): QueueMessage => {
      const head = { project, id: `id-${index}`, idempotencyKey: `key-${index}`, receivedAt: Date.now() }
      const event = createSampleEvent({ stackFrames: [{ raw: 'at run (index.js:1:1)' }], commitHash: 'abc' })
      return { id: head.id, body: `${JSON.stringify(head)}\n${JSON.stringify(event)}`, ack: () => {}, retry: () => {} }
    })
    return { queue, messages }
  }

  test('a storm is ten events a minute, and then one that says how many were left out', async () => {
    const { env, sent } = createEnvironment()
    for (let index = 0; index < 500; index++) await reportError(new Error('Down'), env, { endpoint: '/' })
    expect(sent).toHaveLength(10)
    expect(console.error).toHaveBeenCalledTimes(500)
    vi.setSystemTime(Date.now() + 60_000)
    await reportError(new Error('Down'), env, { endpoint: '/' })
    expect(sent).toHaveLength(11)
    expect(sent[10]).toMatchObject({ project: 'inbox', event: { metadata: { skipped: 490 } } })
  })

  test('what goes wrong with its own events, their maps and their dead letters is logged alone', async () => {
    const { env, sent } = createEnvironment()
    await worker.queue(createBatch('replaystack-events', 'inbox', 'inbox'), env)
    await expect(worker.queue(createBatch('replaystack-events-dead', 'inbox', 'inbox'), env)).rejects.toThrow(
      'Out of order',
    )
    expect(console.error).toHaveBeenCalledTimes(2)
    expect(sent).toEqual([])
    // The same of another project, or of several, is recorded: of its maps, of storing it, of keeping it.
    await worker.queue(createBatch('replaystack-events', 'shop'), env)
    await expect(worker.queue(createBatch('replaystack-events-dead', 'shop', 'inbox'), env)).rejects.toThrow()
    expect(sent.map(({ project, event }) => [project, event.endpoint, Object(event.metadata).meaning])).toEqual([
      ['inbox', 'mapsOf', 'Source maps cannot be read'],
      ['inbox', 'replaystack-events', 'Events of shop are not stored yet'],
      ['inbox', 'replaystack-events-dead', undefined],
    ])
  })

  test('an error that cannot be recorded is logged, with why, and rejects nothing', async () => {
    const { env } = createEnvironment()
    const sendBatch = async () => {
      throw new Error('No queue')
    }
    await reportError(new Error('Down'), { ...env, EVENT_QUEUE: { sendBatch } }, { endpoint: '/' })
    expect(vi.mocked(console.error).mock.calls.map(([first]) => String(first))).toEqual([
      'Error: Down',
      'An error of the inbox is not recorded:',
    ])
  })

  test.each([undefined, '', 'No Project'])('nothing is recorded where the project is %j', async ERRORS_PROJECT => {
    const { env, sent } = createEnvironment(ERRORS_PROJECT === undefined ? {} : { ERRORS_PROJECT })
    await reportError(new Error('Down'), env, { endpoint: '/' })
    await expect(keepDeadLetters(createBatch('dead', 'shop'), env)).rejects.toThrow('Out of order')
    expect(sent).toEqual([])
    expect(console.error).toHaveBeenCalled()
  })
})
