/** What the admin routes read of a request, and respond. */
import type { Context } from 'hono'
import { InvalidInputError } from '../invalid-input.ts'
import { readJsonObject } from '../limited-body.ts'
import type { JsonObject } from '../replay/payload-kind.ts'
import { type Rights, ROLES } from './directory-store.ts'
import { PROJECT_PATTERN } from './secrets.ts'

const MAX_BODY_BYTES = 16 * 1024

/** Characters. */
export const MAX_NAME_LENGTH = 200

export function refuse(context: Context, status: 404 | 409, message: string): Response {
  return context.json({ success: false, message }, status)
}

/** @param path of what was made, below the admin API: `location` names it, and the audit list with it */
export function respondMade(context: Context, path: string, data: object): Response {
  return context.json({ success: true, data }, 201, { location: `/api/v1/admin${path}` })
}

/** @throws InvalidInputError for what is no JSON object, or too large */
export function readBody(context: Context): Promise<JsonObject> {
  return readJsonObject(context.req.raw, MAX_BODY_BYTES)
}

export function readProjectName(value: unknown): string {
  if (typeof value === 'string' && PROJECT_PATTERN.test(value)) return value
  throw new InvalidInputError('project must be 1 to 40 lower-case letters, digits and single hyphens between them')
}

/** @throws InvalidInputError for a role or projects that there cannot be */
export function readRights({ role = 'read', projects }: Record<string, unknown>): Rights {
  const known = ROLES.find(one => one === role)
  if (!known) throw new InvalidInputError(`role must be one of ${ROLES.join(', ')}`)
  return { role: known, projects: readProjects(projects) }
}

function readProjects(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw new InvalidInputError('projects must be an array of project names')
  return value.map(readProjectName)
}
