import type { Query } from '../query/query.ts'

export const ISSUE_STATES = ['open', 'resolved', 'ignored'] as const

/** A resolved issue that is seen again is open again; an ignored one stays so. */
export type IssueState = (typeof ISSUE_STATES)[number]

export const ISSUE_SORTS = ['lastSeen', 'firstSeen', 'count'] as const

/** Latest, newest or most frequent first. */
export type IssueSort = (typeof ISSUE_SORTS)[number]

/** Failures of one kind. */
export interface Issue {
  issueId: string
  title: string
  errorName?: string | undefined
  /** The first one's, cut after 2,000 UTF-16 units. */
  errorMessage?: string | undefined
  /** Where it goes wrong: `chargeCard (src/payments.ts)`; without frames, the route. */
  culprit: string
  /** The latest one's route, with its method before it. */
  route?: string | undefined
  /** Failures since the inbox began: what is pruned still counts, what somebody deletes does not. */
  count: number
  /** ISO 8601, UTC. */
  firstSeen: string
  lastSeen: string
  /** In alphabetical order. */
  services: string[]
  environments: string[]
  /** Application versions, the one that was seen first at the beginning; a commit hash where there is no version. */
  versions: string[]
  state: IssueState
  /** Present when it was resolved and came back; gone when its state is set again. */
  regressed?: { at: string; version?: string | undefined } | undefined
  /** Failures in each of the last 24 hours, the present one last. */
  histogram: IssueHistogram
  /** Absent when all its events were pruned. */
  latestEventId?: string | undefined
}

export interface IssueHistogram {
  /** Where the first part begins: ISO 8601, UTC. */
  from: string
  bucketMs: number
  counts: number[]
}

/** Which issues a list holds, and in which order. */
export interface IssueFilter {
  /** Issues that have an event which meets it; `is:open` and its like ask for their state. */
  query?: Query | undefined
  /** @default 'lastSeen' */
  sort?: IssueSort | undefined
  /** @default 50 */
  limit?: number | undefined
  /** A cursor from {@link IssuePage.next}. */
  before?: string | undefined
}

export interface IssuePage {
  issues: Issue[]
  /** The cursor of the next page; `null` when this is the last. */
  next: string | null
}

/** Where an event stands among those of its issue. */
export interface IssuePlace {
  issueId: string
  /** 1 for the first failure of its kind, also where that is pruned. */
  position: number
  /** All failures of the issue, as {@link Issue.count}. */
  count: number
  /** The event of the issue that came next, and the one that came before. */
  newerId?: string | undefined
  olderId?: string | undefined
  /** The oldest that is still there. */
  firstId: string
}
