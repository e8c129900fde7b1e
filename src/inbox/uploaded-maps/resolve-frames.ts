import type { ReplayStackEvent, StackFrame } from '../../types.ts'
import { isFrameworkFile } from '../framework-files.ts'
import { restoreName } from '../function-names.ts'
import { matchMaps } from '../match-maps.ts'
import { readContext, splitLines } from '../source-context.ts'
import type { ResolvedFrame } from '../source-maps.ts'
import { type KeptFile, type Releases, scopedName } from './release.ts'
import { type GeneratedPlace, type SourcePlace, scanMappings } from './scan-mappings.ts'
import { readUploadedMap, type UploadedMap } from './uploaded-map.ts'

/** Milliseconds after which a release's list of files is read again: an upload may have changed it. */
const LIST_MS = 60_000
const MAX_LISTS = 200
/** Characters of the maps that are kept parsed. An isolate has 128 MB, and a map takes up to twice its length. */
const MAX_PARSED_LENGTH = 16_000_000
/** Maps that are looked at for the frames of one event. */
const MAX_MAPS = 20
/** Maps of one name that are tried for a frame. */
const MAX_CANDIDATES = 3
/** Frames that are kept resolved: one failure comes many times. */
const MAX_RESOLVED = 500

/** Frames of releases whose maps were uploaded. */
export interface UploadedMaps {
  /** One answer for each frame, in their order; `undefined` for one that no map explains. Never rejects. */
  resolve(frames: readonly StackFrame[], releases: readonly string[]): Promise<(ResolvedFrame | undefined)[]>
  /** Has a release's files read anew: they were just changed. */
  forget(release: string): void
}

export interface UploadedMapsOptions {
  /** Is called with what kept frames from being resolved, and waited for. */
  onProblem?: ((error: Error) => unknown) | undefined
  /** Milliseconds since the epoch. @default Date.now */
  now?: (() => number) | undefined
}

/** The names of the release that an event is of: its commit, its version. */
export function releasesOf({ commitHash, appVersion }: ReplayStackEvent): string[] {
  return [...new Set([commitHash, appVersion])].flatMap(name => name || [])
}

/** Resolves frames by uploaded maps. What is kept in memory is bounded, and no promise is shared between requests. */
export function createUploadedMaps(
  releases: Releases,
  { onProblem, now = Date.now }: UploadedMapsOptions = {},
): UploadedMaps {
  const lists = new Map<string, { files: KeptFile[]; until: number }>()
  const parsed = new Map<string, { map: UploadedMap; length: number }>()
  const resolved = new Map<string, ResolvedFrame | undefined>()
  let parsedLength = 0

  async function readFiles(release: string): Promise<KeptFile[]> {
    const known = lists.get(release)
    if (known && now() < known.until) return known.files
    const files = await releases.readFiles(release)
    lists.delete(release)
    lists.set(release, { files, until: now() + LIST_MS })
    dropOldest(lists, MAX_LISTS)
    return files
  }

  async function readMap(release: string, hash: string): Promise<UploadedMap | undefined> {
    const key = `${release} ${hash}`
    const known = parsed.get(key)
    if (known) {
      // The last in the table is the last that was used.
      parsed.delete(key)
      parsed.set(key, known)
      return known.map
    }
    const text = await releases.readMap(release, hash)
    if (text === undefined) return undefined
    const map = readUploadedMap(text)
    if (!parsed.has(key)) {
      parsed.set(key, { map, length: text.length })
      parsedLength += text.length
    }
    for (const [oldest, { length }] of parsed) {
      if (parsedLength <= MAX_PARSED_LENGTH || oldest === key) break
      parsed.delete(oldest)
      parsedLength -= length
    }
    return map
  }

  async function resolveIn(release: string, frames: readonly StackFrame[], found: (ResolvedFrame | undefined)[]) {
    const files = await readFiles(release)
    if (files.length === 0) return
    const candidates = frames.map(({ fileName }) =>
      fileName === undefined
        ? []
        : matchMaps(fileName, files, {
            nameOf: ({ file }) => file,
            fileOf: ({ name }) => name,
            timeOf: ({ uploadedAt }) => uploadedAt,
          }),
    )
    let left = MAX_MAPS
    for (let rank = 0; rank < MAX_CANDIDATES; rank++) {
      const byMap = new Map<string, number[]>()
      for (const [index, frame] of frames.entries()) {
        const hash = candidates[index]?.[rank]?.map
        if (found[index] || hash === undefined || frame.lineNumber === undefined) continue
        byMap.set(hash, [...(byMap.get(hash) ?? []), index])
      }
      for (const [hash, indexes] of byMap) {
        if (left-- <= 0) return
        const these = indexes.map(index => frames[index] ?? { raw: '' })
        const answers = await resolveByMap(release, hash, these)
        for (const [place, index] of indexes.entries()) found[index] = answers[place]
      }
    }
  }

  async function resolveByMap(release: string, hash: string, frames: readonly StackFrame[]) {
    const keys = frames.map(frame =>
      [release, hash, frame.lineNumber, frame.columnNumber, frame.functionName].join(' '),
    )
    if (keys.every(key => resolved.has(key))) return keys.map(key => resolved.get(key))
    const map = await readMap(release, hash)
    const places = map ? scanMappings(map.mappings, frames.map(placeOf)) : []
    return frames.map((frame, index) => {
      const place = places[index]
      const answer = map && place && describeFrame(frame, map, place)
      resolved.set(keys[index] ?? '', answer)
      dropOldest(resolved, MAX_RESOLVED)
      return answer
    })
  }

  return {
    async resolve(frames, names) {
      const found: (ResolvedFrame | undefined)[] = frames.map(() => undefined)
      try {
        for (const release of names) if (found.includes(undefined)) await resolveIn(release, frames, found)
      } catch (error) {
        await onProblem?.(error instanceof Error ? error : new Error(String(error)))
      }
      return found
    },
    forget(release) {
      lists.delete(release)
    },
  }
}

/** The maps of one project, where several share what is kept in memory. */
export function scopeMaps(maps: UploadedMaps, project: string): UploadedMaps {
  return {
    resolve: (frames, releases) =>
      maps.resolve(
        frames,
        releases.map(release => scopedName(project, release)),
      ),
    forget: release => maps.forget(scopedName(project, release)),
  }
}

function placeOf({ lineNumber = 0, columnNumber }: StackFrame): GeneratedPlace {
  return { line: lineNumber - 1, column: columnNumber === undefined ? undefined : columnNumber - 1 }
}

function describeFrame(frame: StackFrame, map: UploadedMap, place: SourcePlace): ResolvedFrame | undefined {
  const fileName = map.sources[place.source]
  if (typeof fileName !== 'string') return undefined
  const { functionName, lineNumber = 1, columnNumber = 1 } = frame
  const text = map.sourcesContent[place.source]
  const context = typeof text === 'string' ? readContext(splitLines(text), place.line) : []
  return {
    ...(functionName && {
      functionName: restoreName(map.functions, functionName, lineNumber - 1, columnNumber - 1),
    }),
    fileName,
    lineNumber: place.line + 1,
    columnNumber: place.column + 1,
    own: !map.ignoreList.includes(place.source) && !isFrameworkFile(fileName),
    ...(context.length > 0 && { context }),
  }
}

function dropOldest(table: Map<string, unknown>, size: number): void {
  for (const oldest of table.keys()) {
    if (table.size <= size) return
    table.delete(oldest)
  }
}
