/** The page of who did what, for admins. */
import { Hono } from 'hono'
import { respondHtml } from '../html-response.ts'
import { readerOf } from './admin-pages.ts'
import { listAdmin } from './ask-admin.ts'
import type { AuditRecord } from './audit-log.ts'
import { MAX_LISTED, readCount } from './audit-routes.ts'
import { renderAuditPage } from './pages/audit-page.tsx'
import type { TeamEnv } from './worker.ts'

/** To be mounted where admins alone come through. */
export function createAuditPages(): Hono<TeamEnv> {
  const routes = new Hono<TeamEnv>()
  routes.get('/', async context => {
    const before = readCount(context, 'before')
    const path = before === undefined ? '/audit' : `/audit?before=${before}`
    const entries = (await listAdmin(context, path, 'entries')).map(readRecord)
    const html = renderAuditPage({
      entries,
      next: entries.length < MAX_LISTED ? undefined : entries.at(-1)?.id,
      isFirst: before === undefined,
      reader: readerOf(context),
      now: Date.now(),
    })
    return respondHtml(context, html, 200, { hasWritingForms: true })
  })
  return routes
}

function readRecord({ id, at, who, action, target, status }: Record<string, unknown>): AuditRecord {
  return {
    id: Number(id),
    at: String(at),
    who: String(who),
    action: String(action),
    target: String(target),
    status: Number(status),
  }
}
