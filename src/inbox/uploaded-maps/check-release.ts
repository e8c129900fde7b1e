import { isFrameworkFile } from '../framework-files.ts'
import { readFrames } from '../kept-sources.ts'
import type { QueryTerm } from '../query/query.ts'
import type { EventStore } from '../store.ts'
import { releasesOf, type UploadedMaps } from './resolve-frames.ts'

/** The newest events of a release that are looked at. */
const MAX_EVENTS = 50
/** Frames that are named. */
const MAX_NAMED = 20

/** A frame of the application that no map of its release explains. */
export interface UnresolvedFrame {
  eventId: string
  functionName?: string | undefined
  fileName: string
  lineNumber?: number | undefined
  columnNumber?: number | undefined
}

/** How the frames of a release's events fare. */
export interface ReleaseCheck {
  events: number
  /** Different places in the application's files. */
  frames: number
  resolved: number
  /** 20 at most. */
  unresolved: UnresolvedFrame[]
}

/** Resolves the frames of a release's newest failures, whenever they came. */
export async function checkRelease(store: EventStore, maps: UploadedMaps, release: string): Promise<ReleaseCheck> {
  const term = (condition: QueryTerm['condition']): QueryTerm => ({ condition, isNegated: false, start: 0, end: 0 })
  const ofRelease = (['commit', 'version'] as const).map(field => term({ field, value: release, hasWildcard: false }))
  const query = { clauses: [[term({ field: 'is', value: 'failed' })], ofRelease] }
  const { events } = store.list({ query, limit: MAX_EVENTS })
  const check: ReleaseCheck = { events: events.length, frames: 0, resolved: 0, unresolved: [] }
  const seen = new Set<string>()
  for (const { id } of events) {
    const stored = store.get(id)
    if (!stored) continue
    const event = JSON.parse(stored.json)
    const frames = readFrames(event).filter(({ fileName, lineNumber, columnNumber }) => {
      if (!fileName || lineNumber === undefined || isFrameworkFile(fileName)) return false
      const place = [fileName, lineNumber, columnNumber].join(':')
      return !seen.has(place) && seen.add(place)
    })
    const resolved = await maps.resolve(frames, releasesOf(event))
    for (const [index, { functionName, fileName = '', lineNumber, columnNumber }] of frames.entries()) {
      check.frames++
      if (resolved[index]) check.resolved++
      else if (check.unresolved.length < MAX_NAMED) {
        check.unresolved.push({ eventId: id, functionName, fileName, lineNumber, columnNumber })
      }
    }
  }
  return check
}
