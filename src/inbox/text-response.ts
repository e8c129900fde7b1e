import type { Context } from 'hono'

/** A page's content for a client that does not ask for HTML, such as curl. */
export function respondText(context: Context, text: string): Response {
  return context.text(text, 200, { 'cache-control': 'no-cache', vary: 'accept' })
}
