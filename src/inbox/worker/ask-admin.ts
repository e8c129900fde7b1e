/** The admin API, as the pages ask it: what a form does and what a program does are the same. */
import type { Context } from 'hono'
import { readAll } from '../../safe-read.ts'
import { directoryOf } from './objects.ts'
import { forgetDirectory } from './visitor.ts'
import type { TeamEnv } from './worker.ts'

export interface AdminAnswer {
  /** Why it was refused. */
  problem: string | undefined
  data: Record<string, unknown>
  /** The address of what was made, which the audit list names. */
  location: string | undefined
}

/** @param path below `/api/v1/admin` */
export async function askAdmin(
  { env }: Context<TeamEnv>,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: object = {},
): Promise<AdminAnswer> {
  const init = { method, ...(method !== 'DELETE' && { body: JSON.stringify(body) }) }
  const response = await directoryOf(env).fetch(new Request(`https://inbox/api/v1/admin${path}`, init))
  forgetDirectory()
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
