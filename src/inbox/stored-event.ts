import type { JsonValue, ReplayStackEvent } from '../types.ts'
import { assertEvent } from './ingest.ts'
import type { StoredEvent } from './store.ts'

/** An event that the store keeps, and all of its JSON, also the fields that are not known. */
export function readStoredEvent({ json }: StoredEvent): { event: ReplayStackEvent; raw: JsonValue } {
  const raw: JsonValue = JSON.parse(json)
  const event: unknown = raw
  assertEvent(event)
  return { event, raw }
}
