/** The last success of a failed event's method and path: what its response must be when it is repaired. */
import type { ReplayStackEvent } from '../../types.ts'
import { MAX_LIMIT, MAX_TEXT_LENGTH } from '../event-filter.ts'
import type { EventSummary } from '../store.ts'

/** The list that it is looked for in; `undefined` for an event that needs no repair. */
export function lastSuccessFilter({
  method,
  endpoint,
  status,
  statusCode,
}: ReplayStackEvent): { status: 'success'; limit: number; q: string } | undefined {
  const failed = status === 'failed' || (statusCode ?? 0) >= 500
  if (method === undefined || endpoint === undefined || !failed) return undefined
  return { status: 'success', limit: MAX_LIMIT, q: endpoint.slice(0, MAX_TEXT_LENGTH) }
}

/** @param events newest first */
export function statusOfSuccess(
  events: readonly EventSummary[],
  { method, endpoint }: ReplayStackEvent,
): number | undefined {
  return events.find(event => event.method === method && event.endpoint === endpoint)?.statusCode
}
