const STATUSES = [...Array(7).fill('success'), 'warning', 'failed', 'failed']
const SERVICES = ['shop', 'payments', 'reports']

/** About 2 KB of an event, every one of its own. */
export function eventOf(n) {
  const status = STATUSES[n % STATUSES.length]
  const isFailed = status === 'failed'
  const event = {
    traceId: crypto.randomUUID(),
    eventType: n % 50 === 0 ? 'queue' : 'api',
    method: 'POST',
    endpoint: `/orders/${n % 977}/items`,
    status,
    statusCode: isFailed ? 500 : 200,
    executionTimeMs: n % 300,
    serviceName: SERVICES[n % SERVICES.length],
    environment: 'bench',
    appVersion: `1.${Math.floor(n / 10_000)}.0`,
    requestHeaders: {
      'content-type': 'application/json',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)',
      accept: '*/*',
    },
    requestPayload: {
      items: Array.from({ length: 12 }, (_, at) => ({
        sku: `sku-${(n + at) % 4000}`,
        quantity: at,
        note: 'by the door',
      })),
    },
    responseHeaders: { 'content-type': 'application/json' },
    responsePayload: { order: n, total: n % 5000 },
    ...(isFailed && {
      errorName: 'TypeError',
      errorMessage: `Cannot read properties of undefined (reading 'item-${n}')`,
      stackFrames: [
        {
          functionName: 'charge',
          fileName: 'worker.js',
          lineNumber: 100 + (n % 40),
          columnNumber: 7,
          raw: 'at charge',
        },
      ],
    }),
  }
  return { event, json: JSON.stringify(event), idempotencyKey: crypto.randomUUID() }
}
