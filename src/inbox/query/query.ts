import type { EventStatus, EventType } from '../../types.ts'

/**
 * What a query asks for, as `parseQuery` returns it. Every clause must be met, and a clause is met by any of its terms:
 * `OR` joins its two neighbours, so that a term more always narrows what is found.
 */
export interface Query {
  readonly clauses: readonly (readonly QueryTerm[])[]
}

/** One term, and where it stands in the text. */
export interface QueryTerm {
  readonly condition: QueryCondition
  /** Written with a `-` before it. */
  readonly isNegated: boolean
  /** Offsets in the query's text, in UTF-16 units: where the term begins, its `-` included, and the first after it. */
  readonly start: number
  readonly end: number
}

/** What one term says of an event, without its negation. */
export type QueryCondition =
  | TextCondition
  | StatusCodeCondition
  | StateCondition
  | TypeCondition
  | FieldCondition
  | AmountCondition
  | TimeCondition
  | PartCondition

/** A word, or the words of a phrase next to each other, in the endpoint, error, bodies, logs or metadata. */
export interface TextCondition {
  readonly field: 'text'
  readonly value: string
  /** A phrase's words are whole words; the last word of what was written without quotes may go on. */
  readonly isPhrase: boolean
}

/** `status:500`, `status:5xx`: both ends included. */
export interface StatusCodeCondition {
  readonly field: 'status'
  readonly from: number
  readonly to: number
}

/** `is:failed` (an event's status), `is:pinned`, `is:replay`, `is:open` (its issue's state). */
export interface StateCondition {
  readonly field: 'is'
  readonly value: EventStatus | 'pinned' | 'replay' | IssueStateName
}

/** `regressed`: open, and resolved before. */
export type IssueStateName = 'open' | 'resolved' | 'ignored' | 'regressed'

export interface TypeCondition {
  readonly field: 'type'
  readonly value: EventType
}

/** A field that is this text. With `*` in it, the text between the stars must be there, in this order. */
export interface FieldCondition {
  readonly field: FieldName
  readonly value: string
  /** Whether `*` stands for any text: what was written in quotes has none. */
  readonly hasWildcard: boolean
}

export type FieldName =
  | 'method'
  | 'route'
  | 'endpoint'
  | 'service'
  | 'env'
  | 'version'
  | 'commit'
  | 'error'
  | 'trace'
  | 'issue'

/** `duration:>500` in milliseconds, `size:>10kb` in bytes. */
export interface AmountCondition {
  readonly field: 'duration' | 'size'
  readonly operator: '>' | '>=' | '<' | '<=' | '='
  readonly value: number
}

/** `since:1h`, `until:2026-01-31`: milliseconds since the epoch; `since` includes its moment, `until` does not. */
export interface TimeCondition {
  readonly field: 'since' | 'until'
  readonly time: number
}

/** `has:calls`: a recorded tape with calls. */
export interface PartCondition {
  readonly field: 'has'
  readonly value: 'calls' | 'error' | 'note'
}
