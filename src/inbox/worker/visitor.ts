/** Who comes in. Nothing is readable without. */
import type { Context } from 'hono'
import { read, readAll } from '../../safe-read.ts'
import { findAccessIdentity } from './cloudflare-access.ts'
import { ADMIN_TOKEN_ID, type Principal, type Rights, ROLES, type Role } from './directory-store.ts'
import { directoryOf } from './objects.ts'
import type { TeamInboxEnv } from './platform.ts'
import { hashText, isSameSecret, isToken } from './secrets.ts'
import type { TeamEnv } from './worker.ts'

export const SESSION_COOKIE = 'replaystack_session'

/** Characters that an admin token has at least: one that can be guessed opens everything. */
const MIN_ADMIN_TOKEN_LENGTH = 32

/** Milliseconds for which an isolate keeps what the directory said: as long may a revoked key or token still serve. */
const KNOWN_MS = 10_000
/** Answers that an isolate keeps. */
const MAX_KNOWN = 1000

interface Known {
  answer: Record<string, unknown> | undefined
  until: number
}

/** What the directory said, by address. Plain data: any request may read it. */
const known = new Map<string, Known>()

/** Asks the directory, or what it said a moment ago. @returns `undefined` for what it does not know */
export async function askDirectory(path: string, env: TeamInboxEnv): Promise<Record<string, unknown> | undefined> {
  const now = Date.now()
  const before = known.get(path)
  if (before && before.until > now) return before.answer
  const response = await directoryOf(env).fetch(new Request(`https://inbox${path}`))
  if (!response.ok) throw new Error(`The directory responded ${response.status}`)
  const body: unknown = await response.json()
  const answer = body === null ? undefined : { ...readAll(body) }
  known.delete(path)
  for (const oldest of known.keys()) {
    if (known.size < MAX_KNOWN) break
    known.delete(oldest)
  }
  known.set(path, { answer, until: now + KNOWN_MS })
  return answer
}

/** Forgets what the directory said, after something was changed in it by way of this isolate. */
export function forgetDirectory(): void {
  known.clear()
}

export interface Visitor extends Principal {
  /** Whether a cookie let them in, which a browser sends by itself: of ours, or of Cloudflare Access. */
  hasCookie: boolean
}

/** Who sends a request: by a token in its `authorization`, else by Cloudflare Access, else by the cookie of who has signed in. */
export async function findVisitor({ req: { raw }, env, executionCtx }: Context<TeamEnv>): Promise<Visitor | undefined> {
  const [, token] = /^Bearer +(\S+)$/i.exec(raw.headers.get('authorization') ?? '') ?? []
  if (token !== undefined) {
    const found = await findTokenOwner(token, env)
    return found && { ...found.principal, hasCookie: false }
  }
  const identity = await findAccessIdentity(raw, env, read(executionCtx, 'access'))
  if (identity !== undefined) {
    const rights = await findRights(identity, env)
    if (rights) return { name: identity, ...rights, hasCookie: true }
  }
  const secret = readCookie(raw, SESSION_COOKIE)
  if (secret === undefined || !/^[\da-f]{1,100}$/.test(secret)) return undefined
  const principal = readPrincipal(await askDirectory(`/sessions/${await hashText(secret)}`, env))
  return principal && { ...principal, hasCookie: true }
}

/** What somebody whom Access let in may do. */
async function findRights(identity: string, env: TeamInboxEnv): Promise<Rights | undefined> {
  const found = await askDirectory(`/people/${encodeURIComponent(identity)}`, env)
  return (
    readRights(found) ?? readRights({ role: env.ACCESS_DEFAULT_ROLE === 'admin' ? undefined : env.ACCESS_DEFAULT_ROLE })
  )
}

/** Whose token it is, with the token's id. */
export async function findTokenOwner(
  token: string,
  env: TeamInboxEnv,
): Promise<{ id: string; principal: Principal } | undefined> {
  const { ADMIN_TOKEN = '' } = env
  if (ADMIN_TOKEN.length >= MIN_ADMIN_TOKEN_LENGTH && (await isSameSecret(token, ADMIN_TOKEN))) {
    return { id: ADMIN_TOKEN_ID, principal: { name: 'admin token', role: 'admin' } }
  }
  if (!isToken(token)) return undefined
  const found = await askDirectory(`/tokens/${await hashText(token)}`, env)
  const principal = readPrincipal(found)
  return principal && { id: String(found?.['id']), principal }
}

/** Whether somebody may do this. @param project where it is about one */
export function mayDo({ role, projects }: Principal, wanted: Role, project?: string): boolean {
  const isEnough = ROLES.indexOf(role) >= ROLES.indexOf(wanted)
  return isEnough && (project === undefined ? projects === undefined : (projects?.includes(project) ?? true))
}

/** Whether a browser sends it for a page of ours. A script without `Origin` and `Sec-Fetch-Site` has no cookie by accident. */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = request.headers.get('origin')
  return origin === null || origin === new URL(request.url).origin
}

export function readCookie(request: Request, name: string): string | undefined {
  const cookies = (request.headers.get('cookie') ?? '').split(/; */)
  return cookies.find(cookie => cookie.startsWith(`${name}=`))?.slice(name.length + 1)
}

function readPrincipal(found: Record<string, unknown> | undefined): Principal | undefined {
  const rights = readRights(found)
  return rights && { name: String(found?.['name']), ...rights }
}

function readRights(found: Record<string, unknown> | undefined): Rights | undefined {
  const role = ROLES.find(one => one === found?.['role'])
  if (!role) return undefined
  const projects = found?.['projects']
  return { role, projects: Array.isArray(projects) ? projects.map(String) : undefined }
}
