import { isIssueCursor } from '../issue-filter.ts'
import type { IssueSort, IssueState } from '../issues/issue.ts'
import type { ListPlace } from './list-url.ts'
import { MAX_TRAIL } from './list-url.ts'

/** Which issues a list holds, and in which order. */
export interface IssueListConditions {
  /** `undefined` for those of every state. */
  state: IssueState | undefined
  queryText?: string | undefined
  sort?: IssueSort | undefined
}

/** One page of the list of issues. */
export interface IssueListPlace {
  /** Its cursor. */
  before: string
  /** The cursors of the pages between the first and this one. */
  trail: readonly string[]
}

/** The address of the list of issues that these conditions make, or of a page of it. */
export function issuesUrl({ state, queryText, sort }: IssueListConditions, place?: IssueListPlace): string {
  const parameters = new URLSearchParams()
  if (state !== 'open') parameters.set('state', state ?? 'all')
  if (queryText) parameters.set('query', queryText)
  if (sort) parameters.set('sort', sort)
  if (place) parameters.set('before', place.before)
  if (place && place.trail.length > 0) parameters.set('trail', place.trail.slice(-MAX_TRAIL).join('.'))
  return parameters.size > 0 ? `/issues?${parameters}` : '/issues'
}

/** The address of an issue, or of a page of its events. */
export function issueUrl(issueId: string, place?: ListPlace): string {
  const parameters = new URLSearchParams()
  if (place) parameters.set('before', String(place.before))
  if (place && place.trail.length > 0) parameters.set('trail', place.trail.slice(-MAX_TRAIL).join('-'))
  const path = `/issues/${encodeURIComponent(issueId)}`
  return parameters.size > 0 ? `${path}?${parameters}` : path
}

/** The cursors that an address remembers; none where it says anything else. */
export function readIssueTrail(text: string | undefined): string[] {
  const cursors = text?.split('.') ?? []
  return cursors.every(isIssueCursor) ? cursors.slice(-MAX_TRAIL) : []
}
