import type { Hono } from 'hono'
import type { ReplayStackEvent } from '../../types.ts'
import { Alerts } from '../alerts/alerts.ts'
import { EventFeed } from '../event-feed.ts'
import { assertEvent } from '../ingest.ts'
import { keepEvents } from '../ingest-routes.ts'
import type { SqlDriver } from '../sql/driver.ts'
import { createSqlStore } from '../sql/sql-store.ts'
import type { EventStore, NewEvent } from '../store.ts'
import { Admission, type AdmissionRequest } from './admission.ts'
import { dropForgotten, leaveOutForgotten, rememberForgotten } from './forgotten.ts'
import type { Insertion } from './insertion.ts'
import { openObjectDriver } from './object-driver.ts'
import { type ErrorContext, reportError } from './own-errors.ts'
import type { ObjectState, TeamInboxEnv } from './platform.ts'
import { createProjectApp } from './project-app.ts'
import { LARGE_PREFIX, readMessage } from './queued-event.ts'
import { readKnownRetention, refreshRetention } from './retention.ts'

/** Requests that the Worker has let in come below this; what is not below it, the Worker alone asks. */
export const APP_PATH = '/app'

/** An object has 10 GB; the events take 8 at most, for indexes grow while old events go. */
const MAX_BYTES = 8 * 1024 ** 3
/** Milliseconds between two looks at what is too old. */
const PRUNING_MS = 3_600_000
/** Milliseconds until alerts are checked after events came: once for all that come meanwhile. */
const CHECKING_MS = 5_000
/** Milliseconds after which the bucket keeps no event that never left the queue: it is longer than any queue keeps one. */
const MAX_LARGE_AGE_MS = 15 * 86_400_000

/** The events of one project: a Durable Object, of which the Worker alone can ask. */
export class InboxProject {
  readonly #state: ObjectState
  readonly #env: TeamInboxEnv
  readonly #driver: SqlDriver
  readonly #store: EventStore
  readonly #admission: Admission
  readonly #feed = new EventFeed()
  readonly #alerts: Alerts
  readonly #app: Hono
  /** When the bucket was looked through last. */
  #bucketPrunedAt = 0

  constructor(state: ObjectState, env: TeamInboxEnv) {
    this.#state = state
    this.#env = env
    const driver = openObjectDriver(state.storage)
    this.#driver = driver
    this.#store = createSqlStore(driver, { ...readKnownRetention(driver), maxBytes: MAX_BYTES })
    this.#admission = new Admission(driver)
    this.#alerts = new Alerts({ driver, feed: this.#feed, project: state.id.name ?? '' })
    this.#app = createProjectApp({
      project: state.id.name,
      store: this.#store,
      feed: this.#feed,
      alerts: this.#alerts,
      env,
      beforeRemoving: person => rememberForgotten(driver, person),
      onError: error => this.#report(error, { endpoint: 'InboxProject.fetch' }),
    })
  }

  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url)
    if (url.pathname === '/insert') return this.#insert(await request.json())
    if (url.pathname === '/admit') return this.#admit(await request.json())
    if (url.pathname === '/retention') return this.#refreshRetention().then(() => Response.json({ success: true }))
    if (url.pathname === '/usage') return Response.json(this.#store.usage())
    if (!url.pathname.startsWith(`${APP_PATH}/`)) return new Response('Not found', { status: 404 })
    url.pathname = url.pathname.slice(APP_PATH.length)
    return this.#app.fetch(new Request(url, request))
  }

  /** Removes what is too old or too much, here and in the bucket. */
  async alarm(): Promise<void> {
    const report = (error: unknown) => this.#report(error, { eventType: 'cron', endpoint: 'InboxProject.alarm' })
    // What was decided while this object could not be reached.
    await this.#refreshRetention().catch(report)
    try {
      await this.#runAlarm()
    } catch (error) {
      await report(error)
      // The runtime calls it again.
      throw error
    }
  }

  async #runAlarm(): Promise<void> {
    this.#checkAlerts()
    await this.#alerts.deliver()
    dropForgotten(this.#driver)
    const hasMore = this.#store.prune()
    const isBucketDue = Date.now() - this.#bucketPrunedAt >= PRUNING_MS
    if (!hasMore && isBucketDue) {
      await this.#pruneBucket()
      this.#bucketPrunedAt = Date.now()
    }
    const pruneAt = Date.now() + (hasMore ? 0 : PRUNING_MS)
    await this.#state.storage.setAlarm(Math.min(pruneAt, this.#alerts.nextAt() ?? pruneAt))
  }

  /** An object that does not know its own name may be the one of these errors' own project: then they are logged alone. */
  #report(error: unknown, context: ErrorContext): Promise<void> {
    return reportError(error, this.#env, { project: this.#state.id.name ?? this.#env.ERRORS_PROJECT, ...context })
  }

  async #refreshRetention(): Promise<void> {
    const project = this.#state.id.name
    if (project === undefined) return
    await refreshRetention(this.#driver, project, this.#env)
    this.#store.limitTo(readKnownRetention(this.#driver))
  }

  /** Stores a batch of the queue's, and responds with the ids of those that cannot be stored. */
  async #insert(body: unknown): Promise<Response> {
    const insertions: unknown[] = Array.isArray(body) ? body : []
    await this.#wakeBy(Date.now() + PRUNING_MS)
    const failed: string[] = []
    const events = insertions.flatMap((insertion): NewEvent[] => {
      const { message, sources }: Partial<Insertion> = Object(insertion)
      const queued = readMessage(message)
      try {
        if (queued?.json === undefined) throw new Error('A message has no event')
        const event = parseEvent(queued.json)
        return [{ ...queued.head, event, json: queued.json, sources }]
      } catch (error) {
        // An object stays at work as long as this does.
        void this.#report(error, { endpoint: 'InboxProject.insert', meaning: 'An event cannot be stored' })
        if (queued) failed.push(queued.head.id)
        return []
      }
    })
    const wanted = await leaveOutForgotten(this.#driver, events)
    await keepEvents(wanted, { store: this.#store, feed: this.#feed })
    this.#admission.settle([...failed, ...events.flatMap(({ id }) => id ?? [])])
    if (this.#alerts.hasRules()) await this.#wakeBy(Date.now() + CHECKING_MS)
    return Response.json({ failed })
  }

  /** A rule that cannot be checked keeps nothing else from being done. */
  #checkAlerts(): void {
    try {
      this.#alerts.check()
    } catch (error) {
      void this.#report(error, { endpoint: 'InboxProject.alarm', meaning: 'Alerts cannot be checked' })
    }
  }

  /** Lets the alarm ring at this time at the latest. */
  async #wakeBy(time: number): Promise<void> {
    const alarm = await this.#state.storage.getAlarm()
    if (alarm === null || time < alarm) await this.#state.storage.setAlarm(time)
  }

  /** Responds with what the limits keep out of what ingest was sent. */
  #admit(body: unknown): Response {
    const { ids, limits }: AdmissionRequest = Object(body)
    return Response.json(this.#admission.admit(ids, limits) ?? null)
  }

  async #pruneBucket(): Promise<void> {
    const bucket = this.#env.EVENT_BUCKET
    const project = this.#state.id.name
    if (project === undefined) return
    const prefix = `${LARGE_PREFIX}${project}/`
    let cursor: string | undefined
    do {
      const page = await bucket.list({ prefix, ...(cursor !== undefined && { cursor }) })
      const old = page.objects.filter(({ uploaded }) => Date.now() - uploaded.getTime() > MAX_LARGE_AGE_MS)
      if (old.length > 0) await bucket.delete(old.map(({ key }) => key))
      cursor = page.truncated ? page.cursor : undefined
    } while (cursor !== undefined)
  }
}

/** The runtime's own error would quote the event. */
function parseEvent(json: string): ReplayStackEvent {
  let event: unknown
  try {
    event = JSON.parse(json)
  } catch {
    throw new Error('An event is not JSON')
  }
  assertEvent(event)
  return event
}
