import type { EventStatus, EventType, ReplayStackEvent } from '../types.ts'
import type { BackupPage, Restoration, RestoreResult } from './backup/backup.ts'
import type { Issue, IssueFilter, IssuePage, IssuePlace, IssueState } from './issues/issue.ts'
import type { PersonStep, PersonStepOptions } from './person.ts'
import type { Query } from './query/query.ts'
import type { KeptReplay, ReplayRecord } from './replay/replay-record.ts'
import type { KeptSources } from './source-maps.ts'

/** What a list, a stream and a table show of an event. Fields the event did not have are absent. */
export interface EventSummary {
  id: string
  /** When the inbox accepted it: ISO 8601, UTC. */
  receivedAt: string
  traceId: string
  eventType: EventType
  method?: string | undefined
  /** The framework's pattern; where it gave none, the endpoint with `:id` for what is an id by its looks. */
  route?: string | undefined
  endpoint?: string | undefined
  /** The query of its URL, without the `?`, where the endpoint has none. Cut after 300 UTF-16 units. */
  urlQuery?: string | undefined
  status: EventStatus
  statusCode?: number | undefined
  executionTimeMs?: number | undefined
  errorName?: string | undefined
  /** Cut after 2,000 UTF-16 units. */
  errorMessage?: string | undefined
  serviceName?: string | undefined
  environment?: string | undefined
  appVersion?: string | undefined
  commitHash?: string | undefined
  /** Bytes of its JSON. */
  sizeBytes?: number | undefined
  /** Present, and `true`, when it is never pruned. */
  pinned?: boolean | undefined
  /** What somebody wrote about it. */
  note?: string | undefined
  /** The issue that a failure belongs to. */
  issueId?: string | undefined
  /** The id of the event whose replay it comes of. */
  replayOf?: string | undefined
}

/** An event that has passed the ingest contract and is about to be kept. */
export interface NewEvent {
  event: ReplayStackEvent
  /** The event's JSON text, kept as it is. */
  json: string
  /** An event whose key is already known is not kept again. */
  idempotencyKey?: string | undefined
  /** @default a new one */
  id?: string | undefined
  /** When it was accepted: milliseconds since the epoch. @default now */
  receivedAt?: number | undefined
  /** Its frames in their sources, as the source maps had it when it arrived. */
  sources?: KeptSources | undefined
}

/** What an insert answers. */
export interface InsertedEvent {
  summary: EventSummary
  /** `false`: its idempotency key was known, and `summary` is that of the event kept before. */
  created: boolean
}

/** One event, whole. */
export interface StoredEvent {
  id: string
  /** ISO 8601, UTC. */
  receivedAt: string
  /** The event's JSON text: as it arrived, where it did not come in a batch. */
  json: string
  /** Its frames in their sources, as the source maps had it when it arrived. */
  sources?: KeptSources | undefined
  /** What a list shows of it. */
  summary: EventSummary
}

/** What somebody changes about an event. What is absent stays. */
export interface EventChange {
  pinned?: boolean | undefined
  /** An empty text removes it. */
  note?: string | undefined
}

/** Which events are meant. All conditions must be met. */
export interface EventConditions {
  status?: EventStatus | undefined
  type?: EventType | undefined
  /** The exact service name. */
  service?: string | undefined
  /** Words next to each other, the last of which may go on: `card decl`. */
  q?: string | undefined
  /** What a query asks for, besides. */
  query?: Query | undefined
}

/** Which events a list holds. */
export interface EventFilter extends EventConditions {
  /** @default 50 */
  limit?: number | undefined
  /** A cursor from {@link EventPage.next}: only older events. */
  before?: number | undefined
}

/** One page of a list, newest first. */
export interface EventPage {
  events: EventSummary[]
  /** The cursor of the next, older page; `null` when this is the last. */
  next: number | null
}

/** The time that a volume looks at, in milliseconds since the epoch, both ends included, and into how many parts it is cut. */
export interface VolumeOptions {
  from: number
  to: number
  /** 1 to 1,000. */
  buckets: number
}

/** How many events of each status were accepted in one part of the time. */
export interface EventVolume {
  /** Where the part begins: ISO 8601, UTC. */
  from: string
  success: number
  warning: number
  failed: number
  pending: number
}

/** How a route does. */
export interface RouteNumbers {
  method?: string | undefined
  route: string
  count: number
  failures: number
  /** Milliseconds, right to 5 %; absent where no event has a duration. */
  p50?: number | undefined
  p95?: number | undefined
  p99?: number | undefined
  slowestEventId?: string | undefined
}

/** What was taken in during a month: what was deleted or pruned since is counted too, a repeat is not. */
export interface MonthUsage {
  /** In UTC: `2026-11`. */
  month: string
  events: number
  /** Of the events' JSON. */
  bytes: number
}

/** When the first and the last event were accepted: milliseconds since the epoch. */
export interface EventRange {
  first: number
  last: number
}

/** Where the inbox keeps its events. Any method throws a StoreError when the file is full, damaged or out of reach. */
export interface EventStore {
  insert(event: NewEvent): InsertedEvent
  /** All of them, or, when one fails, none. */
  insertMany(events: readonly NewEvent[]): InsertedEvent[]
  list(filter?: EventFilter): EventPage
  /** Events accepted after the one of this id, oldest first; none when the id is unknown. */
  listAfter(id: string, limit: number): EventSummary[]
  /** Events accepted before the one of this id, newest first; none when the id is unknown. */
  listBefore(id: string, limit: number): EventSummary[]
  /** The events of one trace, oldest first. */
  listByTrace(traceId: string, limit: number): EventSummary[]
  /** The names that events have, in alphabetical order, 1,000 at most. */
  serviceNames(): string[]
  /** One entry for each part of the time, those without events too. Throws a RangeError for a time that has no length. */
  volume(conditions: EventConditions, options: VolumeOptions): EventVolume[]
  /** From now on so many events are kept, and for so long. */
  limitTo(limits: { maxEvents: number; maxAgeMs: number }): void
  /** Removes what is beyond the limits, and returns whether any is left to remove: what takes long goes in steps. */
  prune(): boolean
  /** How many events there are. */
  count(): number
  /** `undefined` while there are no events. */
  range(): EventRange | undefined
  get(id: string): StoredEvent | undefined
  /** Says of an event that it comes of a replay of another. */
  setReplayOf(id: string, originalId: string): void
  /** Keeps a replay that is over, among the newest 100 of its event. */
  addReplay(replay: ReplayRecord): void
  /** The replays of an event, newest first. */
  replays(eventId: string, limit: number): KeptReplay[]
  /** Failures by their kind. */
  issues(filter?: IssueFilter): IssuePage
  issue(issueId: string): Issue | undefined
  /** How many issues of each state have an event that meets a query. */
  issueCounts(query?: Query): Record<IssueState, number>
  /** Where an event stands among those of its issue; `undefined` for an event that has none. */
  issuePlace(id: string): IssuePlace | undefined
  /** @returns the issue as it is now; `undefined` when the id is unknown */
  setIssueState(issueId: string, state: IssueState): Issue | undefined
  /** Routes with their numbers, those with the most events first, 500 at most. */
  routes(conditions?: EventConditions): RouteNumbers[]
  /** The months in which events were taken in, newest first. */
  usage(): MonthUsage[]
  /** The server that the last replay of a service went to. */
  replayTarget(service: string): string | undefined
  setReplayTarget(service: string, target: string): void
  /** @returns the event as it is now; `undefined` when the id is unknown */
  update(id: string, change: EventChange): EventSummary | undefined
  /** Removes one event, also a pinned one, and returns whether there was one. */
  delete(id: string): boolean
  /** Removes the events that meet all conditions, also pinned ones, and returns how many there were. */
  deleteMany(conditions: EventConditions): number
  /** Removes every event, also pinned ones, with its idempotency key, and returns how many there were. */
  clear(): number
  /** How many events meet all conditions. */
  countMany(conditions: EventConditions): number
  /** Looks for events that mention somebody, and removes them where it is asked to, also pinned ones: one step of many. */
  forget(options: PersonStepOptions): PersonStep
  /** A page of all that is kept, for {@link restore}. @param after the page before's `next` */
  backup(after?: string): BackupPage
  /** Keeps what a backup has and what is not there yet: all of it or, when it fails, nothing. */
  restore(given: Restoration): RestoreResult
  /** May be called twice. */
  close(): void
}
