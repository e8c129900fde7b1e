import { readAll } from '../../safe-read.ts'
import type { Project, ProjectLimits, ProjectRetention } from './directory-store.ts'
import { directoryOf } from './objects.ts'
import type { TeamInboxEnv } from './platform.ts'

/** All projects that the directory has, by their names. */
export async function readProjects(env: TeamInboxEnv): Promise<Project[]> {
  const response = await directoryOf(env).fetch(new Request('https://inbox/projects'))
  if (!response.ok) throw new Error(`The directory responded ${response.status}`)
  const projects: unknown = await response.json()
  return Array.isArray(projects) ? projects.map(readProject) : []
}

/** A project as the directory's JSON has it. */
export function readProject(value: unknown): Project {
  const { project, enabled, limits, retention, createdAt }: Record<string, unknown> = { ...readAll(Object(value)) }
  return {
    project: String(project),
    enabled: enabled === true,
    limits: readLimits(limits),
    retention: readRetention(retention),
    createdAt: String(createdAt),
  }
}

export function readRetention(value: unknown): ProjectRetention {
  const { days, events }: Partial<Record<keyof ProjectRetention, unknown>> = Object(value)
  return { days: typeof days === 'number' ? days : null, events: typeof events === 'number' ? events : null }
}

function readLimits(value: unknown): ProjectLimits {
  const { month, second }: Partial<Record<keyof ProjectLimits, unknown>> = Object(value)
  return { month: typeof month === 'number' ? month : null, second: typeof second === 'number' ? second : null }
}
