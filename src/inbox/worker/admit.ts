/** Who may come in where. */
import type { Context, MiddlewareHandler } from 'hono'
import { asksForHtml, respondHtml } from '../html-response.ts'
import type { Role } from './directory-store.ts'
import { renderRefusalPage } from './pages/refusal-page.tsx'
import { isOwnRead, isSameOrigin } from './same-origin.ts'
import { PROJECT_PATTERN } from './secrets.ts'
import { askDirectory, findAccessName, findVisitor, mayDo, type Visitor } from './visitor.ts'
import type { TeamEnv } from './worker.ts'

const READING = ['GET', 'HEAD']

/** Whether a request of this method changes nothing. */
export function isReading({ method }: Request): boolean {
  return READING.includes(method)
}

/** Lets those through who have a role for all projects. */
export const admit =
  (role: Role): MiddlewareHandler<TeamEnv> =>
  async (context, next) =>
    (await refuse(context, visitor => mayDo(visitor, role))) ?? next()

/** Lets everybody through who has come in, whatever they may do. */
export const admitAnybody: MiddlewareHandler<TeamEnv> = async (context, next) =>
  (await refuse(context, () => true)) ?? next()

/** Lets those through who may read a project, or change it where the request does. */
export const admitToProject: MiddlewareHandler<TeamEnv> = async (context, next) => {
  const project = context.req.param('project') ?? ''
  const role = isReading(context.req.raw) ? 'read' : 'write'
  const isAllowed = (visitor: Visitor) => mayDo(visitor, role, project)
  const refusal = await refuse(context, isAllowed)
  if (refusal) return refusal
  // Each name has an object, which would show that there are no events yet.
  const isThere = PROJECT_PATTERN.test(project) && (await askDirectory(`/projects/${project}`, context.env))
  return isThere ? next() : context.notFound()
}

/** Why somebody does not come in, or nothing. */
async function refuse(
  context: Context<TeamEnv>,
  isAllowed: (visitor: Visitor) => boolean,
): Promise<Response | undefined> {
  const { raw } = context.req
  const visitor = await findVisitor(context)
  if (!visitor) return askToSignIn(context)
  context.set('visitor', visitor)
  // A browser sends cookies by itself, whichever site asks for it. A token is sent by who knows it.
  if (visitor.cameBy !== 'token' && !(isReading(raw) ? isOwnRead(raw) : isSameOrigin(raw))) {
    return respondRefusal(context, 403, 'Requests of other sites are refused')
  }
  return isAllowed(visitor) ? undefined : respondRefusal(context, 403, `${visitor.name} may not do this`)
}

async function askToSignIn(context: Context<TeamEnv>): Promise<Response> {
  const { raw } = context.req
  if (asksForHtml(context) && isReading(raw)) {
    const { pathname, search } = new URL(raw.url)
    return context.redirect(`/sign-in?${new URLSearchParams({ next: pathname + search })}`)
  }
  const name = await findAccessName(context)
  const message = name === undefined ? 'Sign in, or send a token' : `No admin of this inbox has added ${name}`
  return context.json({ success: false, message }, 401, { 'www-authenticate': 'Bearer' })
}

export function respondRefusal(context: Context<TeamEnv>, status: 403 | 404, message: string): Response {
  if (!asksForHtml(context)) return context.json({ success: false, message }, status)
  return respondHtml(context, renderRefusalPage(message), status)
}
