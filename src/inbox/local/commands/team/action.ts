import type { JsonValue } from '../../../../types.ts'
import { isJsonObject, type JsonObject } from '../../../replay/payload-kind.ts'
import type { parseOptions } from '../../command-options.ts'

/** The options of all actions. */
export const OPTIONS = {
  url: { type: 'string' },
  'admin-token': { type: 'string' },
  project: { type: 'string', multiple: true },
  role: { type: 'string' },
  month: { type: 'string' },
  second: { type: 'string' },
  days: { type: 'string' },
  events: { type: 'string' },
} as const

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>

/** A request to the admin API of a team's inbox, below `/api/v1/admin`. Rejects where the inbox refuses it. */
export type Ask = (method: string, path: string, body?: object) => Promise<JsonObject>

export interface Given {
  /** What stands after the action. */
  argument: string
  id: string
  url: string
  /** Of `--project`, which may be given several times. */
  projects: readonly string[]
  values: Values
}

/** What `replaystack team` does by one word. */
export interface Action {
  /** What is missing when it is, for each argument. */
  required: readonly string[]
  /** How many arguments there may be besides. @default 0 */
  optional?: number
  /** @returns the lines to print */
  run(ask: Ask, given: Given): Promise<string[]>
}

export type Actions = Readonly<Record<string, Action>>

/** What is missing where an action needs a project. */
export const PROJECT = "A project's name"

/** The address of a project in the admin API. */
export function projectPath(project: string): string {
  return `/projects/${encodeURIComponent(project)}`
}

export function readData({ data }: JsonObject): JsonObject {
  return isJsonObject(data) ? data : {}
}

export function listOf(answer: JsonObject, name: string): JsonObject[] {
  const rows: JsonValue | undefined = answer[name]
  return Array.isArray(rows) ? rows.filter(isJsonObject) : []
}

/** What `--role` and `--project` say that somebody may do, for the admin API. */
export function writeRights({ projects, values: { role } }: Given): object {
  return { ...(role && { role }), ...(projects.length > 0 && { projects }) }
}

export function describeRights({ role, projects }: JsonObject): string {
  return `${role}  ${Array.isArray(projects) ? projects.join(', ') : 'all projects'}`
}
