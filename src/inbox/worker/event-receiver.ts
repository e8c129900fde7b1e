/** The queue's other end: its messages go to the objects of their projects. */
import { assertEvent } from '../ingest.ts'
import { mapSources } from '../kept-sources.ts'
import type { KeptSources } from '../source-maps.ts'
import { type Insertion, insertEvents } from './insertion.ts'
import { reportError } from './own-errors.ts'
import type { QueueBatch, QueueMessage, TeamInboxEnv } from './platform.ts'
import { largeKey, type QueuedEvent, readMessage, writeMessage } from './queued-event.ts'
import { mapsOf } from './team-maps.ts'

/** Characters of events that one request takes to an object. */
const MAX_REQUEST_LENGTH = 16_000_000

/** Seconds after which what failed is tried again. */
const RETRY_SECONDS = 10

interface Received {
  message: QueueMessage
  queued: QueuedEvent
  sources?: KeptSources | undefined
}

/** Stores a batch. Each message is acknowledged when it is stored, and else comes again. */
export async function receiveBatch({ messages }: QueueBatch, env: TeamInboxEnv): Promise<void> {
  const byProject = new Map<string, Received[]>()
  for (const message of messages) {
    const queued = readMessage(message.body)
    if (!queued) message.retry()
    else byProject.set(queued.head.project, [...(byProject.get(queued.head.project) ?? []), { message, queued }])
  }
  await Promise.all(Array.from(byProject, ([project, received]) => receiveOfProject(project, received, env)))
}

async function receiveOfProject(project: string, received: readonly Received[], env: TeamInboxEnv): Promise<void> {
  let group: Received[] = []
  let length = 0
  const store = async () => {
    if (group.length > 0) await storeGroup(project, group, env)
    group = []
    length = 0
  }
  for (const { message, queued } of received) {
    const json = queued.json ?? (await readLarge(queued, message, env))
    if (json === undefined) continue
    if (length + json.length > MAX_REQUEST_LENGTH) await store()
    group.push({ message, queued: { head: queued.head, json }, sources: await readSources(project, json, env) })
    length += json.length
  }
  await store()
}

async function readLarge({ head }: QueuedEvent, message: QueueMessage, env: TeamInboxEnv): Promise<string | undefined> {
  try {
    const object = await env.EVENT_BUCKET.get(largeKey(head))
    if (object) return await object.text()
    // Stored already: it is removed from the bucket last.
    message.ack()
  } catch (error) {
    await report(error, head.project, env)
    message.retry({ delaySeconds: RETRY_SECONDS })
  }
  return undefined
}

/** Here, not in the object: a map of 10 MB would keep it from everything else meanwhile. */
async function readSources(project: string, json: string, env: TeamInboxEnv): Promise<KeptSources | undefined> {
  // The inbox's own code has no maps, and where maps cannot be read, each of its errors would make another.
  if (project === env.ERRORS_PROJECT || !json.includes('"stackFrames"')) return undefined
  try {
    const event: unknown = JSON.parse(json)
    assertEvent(event)
    return await mapSources(event, { uploaded: mapsOf(project, env) })
  } catch {
    // The object says what is wrong with it.
    return undefined
  }
}

async function storeGroup(project: string, group: readonly Received[], env: TeamInboxEnv): Promise<void> {
  const failed = await insertInto(project, group, env)
  const stored = group.filter(({ queued }) => !failed.has(queued.head.id))
  for (const { message, queued } of group) {
    if (failed.has(queued.head.id)) message.retry({ delaySeconds: RETRY_SECONDS })
    else message.ack()
  }
  const large = stored.filter(({ message }) => readMessage(message.body)?.json === undefined)
  if (large.length > 0) await env.EVENT_BUCKET.delete(large.map(({ queued }) => largeKey(queued.head))).catch(() => {})
}

/** @returns the ids of those that were not stored */
async function insertInto(project: string, group: readonly Received[], env: TeamInboxEnv): Promise<Set<string>> {
  try {
    const insertions = group.map(({ queued, sources }): Insertion => ({ message: writeMessage(queued), sources }))
    return await insertEvents(project, insertions, env)
  } catch (error) {
    await report(error, project, env)
    return new Set(group.map(({ queued }) => queued.head.id))
  }
}

function report(error: unknown, project: string, env: TeamInboxEnv): Promise<void> {
  const meaning = `Events of ${project} are not stored yet`
  return reportError(error, env, { eventType: 'queue', endpoint: 'replaystack-events', meaning, project })
}
