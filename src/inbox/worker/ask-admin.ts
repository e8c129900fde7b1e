/** The way to the admin API: what a form of the pages does and what a program does are the same. */
import type { Context } from 'hono'
import { readAll } from '../../safe-read.ts'
import { isReading } from './admit.ts'
import { directoryOf, stubOf } from './objects.ts'
import { reportError } from './own-errors.ts'
import type { TeamInboxEnv } from './platform.ts'
import { forgetDirectory } from './visitor.ts'
import type { TeamEnv } from './worker.ts'

export interface AdminAnswer {
  /** Why it was refused. */
  problem: string | undefined
  data: Record<string, unknown>
  /** The address of what was made, which the audit list names. */
  location: string | undefined
}

/** Sends a request to the admin API, for whoever may use it. */
export async function sendToDirectory(request: Request, env: TeamInboxEnv): Promise<Response> {
  const response = await directoryOf(env).fetch(request)
  if (isReading(request)) return response
  forgetDirectory()
  const [, changed] = /^\/api\/v1\/admin\/projects\/([^/]+)$/.exec(new URL(request.url).pathname) ?? []
  if (changed !== undefined && response.ok) await announceChange(changed, env)
  return response
}

/** Lets a project's object ask what was decided. Where it cannot be reached, it asks by itself within the hour. */
async function announceChange(project: string, env: TeamInboxEnv): Promise<void> {
  try {
    await stubOf(env.PROJECTS, project).fetch(new Request('https://inbox/retention', { method: 'POST' }))
  } catch (error) {
    await reportError(error, env, { endpoint: 'announceChange', project })
  }
}

/** @param path below `/api/v1/admin` */
export async function askAdmin(
  { env }: Context<TeamEnv>,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: object = {},
): Promise<AdminAnswer> {
  const init = { method, ...(method !== 'DELETE' && { body: JSON.stringify(body) }) }
  const response = await sendToDirectory(new Request(`https://inbox/api/v1/admin${path}`, init), env)
  if (response.status >= 500) throw new Error(`The directory responded ${response.status}`)
  const answer = readObject(await response.json())
  return {
    problem: response.ok ? undefined : String(answer['message']),
    data: readObject(answer['data']),
    location: response.headers.get('location') ?? undefined,
  }
}

/** What the admin API lists under a name. */
export async function listAdmin(
  { env }: Context<TeamEnv>,
  path: string,
  name: string,
): Promise<Record<string, unknown>[]> {
  const response = await directoryOf(env).fetch(new Request(`https://inbox/api/v1/admin${path}`))
  if (!response.ok) throw new Error(`The directory responded ${response.status}`)
  const rows = readObject(await response.json())[name]
  return Array.isArray(rows) ? rows.map(readObject) : []
}

function readObject(value: unknown): Record<string, unknown> {
  return { ...readAll(Object(value)) }
}
