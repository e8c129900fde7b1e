import type { ReplayStackEvent } from '../../src/types.ts'

/** Sends an event as an SDK does, and answers its id. */
export async function sendEvent(url: string, event: ReplayStackEvent): Promise<string> {
  const response = await fetch(`${url}/api/v1/ingest/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-replaystack-api-key': 'any' },
    body: JSON.stringify(event),
  })
  const answer: { data?: { eventId?: string } } = Object(await response.json())
  if (answer.data?.eventId === undefined) throw new Error(`The event was not accepted: ${response.status}`)
  return answer.data.eventId
}

/** An event with something in each part of its page. */
export function createRichEvent(fields: Partial<ReplayStackEvent> = {}): ReplayStackEvent {
  const at = (milliseconds: number) => new Date(Date.parse('2026-03-01T10:00:00Z') + milliseconds).toISOString()
  return {
    traceId: 'rich-trace',
    eventType: 'api',
    method: 'POST',
    endpoint: '/orders',
    requestUrl: 'http://localhost:8787/orders?ref=email&token=[MASKED]',
    authMode: 'bearer',
    authScheme: 'Bearer',
    requestHeaders: { 'content-type': 'application/json', authorization: '[MASKED]' },
    requestPayload: { sku: 'book', quantity: 2, gift: false, note: null, card: { number: '[MASKED]' } },
    responseHeaders: { 'content-type': 'application/json' },
    responsePayload: { error: 'Something went wrong' },
    status: 'failed',
    statusCode: 500,
    executionTimeMs: 132,
    errorName: 'PaymentError',
    errorMessage: 'The card could not be charged',
    stackFrames: [
      {
        functionName: 'chargeCard',
        fileName: 'src/payment.ts',
        lineNumber: 18,
        columnNumber: 11,
        raw: 'at chargeCard',
      },
      { functionName: 'dispatch', fileName: 'node_modules/hono/compose.js', lineNumber: 1, raw: 'at dispatch' },
    ],
    breadcrumbs: [
      { message: 'Order read', category: 'orders', level: 'info', metadata: { quantity: 2 }, timestamp: at(4) },
      { message: 'Bank is slow', category: 'payment', level: 'warning', timestamp: at(77) },
    ],
    logs: [{ level: 'error', message: 'ECONNRESET', timestamp: at(126) }],
    serviceName: 'shop',
    environment: 'test',
    appVersion: '1.4.0',
    commitHash: 'a7f91c2',
    sourceIp: '203.0.113.9',
    userAgent: 'curl/8',
    metadata: { route: '/orders', causes: [{ path: 'cause', errorName: 'ConnectionError', errorMessage: 'reset' }] },
    ...fields,
  }
}

/** Bodies that were not kept whole. */
export function createMarkedEvent(): ReplayStackEvent {
  return createRichEvent({
    traceId: 'marked-trace',
    status: 'warning',
    statusCode: 413,
    requestPayload: { __truncated: true, originalSizeBytes: 900_000, maxSizeBytes: 524_288, preview: '{"a":[1,2' },
    responsePayload: {
      captured: false,
      reason: 'Streaming response body not captured',
      contentType: 'text/event-stream',
    },
  })
}
