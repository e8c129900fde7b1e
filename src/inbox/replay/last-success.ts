/** The last success of a failed event's method and path: what its response must be when it is repaired. */
import type { ReplayStackEvent } from '../../types.ts'
import { MAX_QUERY_LENGTH } from '../query/parse-query.ts'
import { quoteValue } from '../query/query-words.ts'
import type { EventSummary } from '../store.ts'

/** The query of the list that it is looked for in; `undefined` for an event that needs no repair. */
export function lastSuccessQuery({ method, endpoint, status, statusCode }: ReplayStackEvent): string | undefined {
  const failed = status === 'failed' || (statusCode ?? 0) >= 500
  if (method === undefined || endpoint === undefined || !failed) return undefined
  const query = `is:success method:${quoteValue(method)} endpoint:${quoteValue(endpoint)}`
  return query.length > MAX_QUERY_LENGTH ? undefined : query
}

/** @param events newest first */
export function findSuccess(
  events: readonly EventSummary[],
  { method, endpoint }: ReplayStackEvent,
): EventSummary | undefined {
  return events.find(event => event.method === method && event.endpoint === endpoint)
}
