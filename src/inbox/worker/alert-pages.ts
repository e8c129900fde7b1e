/** The page of a project's alerts. What its forms ask for goes the way of the project's API. */
import { type Context, Hono } from 'hono'
import { read, readAll } from '../../safe-read.ts'
import type { Alert } from '../alerts/alert.ts'
import { respondHtml } from '../html-response.ts'
import { readLimitedBody } from '../limited-body.ts'
import { readerOf, visitorOf } from './admin-pages.ts'
import { stubOf } from './objects.ts'
import { type AlertForm, renderAlertsPage, renderMadeAlertPage } from './pages/alerts-page.tsx'
import { APP_PATH } from './project.ts'
import { mayDo } from './visitor.ts'
import type { TeamEnv } from './worker.ts'

type PageContext = Context<TeamEnv>

const MAX_BODY_BYTES = 16 * 1024

const DONE: Readonly<Record<string, string>> = {
  tested: 'The webhook took the test.',
  enabled: 'The alert is on.',
  disabled: 'The alert is off.',
  removed: 'The alert is removed.',
}

const PAGE = { hasWritingForms: true }

/** To be mounted below a project, where those come through who may read it, or write with other methods than GET. */
export function createAlertPages(): Hono<TeamEnv> {
  const routes = new Hono<TeamEnv>()

  routes.get('/', context => {
    const done = context.req.query('done') ?? ''
    return showAlerts(context, 200, { done: Object.hasOwn(DONE, done) ? DONE[done] : undefined })
  })

  routes.post('/', async context => {
    const given = new URLSearchParams(await readLimitedBody(context.req.raw, MAX_BODY_BYTES))
    const form: AlertForm = Object.fromEntries(given)
    const body = {
      ...form,
      threshold: Number(form['threshold']),
      windowMinutes: Number(form['windowMinutes']),
      hasContent: form['hasContent'] === 'true',
    }
    const { problem, data, location } = await ask(context, 'POST', '', body)
    if (problem !== undefined) return showAlerts(context, 400, { problem, form })
    const project = projectOf(context)
    context.header('location', location)
    const secret = String(read(data, 'secret'))
    const html = renderMadeAlertPage({ project, name: String(read(data, 'name')), secret, reader: readerOf(context) })
    return respondHtml(context, html, 201, PAGE)
  })

  routes.post('/:id/test', context => act(context, 'POST', '/test', 'tested'))
  routes.post('/:id/enable', context => act(context, 'PATCH', '', 'enabled', { enabled: true }))
  routes.post('/:id/disable', context => act(context, 'PATCH', '', 'disabled', { enabled: false }))
  routes.post('/:id/remove', context => act(context, 'DELETE', '', 'removed'))

  return routes
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

async function act(context: PageContext, method: Method, path: string, done: string, body?: object): Promise<Response> {
  const id = encodeURIComponent(context.req.param('id') ?? '')
  const { problem } = await ask(context, method, `/${id}${path}`, body)
  if (problem !== undefined) return showAlerts(context, 400, { problem })
  return context.redirect(`/projects/${projectOf(context)}/alerts?done=${done}`, 303)
}

async function showAlerts(
  context: PageContext,
  status: 200 | 400,
  outcome: { done?: string | undefined; problem?: string | undefined; form?: AlertForm },
): Promise<Response> {
  const project = projectOf(context)
  const { alerts } = await ask(context, 'GET', '')
  const canWrite = mayDo(visitorOf(context), 'write', project)
  const html = renderAlertsPage({ project, alerts, reader: readerOf(context), canWrite, now: Date.now(), ...outcome })
  return respondHtml(context, html, status, PAGE)
}

/** Asks the project's object below its path of alerts. */
async function ask(context: PageContext, method: Method, path: string, body?: object) {
  const url = new URL(`${APP_PATH}/api/v1/alerts${path}`, context.req.url)
  const init = { method, ...(body && { body: JSON.stringify(body) }) }
  const response = await stubOf(context.env.PROJECTS, projectOf(context)).fetch(new Request(url, init))
  const answer: { message?: unknown; data?: unknown; alerts?: Alert[] } = readAll(await response.json())
  return {
    problem: response.ok ? undefined : String(answer.message),
    data: answer.data,
    alerts: answer.alerts ?? [],
    location: response.headers.get('location') ?? undefined,
  }
}

function projectOf(context: PageContext): string {
  return context.req.param('project') ?? ''
}
