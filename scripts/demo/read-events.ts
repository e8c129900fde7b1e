import { setTimeout as delay } from 'node:timers/promises'
import { readEventSummary } from '../../src/inbox/event-summary.ts'
import type { KeptSources } from '../../src/inbox/source-maps.ts'
import type { EventSummary } from '../../src/inbox/store.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { DemoError } from './demo-error.ts'

/** Milliseconds that events may take to arrive. */
const ARRIVAL_DEADLINE_MS = 10_000

/** Milliseconds after the last one in which one too many would come. */
const SETTLE_MS = 100

const POLL_MS = 25

/** An event as the inbox's API answers it. */
export interface ReadEvent {
  summary: EventSummary
  event: ReplayStackEvent
  /** Its frames in their sources. */
  sources?: KeptSources | undefined
  /** The API's whole answer. */
  json: string
}

/** The events, oldest first, once there are as many as expected; what there is when the deadline has passed. */
export async function waitForEvents(inbox: string, count: number, signal: AbortSignal): Promise<ReadEvent[]> {
  const deadline = performance.now() + ARRIVAL_DEADLINE_MS
  let list = await listEvents(inbox, signal)
  while (list.length < count && performance.now() < deadline) {
    await delay(POLL_MS, undefined, { signal })
    list = await listEvents(inbox, signal)
  }
  await delay(SETTLE_MS, undefined, { signal })
  list = await listEvents(inbox, signal)
  return Promise.all(list.reverse().map(summary => readEvent(inbox, summary, signal)))
}

async function listEvents(inbox: string, signal: AbortSignal): Promise<EventSummary[]> {
  const { events }: { events: unknown[] } = JSON.parse(await readText(`${inbox}/api/v1/events?limit=50`, signal))
  return events.flatMap(row => readEventSummary(JSON.stringify(row)) ?? [])
}

async function readEvent(inbox: string, summary: EventSummary, signal: AbortSignal): Promise<ReadEvent> {
  const json = await readText(`${inbox}/api/v1/events/${summary.id}`, signal)
  const { event, sources }: Pick<ReadEvent, 'event' | 'sources'> = JSON.parse(json)
  return { summary, event, sources, json }
}

async function readText(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal })
  const text = await response.text()
  if (!response.ok) throw new DemoError(`The inbox responded with ${response.status} to ${new URL(url).pathname}`)
  return text
}
