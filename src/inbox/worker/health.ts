/** Whether what the inbox needs is there. */
import { directoryOf } from './objects.ts'
import { reportError } from './own-errors.ts'
import type { TeamInboxEnv } from './platform.ts'

/** Milliseconds for which an isolate keeps what it found: anybody may ask. */
const KNOWN_MS = 10_000

let known: { failing: readonly string[]; until: number } | undefined

/** The names of the bindings that do not work. A queue is not written to: only that it is bound is looked at. */
export async function findFailing(env: TeamInboxEnv): Promise<readonly string[]> {
  const now = Date.now()
  if (known && known.until > now) return known.failing
  const checks: Record<string, () => unknown> = {
    DIRECTORY: async () => {
      const response = await directoryOf(env).fetch(new Request('https://inbox/healthz'))
      if (!response.ok) throw new Error(`The directory responded ${response.status}`)
    },
    EVENT_BUCKET: () => env.EVENT_BUCKET.get('healthz'),
    EVENT_QUEUE: () => env.EVENT_QUEUE.sendBatch.name,
    PROJECTS: () => env.PROJECTS.idFromName('healthz'),
  }
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await check()
        return []
      } catch (error) {
        await reportError(error, env, { endpoint: '/healthz', meaning: `${name} does not work` })
        return [name]
      }
    }),
  )
  known = { failing: found.flat(), until: now + KNOWN_MS }
  return known.failing
}
