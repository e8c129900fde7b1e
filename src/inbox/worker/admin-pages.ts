/**
 * The pages on which an admin decides about projects and people. Forms that write are posted here; what they ask for goes the way
 * of the admin API.
 */
import { type Context, Hono } from 'hono'
import { respondHtml } from '../html-response.ts'
import { readLimitedBody } from '../limited-body.ts'
import { askAdmin, listAdmin } from './ask-admin.ts'
import { ROLES } from './directory-store.ts'
import { readProjects } from './known-projects.ts'
import { renderMadeKeyPage, renderMadeTokenPage } from './pages/made-page.tsx'
import { renderPeoplePage } from './pages/people-page.tsx'
import { renderProjectPage } from './pages/project-page.tsx'
import { renderProjectsPage } from './pages/projects-page.tsx'
import type { Reader } from './pages/team-frame.tsx'
import { addUsage } from './usage.ts'
import { mayDo, type Visitor } from './visitor.ts'
import type { TeamEnv } from './worker.ts'

type PageContext = Context<TeamEnv>

const MAX_BODY_BYTES = 16 * 1024

/** What a page says after something was done, by the word in its address. */
const DONE: Readonly<Record<string, string>> = {
  limits: 'The limits are saved. They are known everywhere within 10 seconds.',
  kept: 'It is saved how long events are kept.',
  disabled: 'The project is disabled. Its events are refused within 10 seconds.',
  enabled: 'The project is enabled. Its events are taken within 10 seconds.',
  'key-revoked': 'The key is revoked. Nothing takes it any more within 10 seconds.',
  'token-revoked': 'The token is revoked. Nothing takes it any more within 10 seconds.',
  'person-added': 'The person is added.',
  'person-removed': 'The person is removed.',
}

const ADMIN_PAGE = { hasWritingForms: true }

export function describeReader(visitor: Visitor): Reader {
  return {
    name: visitor.name,
    role: visitor.role,
    isAdmin: mayDo(visitor, 'admin'),
    cameByAccess: visitor.cameBy === 'access',
  }
}

/** To be mounted where admins alone come through. */
export function createAdminPages(): Hono<TeamEnv> {
  const routes = new Hono<TeamEnv>()

  routes.post('/projects', async context => {
    const project = (await readForm(context)).get('project')?.trim() ?? ''
    const { problem, data, location } = await askAdmin(context, 'POST', '/projects', { project })
    if (problem !== undefined) return showProjects(context, 400, { problem, wanted: project })
    return showMadeKey(context, { project, key: String(data['key']), isFirst: true }, location)
  })

  routes.get('/projects', context => context.redirect('/'))

  routes.get('/projects/:project', context => showProject(context, 200, { done: readDone(context) }))

  routes.post('/projects/:project/limits', async context => {
    const form = await readForm(context)
    return change(
      context,
      { limits: { month: readNumber(form, 'month'), second: readNumber(form, 'second') } },
      'limits',
    )
  })
  routes.post('/projects/:project/retention', async context => {
    const form = await readForm(context)
    return change(
      context,
      { retention: { days: readNumber(form, 'days'), events: readNumber(form, 'events') } },
      'kept',
    )
  })
  routes.post('/projects/:project/disable', context => change(context, { enabled: false }, 'disabled'))
  routes.post('/projects/:project/enable', context => change(context, { enabled: true }, 'enabled'))

  routes.post('/projects/:project/keys', async context => {
    const project = context.req.param('project')
    const { problem, data, location } = await askAdmin(context, 'POST', `${projectPath(context)}/keys`)
    if (problem !== undefined) return showProject(context, 400, { problem })
    return showMadeKey(context, { project, key: String(data['key']), isFirst: false }, location)
  })

  routes.post('/projects/:project/keys/:id/revoke', async context => {
    const path = `${projectPath(context)}/keys/${encodeURIComponent(context.req.param('id'))}`
    const { problem } = await askAdmin(context, 'DELETE', path)
    if (problem !== undefined) return showProject(context, 400, { problem })
    return context.redirect(`/admin${projectPath(context)}?done=key-revoked`, 303)
  })

  routes.get('/people', context => showPeople(context, 200, { done: readDone(context) }))

  routes.post('/people/tokens', async context => {
    const form = await readForm(context)
    const name = form.get('name')?.trim() ?? ''
    const { problem, data, location } = await askAdmin(context, 'POST', '/tokens', { name, ...readRights(form) })
    if (problem !== undefined) return showPeople(context, 400, { problem })
    context.header('location', location)
    const { origin } = new URL(context.req.url)
    const html = renderMadeTokenPage({ name, token: String(data['token']), origin, reader: readerOf(context) })
    return respondHtml(context, html, 201, ADMIN_PAGE)
  })

  routes.post('/people/tokens/:id/revoke', context =>
    remove(context, `/tokens/${encodeURIComponent(context.req.param('id'))}`, 'token-revoked'),
  )

  routes.post('/people/access', async context => {
    const form = await readForm(context)
    const body = { identity: form.get('identity')?.trim(), ...readRights(form) }
    const { problem } = await askAdmin(context, 'POST', '/people', body)
    if (problem !== undefined) return showPeople(context, 400, { problem })
    return context.redirect('/admin/people?done=person-added', 303)
  })

  routes.post('/people/access/:identity/remove', context =>
    remove(context, `/people/${encodeURIComponent(context.req.param('identity'))}`, 'person-removed'),
  )

  return routes
}

interface Outcome {
  done?: string | undefined
  problem?: string | undefined
}

async function change(context: PageContext, body: object, done: string): Promise<Response> {
  const { problem } = await askAdmin(context, 'PATCH', projectPath(context), body)
  if (problem !== undefined) return showProject(context, 400, { problem })
  return context.redirect(`/admin${projectPath(context)}?done=${done}`, 303)
}

async function remove(context: PageContext, path: string, done: string): Promise<Response> {
  const { problem } = await askAdmin(context, 'DELETE', path)
  if (problem !== undefined) return showPeople(context, 400, { problem })
  return context.redirect(`/admin/people?done=${done}`, 303)
}

/** The list of projects, for anybody who has come in. */
export async function showProjects(
  context: PageContext,
  status: 200 | 400,
  outcome: Outcome & { wanted?: string } = {},
): Promise<Response> {
  const reader = readerOf(context)
  const readable = (await readProjects(context.env)).filter(({ project }) => mayRead(context, project))
  const projects = await addUsage(readable, context.env)
  const html = renderProjectsPage({ projects, reader, now: Date.now(), ...outcome })
  return respondHtml(context, html, status, ADMIN_PAGE)
}

async function showProject(context: PageContext, status: 200 | 400, outcome: Outcome): Promise<Response> {
  const name = context.req.param('project')
  const found = (await readProjects(context.env)).find(({ project }) => project === name)
  if (!found) return context.notFound()
  const [project] = await addUsage([found], context.env)
  if (!project) return context.notFound()
  const keys = (await listAdmin(context, `${projectPath(context)}/keys`, 'keys')).map(key => ({
    id: String(key['id']),
    createdAt: String(key['createdAt']),
  }))
  const html = renderProjectPage({ project, keys, reader: readerOf(context), now: Date.now(), ...outcome })
  return respondHtml(context, html, status, ADMIN_PAGE)
}

async function showPeople(context: PageContext, status: 200 | 400, outcome: Outcome): Promise<Response> {
  const [people, tokens, projects] = await Promise.all([
    listAdmin(context, '/people', 'people'),
    listAdmin(context, '/tokens', 'tokens'),
    readProjects(context.env),
  ])
  const html = renderPeoplePage({
    people: people.map(person => ({ identity: String(person['identity']), ...describe(person) })),
    tokens: tokens.map(token => ({ id: String(token['id']), name: String(token['name']), ...describe(token) })),
    projects: projects.map(({ project }) => project),
    hasAccess: Boolean(context.env.ACCESS_AUD),
    reader: readerOf(context),
    now: Date.now(),
    ...outcome,
  })
  return respondHtml(context, html, status, ADMIN_PAGE)
}

function describe({ role, projects, createdAt }: Record<string, unknown>) {
  return {
    role: ROLES.find(one => one === role) ?? 'read',
    projects: Array.isArray(projects) ? projects.map(String) : undefined,
    createdAt: String(createdAt),
  }
}

/** What a form gives somebody. None of the projects is not all of them. */
function readRights(form: URLSearchParams): object {
  const projects = form.getAll('project')
  return { role: form.get('role'), ...(form.get('scope') !== 'all' && { projects }) }
}

/** An empty field is none. */
function readNumber(form: URLSearchParams, name: string): number | null {
  const text = form.get(name)?.trim()
  return text ? Number(text) : null
}

/** @param location of the key, which the audit list names */
function showMadeKey(
  context: PageContext,
  made: { project: string; key: string; isFirst: boolean },
  location: string | undefined,
): Response | Promise<Response> {
  context.header('location', location)
  const { origin } = new URL(context.req.url)
  return respondHtml(context, renderMadeKeyPage({ ...made, origin, reader: readerOf(context) }), 201, ADMIN_PAGE)
}

function projectPath(context: PageContext): string {
  return `/projects/${encodeURIComponent(context.req.param('project') ?? '')}`
}

function readDone(context: PageContext): string | undefined {
  const done = context.req.query('done') ?? ''
  return Object.hasOwn(DONE, done) ? DONE[done] : undefined
}

async function readForm(context: PageContext): Promise<URLSearchParams> {
  return new URLSearchParams(await readLimitedBody(context.req.raw, MAX_BODY_BYTES))
}

export function visitorOf(context: PageContext): Visitor {
  const visitor = context.get('visitor')
  if (!visitor) throw new Error('Nobody has been let in')
  return visitor
}

export function readerOf(context: PageContext): Reader {
  return describeReader(visitorOf(context))
}

function mayRead(context: PageContext, project: string): boolean {
  return mayDo(visitorOf(context), 'read', project)
}
