import type { JsonValue } from '../../types.ts'
import { readEventSummary } from '../event-summary.ts'
import { InboxError } from '../inbox-error.ts'
import { assertEvent } from '../ingest.ts'
import { InvalidInputError } from '../invalid-input.ts'
import type { EventSummary } from '../store.ts'
import { isJsonObject } from './payload-kind.ts'
import type { KeptEvent } from './test-file.ts'

/** Characters of an id that are enough, where no other event's begins with them. */
const MIN_PREFIX_LENGTH = 8

/** The newest events among which a part of an id is looked for. */
const SEARCHED_EVENTS = 200

/**
 * Fetches an event from an inbox by its id, by the beginning of its id, or by its trace id.
 *
 * @throws InboxError in one line
 */
export async function fetchEvent(inbox: string, id: string, signal: AbortSignal): Promise<KeptEvent> {
  const found = await fetchById(inbox, id, signal)
  if (found) return found
  const matches = id.length < MIN_PREFIX_LENGTH ? [] : await findEvents(inbox, id, signal)
  const [match, ...others] = matches
  if (!match) throw new InboxError(`${inbox} has no event ${id}`)
  if (others.length > 0) {
    const ids = matches.slice(0, 5).map(event => event.id)
    throw new InboxError(`${matches.length} events match ${id}; give the id of one: ${ids.join(', ')}`)
  }
  const event = await fetchById(inbox, match.id, signal)
  if (!event) throw new InboxError(`${inbox} has no event ${id}`)
  return event
}

async function fetchById(inbox: string, id: string, signal: AbortSignal): Promise<KeptEvent | undefined> {
  const { status, value } = await fetchJson(`${inbox}/api/v1/events/${encodeURIComponent(id)}`, inbox, signal)
  if (status === 404) return undefined
  if (status !== 200 || !isJsonObject(value)) throw notAnInbox(inbox, status)
  const { id: fullId, receivedAt } = value
  const event: unknown = value['event']
  try {
    assertEvent(event)
  } catch (error) {
    if (error instanceof InvalidInputError) throw notAnInbox(inbox, status)
    throw error
  }
  if (typeof fullId !== 'string' || typeof receivedAt !== 'string') throw notAnInbox(inbox, status)
  return { id: fullId, receivedAt, event }
}

async function findEvents(inbox: string, text: string, signal: AbortSignal): Promise<EventSummary[]> {
  const queries = [`limit=${SEARCHED_EVENTS}`, `limit=${SEARCHED_EVENTS}&q=${encodeURIComponent(text.slice(0, 200))}`]
  const found = new Map<string, EventSummary>()
  for (const query of queries) {
    const { status, value } = await fetchJson(`${inbox}/api/v1/events?${query}`, inbox, signal)
    const events = isJsonObject(value) ? value['events'] : undefined
    if (status !== 200 || !Array.isArray(events)) throw notAnInbox(inbox, status)
    for (const row of events) {
      const event = readEventSummary(JSON.stringify(row))
      if (event && (event.id.startsWith(text) || event.traceId === text)) found.set(event.id, event)
    }
  }
  return [...found.values()]
}

async function fetchJson(
  url: string,
  inbox: string,
  signal: AbortSignal,
): Promise<{ status: number; value: JsonValue | undefined }> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, { signal })
    text = await response.text()
  } catch {
    throw new InboxError(`${inbox} cannot be reached; replaystack inbox starts one`)
  }
  try {
    return { status: response.status, value: JSON.parse(text) }
  } catch {
    throw notAnInbox(inbox, response.status)
  }
}

function notAnInbox(inbox: string, status: number): InboxError {
  return new InboxError(`${inbox} is not a ReplayStack inbox: it answered ${status}`)
}
