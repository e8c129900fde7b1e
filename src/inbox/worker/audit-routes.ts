import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { readAll } from '../../safe-read.ts'
import { isReading } from './admit.ts'
import type { AuditEntry, AuditLog } from './audit-log.ts'
import { directoryOf } from './objects.ts'
import { reportError } from './own-errors.ts'
import type { TeamEnv } from './worker.ts'

/** Entries of one page. */
export const MAX_LISTED = 100

/** `GET ?before=ID&limit=N`: the newest first, 100 at most; `before` is the `id` of the last that is known. */
export function createAuditRoutes(audit: AuditLog): Hono {
  const routes = new Hono()
  routes.get('/', context => {
    const limit = readCount(context, 'limit') ?? MAX_LISTED
    const entries = audit.list(Math.min(limit, MAX_LISTED), readCount(context, 'before'))
    return context.json({ entries })
  })
  return routes
}

/** Milliseconds between two entries of an isolate's about tokens that are unknown: whoever guesses makes no more of them. */
const REFUSED_MS = 10_000

/** When the next token that is unknown is worth an entry. */
let nextRefused = 0

/**
 * Keeps what was asked for by whom, after each request that changes something, and after some of those with a token that is
 * unknown. Neither a body nor a query is kept: what one made is named by the response's `location`.
 */
export const keepAudit: MiddlewareHandler<TeamEnv> = async (context, next) => {
  await next()
  const who = findAuthor(context)
  if (who === undefined) return
  const { pathname } = new URL(context.req.url)
  const { status, headers } = context.res
  const made = status === 201 ? headers.get('location') : undefined
  const entry: AuditEntry = { who, action: `${context.req.method} ${pathname}`, target: made ?? pathname, status }
  try {
    await directoryOf(context.env).fetch(
      new Request('https://inbox/audit', { method: 'POST', body: JSON.stringify(entry) }),
    )
  } catch (error) {
    // It was done all the same.
    console.error('The audit list misses an entry:', entry)
    await reportError(error, context.env, { endpoint: 'keepAudit', meaning: 'The audit list misses an entry' })
  }
}

/** Whose request is worth an entry. */
function findAuthor(context: Context<TeamEnv>): string | undefined {
  const visitor = context.get('visitor')
  if (visitor) return isReading(context.req.raw) ? undefined : visitor.name
  const isGuess = context.req.path === '/sign-in' || context.req.header('authorization') !== undefined
  const now = Date.now()
  if (context.res.status !== 401 || !isGuess || now < nextRefused) return undefined
  nextRefused = now + REFUSED_MS
  return `unknown, from ${context.req.header('cf-connecting-ip') ?? 'nowhere'}`
}

export function readEntry(value: unknown): AuditEntry {
  const { who, action, target, status }: Partial<Record<keyof AuditEntry, unknown>> = readAll(value)
  return { who: String(who), action: String(action), target: String(target), status: Number(status) }
}

export function readCount(context: Context, name: string): number | undefined {
  const count = Number(context.req.query(name))
  return Number.isSafeInteger(count) && count > 0 ? count : undefined
}
