/** How each API answers, and by what its events are counted without parsing them: once an event, never within a body. */
export const WIRES = {
  replaystack: {
    marks: ['"traceId":'],
    answer: { success: true, message: 'Event accepted', data: { eventId: 'event-1' } },
  },
  // A transaction, a message, or (since version 11) the span that a request is the whole of.
  sentry: { marks: ['{"type":"transaction"', '{"type":"event"', '"is_segment":true'], answer: {} },
  otlp: { marks: ['"kind":2'], answer: {} },
  posthog: { marks: ['"distinct_id":'], answer: { status: 1 } },
  axiom: {
    marks: ['"requestHeaders":'],
    answer: { ingested: 1, failed: 0, failures: [], processedBytes: 0, blocksCreated: 0, walLength: 0 },
  },
}

/** How often any of a wire's marks is in a body. */
export function countEvents(body, { marks }) {
  let count = 0
  for (const mark of marks) {
    for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) count++
  }
  return count
}
