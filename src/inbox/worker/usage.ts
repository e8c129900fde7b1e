/** What projects have taken in, asked of each one's object. */
import { Hono } from 'hono'
import { read } from '../../safe-read.ts'
import type { MonthUsage } from '../store.ts'
import type { Project } from './directory-store.ts'
import { readProjects } from './known-projects.ts'
import { stubOf } from './objects.ts'
import { reportError } from './own-errors.ts'
import type { TeamInboxEnv } from './platform.ts'
import type { TeamEnv } from './worker.ts'

export interface ProjectUsage extends Project {
  /** Month by month, newest first; `null` where the project's object cannot be asked. */
  usage: MonthUsage[] | null
}

export function addUsage(projects: readonly Project[], env: TeamInboxEnv): Promise<ProjectUsage[]> {
  return Promise.all(projects.map(async project => ({ ...project, usage: await readUsage(project.project, env) })))
}

/** One project that cannot be asked keeps no other from being shown. */
async function readUsage(project: string, env: TeamInboxEnv): Promise<MonthUsage[] | null> {
  try {
    const response = await stubOf(env.PROJECTS, project).fetch(new Request('https://inbox/usage'))
    if (!response.ok) throw new Error(`The project's object responded ${response.status}`)
    const months: unknown = await response.json()
    return Array.isArray(months) ? months.map(readMonth) : []
  } catch (error) {
    await reportError(error, env, { endpoint: 'readUsage', meaning: `The usage of ${project} is unknown`, project })
    return null
  }
}

function readMonth(value: unknown): MonthUsage {
  return {
    month: String(read(value, 'month')),
    events: Number(read(value, 'events')),
    bytes: Number(read(value, 'bytes')),
  }
}

export function createUsageRoutes(): Hono<TeamEnv> {
  const routes = new Hono<TeamEnv>()
  routes.get('/', async context =>
    context.json({ projects: await addUsage(await readProjects(context.env), context.env) }),
  )
  return routes
}
