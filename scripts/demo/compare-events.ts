import type { ReadEvent } from './read-events.ts'
import type { SentTraffic } from './send-traffic.ts'
import type { Traffic } from './traffic.ts'

/** What came of the traffic. */
export interface Comparison {
  /** How many events arrived as they had to. */
  arrived: number
  /** What is wrong with the others, a line each. */
  problems: string[]
}

/** Compares what arrived with what was sent: no event is missing, none is too many, each says what happened. */
export function compareEvents(sent: readonly SentTraffic[], events: readonly ReadEvent[]): Comparison {
  const unexpected = new Set(events)
  const problems: string[] = []
  let arrived = 0
  for (const item of listExpected(sent)) {
    const found = events.find(event => isEventOf(item, event))
    if (found) unexpected.delete(found)
    const differences = found ? listDifferences(item, found) : ['no event arrived']
    if (differences.length === 0) arrived += 1
    problems.push(...differences.map(difference => `${item.name}: ${difference}`))
  }
  for (const { event } of unexpected) {
    problems.push(`an event that nothing sent: ${event.eventType} ${event.method ?? ''} ${event.endpoint ?? ''}`)
  }
  return { arrived, problems }
}

/** An event that must arrive. */
interface ExpectedEvent extends Pick<Traffic, 'name' | 'event' | 'breadcrumbs'> {
  /** As an answer told it. */
  traceId: string | undefined
}

function listExpected(sent: readonly SentTraffic[]): ExpectedEvent[] {
  return sent.flatMap(({ traffic, traceId }) => [
    { ...traffic, traceId },
    ...(traffic.follows ? [{ ...traffic.follows, traceId: undefined }] : []),
  ])
}

/** How many events come of what is sent. */
export function countEvents(list: readonly Traffic[]): number {
  return list.length + list.filter(({ follows }) => follows).length
}

/** By its trace id; what no answer told of, by its name. */
function isEventOf({ traceId, event: expected }: ExpectedEvent, { event }: ReadEvent): boolean {
  if (traceId !== undefined) return event.traceId === traceId
  return event.eventType === expected.eventType && event.endpoint === expected.endpoint
}

function listDifferences(traffic: ExpectedEvent, { event }: ReadEvent): string[] {
  const actual = new Map(Object.entries(event))
  const fields = Object.entries(traffic.event)
    .filter(([name, value]) => actual.get(name) !== value)
    .map(([name, value]) => `${name} is ${JSON.stringify(actual.get(name))}, not ${JSON.stringify(value)}`)
  const messages = event.breadcrumbs?.map(({ message }) => message) ?? []
  const expected = traffic.breadcrumbs ?? []
  const inOrder = messages.filter(message => expected.includes(message))
  const same = inOrder.length === expected.length && inOrder.every((message, index) => message === expected[index])
  return same ? fields : [...fields, `its breadcrumbs are ${JSON.stringify(messages)}`]
}
