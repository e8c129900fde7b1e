import type { ReplayStackEvent } from '../../types.ts'

const START = { method: 'POST', endpoint: '/orders' }

/** An event as an application would send it, for whoever wants to see one before there is an application. */
export function createSampleEvent(now: number): ReplayStackEvent {
  const at = (milliseconds: number) => new Date(now - 132 + milliseconds).toISOString()
  return {
    traceId: `sample-${now.toString(36)}`,
    eventType: 'api',
    method: 'POST',
    endpoint: '/orders',
    requestUrl: 'http://localhost:8787/orders?ref=newsletter',
    authMode: 'bearer',
    authScheme: 'Bearer',
    requestHeaders: { 'content-type': 'application/json', authorization: '[MASKED]' },
    requestPayload: { sku: 'book-12', quantity: 2, card: { holder: 'Ada Lovelace', number: '[MASKED]' } },
    responseHeaders: { 'content-type': 'application/json' },
    responsePayload: { error: 'Something went wrong' },
    status: 'failed',
    statusCode: 500,
    executionTimeMs: 132,
    errorName: 'PaymentError',
    errorMessage: 'The card could not be charged',
    stackFrames: [
      frame('chargeCard', 'src/payment.ts', 18, 11),
      frame('dispatch', 'node_modules/hono/dist/compose.js', 22, 17),
      frame('createOrder', 'src/orders.ts', 42, 21),
    ],
    breadcrumbs: [
      { message: 'HTTP request started', category: 'http', level: 'info', metadata: START, timestamp: at(0) },
      { message: 'Order read', category: 'orders', level: 'info', metadata: { quantity: 2 }, timestamp: at(6) },
      { message: 'Bank is slow, trying again', category: 'payment', level: 'warning', timestamp: at(71) },
      { message: 'Unhandled exception captured', category: 'exception', level: 'error', timestamp: at(128) },
    ],
    logs: [{ level: 'error', message: 'ECONNRESET bank.example:443', timestamp: at(126) }],
    serviceName: 'sample',
    environment: 'development',
    metadata: {
      route: '/orders',
      causes: [{ path: 'cause', errorName: 'ConnectionError', errorMessage: 'read ECONNRESET' }],
    },
  }
}

function frame(functionName: string, fileName: string, lineNumber: number, columnNumber: number) {
  const raw = `at ${functionName} (${fileName}:${lineNumber}:${columnNumber})`
  return { functionName, fileName, lineNumber, columnNumber, raw }
}
