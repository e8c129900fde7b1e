import { statSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'
import type { StackFrame } from '../../types.ts'
import { type Declarations, restoreName } from '../function-names.ts'
import { InboxError } from '../inbox-error.ts'
import { matchMaps } from '../match-maps.ts'
import { readContext, splitLines } from '../source-context.ts'
import type { ResolvedFrame, SourceMaps } from '../source-maps.ts'
import { listFiles } from './list-files.ts'
import { readSourceMapFile, type SourceMapFile, type TracedPosition } from './source-map-file.ts'
import { findDeclarations } from './source-map-names.ts'
import { findProject, nameSource, readSourceText } from './source-map-sources.ts'

export interface SourceMapsOptions {
  /** Told of each map that cannot be used, once until it changes. */
  onProblem?: ((error: Error) => void) | undefined
  /** Milliseconds for which the list of maps is taken to be what it was. @default 1000 */
  listingMs?: number | undefined
}

/** Maps that are kept parsed. */
const MAX_MAPS = 10
/** Maps that are opened to see of which file they are. */
const MAX_OPENED = 30

interface LoadedMap {
  map: SourceMapFile
  /** Looked for when a frame first has a function's name. */
  declarations: Declarations | undefined
  /** The sources' lines, of those that were asked for. */
  lines: Map<number, string[]>
}

/** What is known of a map as long as its file does not change. */
interface KnownMap {
  version: string
  /** Absent when it cannot be used, or when others were needed more. */
  loaded?: LoadedMap | undefined
  broken?: boolean
  file?: string | undefined
}

/**
 * The source maps under a folder. Each is read when a frame first needs it, and again after it was rebuilt.
 *
 * @throws InboxError when the folder is not there
 */
export function openSourceMaps(folder: string, { onProblem, listingMs = 1000 }: SourceMapsOptions = {}): SourceMaps {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InboxError(`${folder} is not a folder that source maps could be read from`)
  }
  const root = resolvePath(folder)
  const project = findProject(root)
  const known = new Map<string, KnownMap>()
  let listing: { maps: string[]; until: number } | undefined

  function listMaps(): string[] {
    const now = performance.now()
    if (!listing || now >= listing.until) listing = { maps: listFiles(root, /\.map$/), until: now + listingMs }
    return listing.maps
  }

  /** Reads a map, unless it is the one that was read before. The newest in use are kept. */
  function load(path: string): LoadedMap | undefined {
    const entry = readKnown(path)
    if (!entry || entry.broken) return undefined
    // The last in the table is the last that was used.
    known.delete(path)
    known.set(path, entry)
    if (entry.loaded) return entry.loaded
    try {
      const map = readSourceMapFile(path, Number(entry.version.split(' ')[1]))
      entry.loaded = { map, declarations: undefined, lines: new Map() }
      entry.file = map.file
    } catch (error) {
      entry.broken = true
      const reason = error instanceof Error ? error.message : String(error)
      onProblem?.(new InboxError(`${path} cannot be used as a source map: ${reason}`, { cause: error }))
    }
    const parsed = [...known.values()].filter(({ loaded }) => loaded)
    for (const old of parsed.slice(0, -MAX_MAPS)) old.loaded = undefined
    return entry.loaded
  }

  function readKnown(path: string): KnownMap | undefined {
    const status = statSync(path, { throwIfNoEntry: false })
    if (!status) {
      known.delete(path)
      return undefined
    }
    const version = `${status.mtimeMs} ${status.size}`
    const entry = known.get(path)
    if (entry?.version === version) return entry
    const fresh: KnownMap = { version }
    known.set(path, fresh)
    return fresh
  }

  function findMaps(fileName: string): string[] {
    let opened = 0
    return matchMaps(fileName, listMaps(), {
      nameOf: path => path.slice(0, -'.map'.length),
      fileOf(path) {
        const entry = readKnown(path)
        if (entry && entry.file === undefined && !entry.loaded && !entry.broken && opened++ < MAX_OPENED) load(path)
        return known.get(path)?.file
      },
      timeOf: path => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
    })
  }

  function resolve(frame: StackFrame): ResolvedFrame | undefined {
    const { fileName, lineNumber, columnNumber } = frame
    if (fileName === undefined || lineNumber === undefined) return undefined
    const [line, column] = [lineNumber - 1, columnNumber === undefined ? undefined : columnNumber - 1]
    for (const path of findMaps(fileName)) {
      const loaded = load(path)
      const position = loaded?.map.trace(line, column)
      if (loaded && position) return describeFrame(frame, loaded, position)
    }
    return undefined
  }

  function describeFrame(frame: StackFrame, loaded: LoadedMap, position: TracedPosition): ResolvedFrame {
    const { map } = loaded
    const { name, own, path } = nameSource(position.source, map.sourceRoot, map.path, project)
    const resolved: ResolvedFrame = {
      fileName: name,
      lineNumber: position.line + 1,
      columnNumber: position.column + 1,
      own: own && !map.isIgnored(position.sourceIndex),
    }
    const { functionName, lineNumber = 1, columnNumber = 1 } = frame
    if (functionName) {
      loaded.declarations ??= findDeclarations(map)
      resolved.functionName = restoreName(loaded.declarations, functionName, lineNumber - 1, columnNumber - 1)
    }
    let lines = loaded.lines.get(position.sourceIndex)
    if (!lines) {
      const text = map.contentOf(position.sourceIndex) ?? (path && readSourceText(path, project))
      lines = text ? splitLines(text) : []
      loaded.lines.set(position.sourceIndex, lines)
    }
    const context = readContext(lines, position.line)
    if (context.length > 0) resolved.context = context
    return resolved
  }

  return {
    resolve(frame) {
      try {
        return resolve(frame)
      } catch (error) {
        // A file that went away between two looks at it; a map that is wrong in a way that reading it did not show.
        onProblem?.(error instanceof Error ? error : new InboxError(String(error)))
        return undefined
      }
    },
  }
}
