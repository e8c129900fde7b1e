import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { MAX_LIMIT, MAX_TEXT_LENGTH } from '../event-filter.ts'
import { readEventSummary } from '../event-summary.ts'
import { InboxError } from '../inbox-error.ts'
import { assertEvent } from '../ingest.ts'
import { InvalidInputError } from '../invalid-input.ts'
import type { EventSummary } from '../store.ts'
import { fetchJson, fetchText, notAnInbox } from './fetch-json.ts'
import { type OpenReplays, type ReplayedEvent, textsOf } from './hermetic.ts'
import { findSuccess, lastSuccessQuery } from './last-success.ts'
import { isJsonObject, parseJson } from './payload-kind.ts'
import type { KeptEvent } from './test-file.ts'

/** Characters of an id that are enough, where no other event's begins with them. */
const MIN_PREFIX_LENGTH = 8

/**
 * Fetches an event from an inbox by its id, by the beginning of its id, or by its trace id.
 *
 * @throws InboxError in one line
 */
export async function fetchEvent(inbox: string, id: string, signal: AbortSignal): Promise<KeptEvent> {
  const found = await fetchById(inbox, id, signal)
  if (found) return found
  const matches = await findEvents(inbox, id, signal)
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

/** One page of a list of events. */
export interface FetchedEvents {
  /** Newest first. */
  events: EventSummary[]
  /** The cursor of the next, older page. */
  next: string | undefined
}

/**
 * Fetches a page of the events that a query finds.
 *
 * @throws InboxError with the inbox's own words for a query that is wrong
 */
export async function fetchEvents(
  inbox: string,
  {
    query = '',
    before = '',
    limit = MAX_LIMIT,
  }: { query?: string | undefined; before?: string | undefined; limit?: number },
  signal: AbortSignal,
): Promise<FetchedEvents> {
  const parameters = new URLSearchParams({ query, before, limit: String(limit) })
  const { status, value } = await fetchJson(`${inbox}/api/v1/events?${parameters}`, inbox, { signal })
  const page = isJsonObject(value) ? value : {}
  const { events, next, message } = page
  if (status === 400 && typeof message === 'string') throw new InboxError(message)
  if (status !== 200 || !Array.isArray(events)) throw notAnInbox(inbox, status)
  return {
    events: events.flatMap((row: JsonValue) => readEventSummary(JSON.stringify(row)) ?? []),
    next: typeof next === 'string' ? next : undefined,
  }
}

/** Events of one query that are read whole; more are too many to replay one of each kind. */
const MAX_EVENTS = 20_000

/** Events that are fetched at a time. */
const CONCURRENCY = 8

/**
 * Fetches all events that a query finds, whole.
 *
 * @param onProgress is called with how many were read, and how many there are
 * @returns oldest first
 * @throws InboxError
 */
export async function fetchAllEvents(
  inbox: string,
  query: string,
  signal: AbortSignal,
  onProgress?: (read: number, of: number) => void,
): Promise<KeptEvent[]> {
  const summaries: EventSummary[] = []
  let before: string | undefined
  do {
    const page = await fetchEvents(inbox, { query, before }, signal)
    summaries.push(...page.events)
    before = page.next
  } while (before !== undefined && summaries.length <= MAX_EVENTS)
  if (summaries.length > MAX_EVENTS) {
    throw new InboxError(`The query finds more than ${MAX_EVENTS} events; narrow it, by since:1h or a service:`)
  }
  const kept: (KeptEvent | undefined)[] = summaries.map(() => undefined)
  let next = 0
  let read = 0
  const fetchNext = async () => {
    for (let index = next++; index < summaries.length; index = next++) {
      kept[index] = await fetchById(inbox, summaries[index]?.id ?? '', signal)
      onProgress?.(++read, summaries.length)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, fetchNext))
  return kept.flatMap(event => event ?? []).reverse()
}

/** An event as the inbox shows it in a terminal, its frames in their sources; `undefined` where it does not. */
export async function fetchEventText(inbox: string, id: string, signal: AbortSignal): Promise<string | undefined> {
  const { status, text } = await fetchText(`${inbox}/events/${encodeURIComponent(id)}`, inbox, { signal })
  return status === 200 ? text.trimEnd() : undefined
}

/** The status of the last success of the same method and path, for an event that failed. */
export async function findLastSuccess(
  inbox: string,
  event: ReplayStackEvent,
  signal: AbortSignal,
): Promise<number | undefined> {
  const query = lastSuccessQuery(event)
  if (query === undefined) return undefined
  const parameters = new URLSearchParams({ query, limit: '1' })
  const { value } = await fetchJson(`${inbox}/api/v1/events?${parameters}`, inbox, { signal })
  const rows: readonly JsonValue[] = isJsonObject(value) && Array.isArray(value['events']) ? value['events'] : []
  return findSuccess(
    rows.flatMap(row => readEventSummary(JSON.stringify(row)) ?? []),
    event,
  )?.statusCode
}

async function fetchById(inbox: string, id: string, signal: AbortSignal): Promise<KeptEvent | undefined> {
  const { status, value } = await fetchJson(`${inbox}/api/v1/events/${encodeURIComponent(id)}`, inbox, { signal })
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

/** The server that the inbox would send a replay of this event to; `undefined` when it knows of none. */
export async function fetchReplayTarget(inbox: string, id: string, signal: AbortSignal): Promise<string | undefined> {
  const { value } = await fetchJson(`${inbox}/api/v1/events/${id}/replay-target`, inbox, { signal })
  const data = isJsonObject(value) ? value['data'] : undefined
  const target = isJsonObject(data) ? data['target'] : undefined
  return typeof target === 'string' ? target : undefined
}

/** Lets the inbox remember where a replay of this event went, unless it sends replays nowhere there. */
export async function putReplayTarget(inbox: string, id: string, target: string, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ target })
  await fetchJson(`${inbox}/api/v1/events/${id}/replay-target`, inbox, { method: 'PUT', headers, body, signal })
}

/**
 * Fetches a file of events.
 *
 * @param path below `/api/v1/`
 * @throws InboxError with the inbox's own words where it refuses
 */
export async function fetchExport(inbox: string, path: string, signal: AbortSignal): Promise<string> {
  const { status, text } = await fetchText(`${inbox}/api/v1/${path}`, inbox, { signal })
  if (status === 200) return text
  const answer = parseJson(text)
  const message = isJsonObject(answer) ? answer['message'] : undefined
  throw typeof message === 'string' ? new InboxError(message) : notAnInbox(inbox, status)
}

/** Has an inbox wait for an event's replays. @param isHermetic whether the event's tape is played back to them */
export function openReplays(
  inbox: string,
  { eventId, isHermetic }: { eventId: string; isHermetic: boolean },
  signal: AbortSignal,
): OpenReplays {
  const ask = async (path: string, init: RequestInit): Promise<{ [name: string]: JsonValue }> => {
    const { status, value } = await fetchJson(`${inbox}/api/v1/replays${path}`, inbox, { ...init, signal })
    const data = isJsonObject(value) ? value['data'] : undefined
    if (status !== 200 || !isJsonObject(data))
      throw new InboxError(`${inbox} waits for no replays: it answered ${status}`)
    return data
  }
  return {
    async open(traceId) {
      const headers = { 'content-type': 'application/json' }
      const { id } = await ask('', {
        method: 'POST',
        headers,
        body: JSON.stringify({ eventId, traceId, hermetic: isHermetic }),
      })
      return String(id)
    },
    async outcome(id, waits) {
      const { taken, event } = await ask(`/${id}${waits ? '?wait=1' : ''}`, {})
      return { taken: taken === true, event: isJsonObject(event) ? readReplayedEvent(event) : null }
    },
  }
}

function readReplayedEvent(event: { [name: string]: JsonValue }): ReplayedEvent {
  const text = (name: string): string | undefined => (typeof event[name] === 'string' ? event[name] : undefined)
  return {
    id: String(event['id']),
    notOnTape: textsOf(event['notOnTape']),
    notCalled: textsOf(event['notCalled']),
    masked: textsOf(event['masked']),
    errorName: text('errorName'),
    errorMessage: text('errorMessage'),
  }
}

/** Looks through all events that the inbox finds the text in, and keeps those whose id or trace id it is. */
async function findEvents(inbox: string, text: string, signal: AbortSignal): Promise<EventSummary[]> {
  const found: EventSummary[] = []
  const search = `${inbox}/api/v1/events?limit=${MAX_LIMIT}&q=${encodeURIComponent(text.slice(0, MAX_TEXT_LENGTH))}`
  let cursor: JsonValue | undefined = ''
  do {
    const { status, value } = await fetchJson(`${search}&before=${encodeURIComponent(cursor)}`, inbox, { signal })
    const page = isJsonObject(value) ? value : {}
    const events = page['events']
    if (status !== 200 || !Array.isArray(events)) throw notAnInbox(inbox, status)
    for (const row of events) {
      const event = readEventSummary(JSON.stringify(row))
      if (event && isNamed(event, text)) found.push(event)
    }
    cursor = page['next']
  } while (typeof cursor === 'string')
  return found
}

function isNamed({ id, traceId }: EventSummary, text: string): boolean {
  return traceId === text || (text.length >= MIN_PREFIX_LENGTH && id.startsWith(text))
}
