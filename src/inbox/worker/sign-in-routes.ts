import { type Context, Hono } from 'hono'
import { read } from '../../safe-read.ts'
import { asksForHtml, respondHtml } from '../html-response.ts'
import { readLimitedBody } from '../limited-body.ts'
import { showProjects } from './admin-pages.ts'
import { SESSION_MS } from './directory-store.ts'
import { readProjects } from './known-projects.ts'
import { directoryOf } from './objects.ts'
import { renderSignInPage } from './pages/sign-in-page.tsx'
import { hashText } from './secrets.ts'
import {
  findTokenOwner,
  findVisitor,
  forgetDirectory,
  isSameOrigin,
  mayDo,
  readCookie,
  SESSION_COOKIE,
} from './visitor.ts'
import type { TeamEnv } from './worker.ts'

const MAX_BODY_BYTES = 16 * 1024

/** The pages that are no project's: where one signs in, and chooses a project. */
export function createSignInRoutes(): Hono<TeamEnv> {
  const routes = new Hono<TeamEnv>()

  routes.get('/', async context => {
    const visitor = await findVisitor(context)
    if (!visitor) {
      if (asksForHtml(context)) return context.redirect('/sign-in')
      return context.json({ success: false, message: 'Sign in, or send a token' }, 401, {
        'www-authenticate': 'Bearer',
      })
    }
    context.set('visitor', visitor)
    if (asksForHtml(context)) return showProjects(context, 200)
    const projects = (await readProjects(context.env)).map(({ project }) => project)
    return context.json({ projects: projects.filter(project => mayDo(visitor, 'read', project)) })
  })

  routes.get('/sign-in', context =>
    respondHtml(context, renderSignInPage({ next: readNext(context.req.query('next')) })),
  )

  routes.post('/sign-in', async context => {
    if (!isSameOrigin(context.req.raw))
      return context.json({ success: false, message: 'Sign in on the page itself' }, 403)
    const form = new URLSearchParams(await readLimitedBody(context.req.raw, MAX_BODY_BYTES))
    const next = readNext(form.get('next'))
    const owner = await findTokenOwner((form.get('token') ?? '').trim(), context.env)
    if (!owner) return respondHtml(context, renderSignInPage({ next, isRefused: true }), 401)
    context.set('visitor', { ...owner.principal, hasCookie: false })
    const secret = read(await askSession(context, { tokenId: owner.id }), 'secret')
    context.header('set-cookie', writeCookie(context, String(secret), SESSION_MS / 1000))
    return context.redirect(next, 303)
  })

  routes.post('/sign-out', async context => {
    if (!isSameOrigin(context.req.raw))
      return context.json({ success: false, message: 'Sign out on the page itself' }, 403)
    context.set('visitor', await findVisitor(context))
    const secret = readCookie(context.req.raw, SESSION_COOKIE)
    if (secret !== undefined) {
      const request = new Request(`https://inbox/sessions/${await hashText(secret)}`, { method: 'DELETE' })
      await directoryOf(context.env).fetch(request)
      forgetDirectory()
    }
    context.header('set-cookie', writeCookie(context, '', 0))
    return context.redirect('/sign-in', 303)
  })

  return routes
}

/** A path of ours, whatever the address says: nobody is sent elsewhere. */
function readNext(next: string | null | undefined): string {
  return next && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/'
}

async function askSession(context: Context<TeamEnv>, body: { tokenId: string }): Promise<unknown> {
  const request = new Request('https://inbox/sessions', { method: 'POST', body: JSON.stringify(body) })
  return (await directoryOf(context.env).fetch(request)).json()
}

/** @param maxAge seconds */
function writeCookie(context: Context, value: string, maxAge: number): string {
  // On a developer's own machine there is no TLS.
  const secure = new URL(context.req.url).protocol === 'https:' ? '; Secure' : ''
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`
}
