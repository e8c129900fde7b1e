import type { ReplayStackEvent } from '../../src/types.ts'

/** An event with the wire's required fields and a few more. */
export function createSampleEvent(fields: Partial<ReplayStackEvent> = {}): ReplayStackEvent {
  return {
    traceId: 'trace-1',
    eventType: 'api',
    method: 'POST',
    endpoint: '/orders',
    status: 'success',
    statusCode: 201,
    executionTimeMs: 12.5,
    serviceName: 'order-service',
    environment: 'test',
    ...fields,
  }
}

/** An event with a value for every field of the wire. */
export function createFullEvent(): ReplayStackEvent {
  return {
    traceId: 'f4b1d4e3-0000-4000-8000-000000000001',
    eventType: 'api',
    method: 'POST',
    endpoint: '/orders',
    requestUrl: 'https://api.example.com/orders?ref=email',
    authMode: 'bearer',
    authScheme: 'Bearer',
    requestHeaders: { 'content-type': 'application/json', 'x-twice': ['one', 'two'] },
    requestPayload: { item: 'book', quantity: 2 },
    responseHeaders: { 'x-trace-id': 'f4b1d4e3' },
    responsePayload: { __truncated: true, originalSizeBytes: 900_000, maxSizeBytes: 524_288, preview: '{"a":' },
    status: 'failed',
    statusCode: 500,
    executionTimeMs: 120,
    errorName: 'TypeError',
    errorMessage: 'order is undefined',
    stackTrace: 'TypeError: order is undefined\n    at createOrder (src/orders.ts:18:7)',
    stackFrames: [
      {
        functionName: 'createOrder',
        fileName: 'src/orders.ts',
        lineNumber: 18,
        columnNumber: 7,
        raw: '    at createOrder (src/orders.ts:18:7)',
      },
      { raw: '    at native' },
    ],
    breadcrumbs: [
      { message: 'Request started', level: 'info', timestamp: '2026-03-01T10:00:00.000Z' },
      {
        message: 'Charging card',
        category: 'payment',
        level: 'warning',
        metadata: { amount: 5 },
        timestamp: '2026-03-01T10:00:01.250Z',
      },
    ],
    serviceName: 'order-service',
    environment: 'production',
    appVersion: '1.0.0',
    commitHash: 'a7f91c',
    sourceIp: '203.0.113.9',
    userAgent: 'curl/8',
    logs: [{ level: 'error', message: 'no order', timestamp: '2026-03-01T10:00:00.100Z' }],
    metadata: { route: '/orders' },
  }
}
