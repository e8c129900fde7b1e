/** Calls `http.ts` on this machine, as a function URL calls it on Lambda: `npm run build` first. */
import { handler } from './dist/http.mjs'

const order = { sku: 'teapot', quantity: 0, cardNumber: '4000000000004242' }
const event = {
  version: '2.0',
  rawPath: '/orders',
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  requestContext: { domainName: 'localhost', http: { method: 'POST', path: '/orders', sourceIp: '127.0.0.1' } },
  body: JSON.stringify(order),
  isBase64Encoded: false,
}
const context = { functionName: 'shop', getRemainingTimeInMillis: () => 3000 }

try {
  console.log(await handler(event, context))
} catch (error) {
  console.log(`The function failed: ${error.message}. The inbox has the event.`)
}
