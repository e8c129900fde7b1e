import type { EventSummary } from '../store.ts'

/** An event of a trace, and where it stands in it. */
export interface TraceNode {
  event: EventSummary
  /** How many events it lies in: 0 for the first of the trace. */
  depth: number
  /** Milliseconds since the trace began. */
  start: number
  end: number
}

export interface TraceTree {
  /** Each after the one that it lies in. */
  nodes: TraceNode[]
  /** Milliseconds that the trace took. */
  length: number
}

/** Milliseconds: events are received a little after they ended, and not all alike. */
const SLACK = 10

/**
 * The events of a trace as a tree, on the inbox's own clock: each began as long before it was received as it took. One
 * that lies in another's time belongs to it; one that came after, a queue's message, to the first, which began it all.
 */
export function buildTraceTree(events: readonly EventSummary[]): TraceTree {
  const timed = events
    .map(event => {
      const end = Date.parse(event.receivedAt)
      return { event, start: end - (event.executionTimeMs ?? 0), end }
    })
    .sort((left, right) => left.start - right.start || right.end - left.end)
  const began = timed[0]?.start ?? 0
  const open: { end: number; depth: number }[] = []
  const nodes: TraceNode[] = []
  for (const { event, start, end } of timed) {
    while (open.length > 0 && (open.at(-1)?.end ?? 0) + SLACK < end) open.pop()
    const parent = open.at(-1)
    const depth = parent ? parent.depth + 1 : nodes.length === 0 ? 0 : 1
    nodes.push({ event, depth, start: start - began, end: end - began })
    open.push({ end, depth })
  }
  return { nodes, length: nodes.reduce((latest, { end }) => Math.max(latest, end), 0) }
}
