import type { MiddlewareHandler } from 'hono'

/** Of every response: no other site can load it, frame it or keep a handle to its window, and nobody guesses what it is. */
export const sendHeaders: MiddlewareHandler = async (context, next) => {
  await next()
  context.header('x-content-type-options', 'nosniff')
  context.header('cross-origin-opener-policy', 'same-origin')
  context.header('cross-origin-resource-policy', 'same-origin')
  if (!context.res.headers.has('referrer-policy')) context.header('referrer-policy', 'no-referrer')
  if (!context.res.headers.has('content-security-policy')) {
    context.header('content-security-policy', "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
  }
}

/** Of what is for those alone who have come in: no cache keeps it, the browser's own neither, once they have signed out. */
export const forbidCaching: MiddlewareHandler = async (context, next) => {
  await next()
  context.header('cache-control', 'no-store')
}
