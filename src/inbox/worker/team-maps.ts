/** The source maps of all projects, in one bucket. */
import { openReleases, type Releases, scopeReleases } from '../uploaded-maps/release.ts'
import { createUploadedMaps, scopeMaps, type UploadedMaps } from '../uploaded-maps/resolve-frames.ts'
import { reportError } from './own-errors.ts'
import type { Bucket, TeamInboxEnv } from './platform.ts'

/** What an isolate keeps of maps, which is bounded: it holds no promise, so that any request may use it. */
const opened = new WeakMap<Bucket, UploadedMaps>()

export function releasesOf(project: string, { EVENT_BUCKET }: Pick<TeamInboxEnv, 'EVENT_BUCKET'>): Releases {
  return scopeReleases(openReleases(EVENT_BUCKET), project)
}

export function mapsOf(project: string, env: TeamInboxEnv): UploadedMaps {
  const known = opened.get(env.EVENT_BUCKET)
  const maps = known ?? createUploadedMaps(openReleases(env.EVENT_BUCKET), { onProblem: error => report(error, env) })
  if (!known) opened.set(env.EVENT_BUCKET, maps)
  return scopeMaps(maps, project)
}

function report(error: Error, env: TeamInboxEnv): Promise<void> {
  return reportError(error, env, { endpoint: 'mapsOf', meaning: 'Source maps cannot be read' })
}
