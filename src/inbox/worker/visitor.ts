/** Who comes in. Nothing is readable without. */
import type { Context } from 'hono'
import { read, readAll } from '../../safe-read.ts'
import { findAccessIdentity } from './cloudflare-access.ts'
import {
  ADMIN,
  ADMIN_TOKEN_ID,
  isAdminTokenId,
  type Principal,
  type Rights,
  ROLES,
  type Role,
} from './directory-store.ts'
import { directoryOf } from './objects.ts'
import type { TeamInboxEnv } from './platform.ts'
import { hashText, isSameSecret, isToken } from './secrets.ts'
import { readSessionCookie } from './session-cookie.ts'
import type { TeamEnv } from './worker.ts'

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
  /**
   * What let them in: a token in `authorization`, or what a browser sends by itself, the cookie of who has signed in and that of
   * Cloudflare Access.
   */
  cameBy: 'token' | 'session' | 'access'
}

/**
 * Who sends a request: by a token in its `authorization`, else by the cookie of who has signed in, else by Cloudflare Access. Who
 * signs in where Access lets them in wants to be somebody else: the admin, on the first day.
 */
export async function findVisitor(context: Context<TeamEnv>): Promise<Visitor | undefined> {
  const { raw } = context.req
  const [, token] = /^Bearer +(\S+)$/i.exec(raw.headers.get('authorization') ?? '') ?? []
  if (token !== undefined) {
    const found = await findTokenOwner(token, context.env)
    return found && { ...found.principal, cameBy: 'token' }
  }
  const owner = await findSessionOwner(raw, context.env)
  if (owner) return { ...owner, cameBy: 'session' }
  const name = await findAccessName(context)
  const rights = name === undefined ? undefined : await findRights(name, context.env)
  return name === undefined || !rights ? undefined : { name, ...rights, cameBy: 'access' }
}

/** Whom Cloudflare Access let through, whether an admin has added them or not. */
export function findAccessName({ req: { raw }, env, executionCtx }: Context<TeamEnv>): Promise<string | undefined> {
  return findAccessIdentity(raw, env, read(executionCtx, 'access'))
}

async function findSessionOwner(request: Request, env: TeamInboxEnv): Promise<Principal | undefined> {
  const secret = readSessionCookie(request)
  if (secret === undefined) return undefined
  const found = await askDirectory(`/sessions/${await hashText(secret)}`, env)
  const id = String(found?.['id'])
  // Another admin token ends the sessions of the one before.
  return isAdminTokenId(id) && id !== (await adminTokenIdOf(env)) ? undefined : readPrincipal(found)
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
  const adminId = await adminTokenIdOf(env)
  if (adminId !== undefined && (await isSameSecret(token, env.ADMIN_TOKEN ?? ''))) {
    return { id: adminId, principal: ADMIN }
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

/** The id of the admin token that the Worker has now. @returns `undefined` without one, or with one that can be guessed */
async function adminTokenIdOf({ ADMIN_TOKEN = '' }: TeamInboxEnv): Promise<string | undefined> {
  return ADMIN_TOKEN.length < MIN_ADMIN_TOKEN_LENGTH ? undefined : ADMIN_TOKEN_ID + (await hashText(ADMIN_TOKEN))
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
