import { type Context, Hono } from 'hono'
import { read } from '../../safe-read.ts'
import { asksForHtml, respondHtml } from '../html-response.ts'
import { readLimitedBody } from '../limited-body.ts'
import { showProjects } from './admin-pages.ts'
import { admitAnybody, respondRefusal } from './admit.ts'
import { readProjects } from './known-projects.ts'
import { directoryOf } from './objects.ts'
import { renderSignInPage } from './pages/sign-in-page.tsx'
import { isSameOrigin } from './same-origin.ts'
import { hashText } from './secrets.ts'
import { readSessionCookie, writeSessionCookie } from './session-cookie.ts'
import { findAccessName, findTokenOwner, findVisitor, forgetDirectory, mayDo } from './visitor.ts'
import type { TeamEnv } from './worker.ts'

const MAX_BODY_BYTES = 16 * 1024

const SIGN_IN_PAGE = { hasWritingForms: true }

/** The pages that are no project's: where one signs in, and chooses a project. */
export function createSignInRoutes(): Hono<TeamEnv> {
  const routes = new Hono<TeamEnv>()

  routes.get('/', admitAnybody, async context => {
    if (asksForHtml(context)) return showProjects(context, 200)
    const visitor = context.get('visitor')
    const projects = (await readProjects(context.env)).map(({ project }) => project)
    return context.json({ projects: projects.filter(project => visitor && mayDo(visitor, 'read', project)) })
  })

  routes.get('/sign-in', async context => {
    const next = readNext(context.req.query('next'))
    const stranger = (await findVisitor(context)) ? undefined : await findAccessName(context)
    return respondHtml(context, renderSignInPage({ next, stranger }), 200, SIGN_IN_PAGE)
  })

  routes.post('/sign-in', async context => {
    if (!isSameOrigin(context.req.raw)) return respondRefusal(context, 403, 'Sign in on the page itself')
    const form = new URLSearchParams(await readLimitedBody(context.req.raw, MAX_BODY_BYTES))
    const next = readNext(form.get('next'))
    const owner = await findTokenOwner((form.get('token') ?? '').trim(), context.env)
    if (!owner) return respondHtml(context, renderSignInPage({ next, isRefused: true }), 401, SIGN_IN_PAGE)
    context.set('visitor', { ...owner.principal, cameBy: 'token' })
    await endSession(context)
    const secret = read(await askSession(context, { tokenId: owner.id }), 'secret')
    context.header('set-cookie', writeSessionCookie(context.req.raw, String(secret)))
    return context.redirect(next, 303)
  })

  routes.post('/sign-out', async context => {
    if (!isSameOrigin(context.req.raw)) return respondRefusal(context, 403, 'Sign out on the page itself')
    context.set('visitor', await findVisitor(context))
    await endSession(context)
    context.header('set-cookie', writeSessionCookie(context.req.raw, undefined))
    return context.redirect('/sign-in', 303)
  })

  return routes
}

/** A path of ours, whatever the address says: nobody is sent elsewhere. */
function readNext(next: string | null | undefined): string {
  return next && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/'
}

/** Ends the session that a request belongs to: what was known of it opens nothing any more. */
async function endSession({ req, env }: Context<TeamEnv>): Promise<void> {
  const secret = readSessionCookie(req.raw)
  if (secret === undefined) return
  const request = new Request(`https://inbox/sessions/${await hashText(secret)}`, { method: 'DELETE' })
  await directoryOf(env).fetch(request)
  forgetDirectory()
}

async function askSession(context: Context<TeamEnv>, body: { tokenId: string }): Promise<unknown> {
  const request = new Request('https://inbox/sessions', { method: 'POST', body: JSON.stringify(body) })
  return (await directoryOf(context.env).fetch(request)).json()
}
