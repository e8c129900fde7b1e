/** Whether a project still takes events in, as its object says. A project without limits is asked for nothing. */
import { readAll } from '../../safe-read.ts'
import type { AdmissionRequest, LimitReached } from './admission.ts'
import type { ProjectLimits } from './directory-store.ts'
import { stubOf } from './objects.ts'
import type { TeamInboxEnv } from './platform.ts'

/** Milliseconds for which an isolate refuses at most, without asking again. */
const MAX_KNOWN_MS = 10_000
/** Projects of which an isolate knows that they are full. */
const MAX_KNOWN = 1000

const MESSAGES: Readonly<Record<keyof ProjectLimits, string>> = {
  // The contract's own words: SDKs keep events back for a time when they read them.
  month: 'Monthly event limit reached. Please upgrade your plan.',
  second: 'Too many events in a second',
}

/** Events that a limit keeps out. */
export class LimitReachedError extends Error {
  override name = 'LimitReachedError'
  /** Seconds after which it is worth sending again. */
  readonly retryAfter: number
  readonly reached: LimitReached

  constructor(reached: LimitReached) {
    super(MESSAGES[reached.limit])
    this.reached = reached
    this.retryAfter = reached.retryAfter
  }
}

interface Full {
  reached: LimitReached
  until: number
}

/** The projects that took nothing more a moment ago, with their limits at that time. Plain data: any request may read it. */
const full = new Map<string, Full>()

/** Throws while it is known that a project takes nothing in: before a body is read, and its object is asked. */
export function refuseWhileFull(project: string, limits: ProjectLimits): void {
  const key = keyOf(project, limits)
  const known = full.get(key)
  if (!known) return
  if (known.until > Date.now()) throw new LimitReachedError(known.reached)
  full.delete(key)
}

/**
 * Asks the project's object for leave.
 *
 * @returns what is kept out, where it is not all
 * @throws LimitReachedError where none of them is let in
 */
export async function askAdmission(
  project: string,
  { ids, limits }: AdmissionRequest,
  env: TeamInboxEnv,
): Promise<LimitReached | undefined> {
  if (ids.length === 0 || (limits.month === null && limits.second === null)) return undefined
  const body = JSON.stringify({ ids, limits } satisfies AdmissionRequest)
  const response = await stubOf(env.PROJECTS, project).fetch(
    new Request('https://inbox/admit', { method: 'POST', body }),
  )
  if (!response.ok) throw new Error(`The project's object responded ${response.status}`)
  const reached = readReached(await response.json())
  if (!reached) return undefined
  for (const oldest of full.keys()) {
    if (full.size < MAX_KNOWN) break
    full.delete(oldest)
  }
  full.set(keyOf(project, limits), { reached, until: Date.now() + Math.min(reached.retryAfter * 1000, MAX_KNOWN_MS) })
  if (reached.refused.length === ids.length) throw new LimitReachedError(reached)
  return reached
}

export function describeLimit({ limit }: LimitReached): string {
  return MESSAGES[limit]
}

function keyOf(project: string, { month, second }: ProjectLimits): string {
  return `${project} ${month} ${second}`
}

function readReached(answer: unknown): LimitReached | undefined {
  if (answer === null) return undefined
  const { refused, limit, retryAfter }: Record<string, unknown> = { ...readAll(Object(answer)) }
  return {
    refused: Array.isArray(refused) ? refused.map(Number) : [],
    limit: limit === 'second' ? 'second' : 'month',
    retryAfter: Number(retryAfter),
  }
}
