import type { MiddlewareHandler } from 'hono'

const LOOPBACK_HOST = String.raw`(?:localhost|127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|\[::1\])(?::\d{1,5})?`
const HOST_PATTERN = new RegExp(`^${LOOPBACK_HOST}$`, 'i')
const ORIGIN_PATTERN = new RegExp(`^https?://${LOOPBACK_HOST}$`, 'i')

/** Whether a `Host` header names this machine: `localhost`, an address of 127.0.0.0/8 or `[::1]`, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  return HOST_PATTERN.test(host)
}

/**
 * Refuses, with 403, what a page of another site could send: an address outside does not reach a server bound to
 * loopback, but the developer's own browser does. `Host` stops DNS rebinding, `Origin` cross-site writes.
 */
export const loopbackOnly: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? new URL(context.req.url).host
  if (!isLoopbackHost(host)) {
    return context.json({ success: false, message: 'Host must be a loopback address' }, 403)
  }
  const origin = context.req.header('origin')
  if (origin !== undefined && !ORIGIN_PATTERN.test(origin)) {
    return context.json({ success: false, message: 'Origin must be a loopback address' }, 403)
  }
  return next()
}
