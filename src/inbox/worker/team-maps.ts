/** The source maps of all projects, in one bucket. */
import { openReleases, type Releases, scopeReleases } from '../uploaded-maps/release.ts'
import { createUploadedMaps, scopeMaps, type UploadedMaps } from '../uploaded-maps/resolve-frames.ts'
import type { Bucket, TeamInboxEnv } from './platform.ts'

/** What an isolate keeps of maps, which is bounded: it holds no promise, so that any request may use it. */
const opened = new WeakMap<Bucket, UploadedMaps>()

export function releasesOf(project: string, { EVENT_BUCKET }: TeamInboxEnv): Releases {
  return scopeReleases(openReleases(EVENT_BUCKET), project)
}

export function mapsOf(project: string, { EVENT_BUCKET }: TeamInboxEnv): UploadedMaps {
  const known = opened.get(EVENT_BUCKET)
  const maps = known ?? createUploadedMaps(openReleases(EVENT_BUCKET), { onProblem: error => console.error(error) })
  if (!known) opened.set(EVENT_BUCKET, maps)
  return scopeMaps(maps, project)
}
