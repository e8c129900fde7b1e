import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { readAll } from '../../safe-read.ts'
import type { AuditEntry, AuditLog } from './audit-log.ts'
import { directoryOf } from './objects.ts'
import { reportError } from './own-errors.ts'
import type { TeamEnv } from './worker.ts'

/** Entries of one page. */
const MAX_LISTED = 100

const READING = ['GET', 'HEAD']

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

/**
 * Keeps what was asked for by whom, after each request that changes something. Neither a body nor a query is kept: what one
 * made is named by the response's `location`.
 */
export const keepAudit: MiddlewareHandler<TeamEnv> = async (context, next) => {
  await next()
  const { method } = context.req
  const visitor = context.get('visitor')
  if (!visitor || READING.includes(method)) return
  const { pathname } = new URL(context.req.url)
  const made = context.res.status === 201 ? context.res.headers.get('location') : undefined
  const entry: AuditEntry = {
    who: visitor.name,
    action: `${method} ${pathname}`,
    target: made ?? pathname,
    status: context.res.status,
  }
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

export function readEntry(value: unknown): AuditEntry {
  const { who, action, target, status }: Partial<Record<keyof AuditEntry, unknown>> = readAll(value)
  return { who: String(who), action: String(action), target: String(target), status: Number(status) }
}

function readCount(context: Context, name: string): number | undefined {
  const count = Number(context.req.query(name))
  return Number.isSafeInteger(count) && count > 0 ? count : undefined
}
