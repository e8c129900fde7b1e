import type { Context } from 'hono'

/** Nothing but what the inbox itself serves: no inline script or style, no other host, no frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A browser asks for HTML by name; programs that take anything are better off with text. */
export function asksForHtml(context: Context): boolean {
  return /\btext\/html\b/i.test(context.req.header('accept') ?? '')
}

export interface HtmlResponseOptions {
  /**
   * Whether the page has forms that write. Without a referrer of its own origin, a browser sends them with `Origin: null`,
   * which is refused.
   * @see https://fetch.spec.whatwg.org/#append-a-request-origin-header
   */
  hasWritingForms?: boolean
}

/** A page, or a part of one. */
export function respondHtml(
  context: Context,
  html: string,
  status: 200 | 201 | 400 | 401 | 403 | 404 | 413 | 500 | 503 = 200,
  { hasWritingForms = false }: HtmlResponseOptions = {},
): Response {
  return context.body(html, status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'referrer-policy': hasWritingForms ? 'same-origin' : 'no-referrer',
    'cache-control': 'no-cache',
    vary: 'accept',
  })
}
