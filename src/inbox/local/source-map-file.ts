import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  decodedMappings,
  encodedMappings,
  FlattenMap,
  type SourceMapSegment,
  TraceMap,
  traceSegment,
} from '@jridgewell/trace-mapping'

/** A map says how much memory it takes: these are far above what any bundle needs, and far below what ends a process. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
const MAX_MAPPINGS_LENGTH = 24 * 1024 * 1024
const MAX_LINES = 1_000_000
const MAX_SECTION_DEPTH = 10

/** A map's answer for one place in the generated code. Lines and columns count from 0. */
export interface TracedPosition {
  sourceIndex: number
  /** As the map writes it. */
  source: string
  line: number
  column: number
}

/** A name in the generated code that stands for another in the sources. Lines and columns count from 0. */
export interface NamedPosition {
  line: number
  column: number
  name: string
}

/** One source map, read and checked. */
export interface SourceMapFile {
  path: string
  /** The generated file's name, where the map tells it. */
  file: string | undefined
  sourceRoot: string | undefined
  /** Without a column, the line's first place. */
  trace(line: number, column: number | undefined): TracedPosition | undefined
  /** The source's text, where the map has it. */
  contentOf(sourceIndex: number): string | undefined
  /** Whether the build says that the source is not the project's own. */
  isIgnored(sourceIndex: number): boolean
  namedPositions(): NamedPosition[]
  /** As the map writes them. */
  sources: readonly (string | null)[]
  /** The mappings in one section, in the order of the code, without names. */
  writeMappings(): string
  /** The generated code's lines, where its file is beside the map. */
  generatedLines(): string[]
}

/**
 * Reads a source map; one in sections is flattened.
 *
 * @throws an Error that says why it cannot be used
 */
export function readSourceMapFile(path: string, size: number): SourceMapFile {
  if (size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`)
  const json: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\)\]\}'[^\n]*\n/, ''))
  const budget = { lines: MAX_LINES, length: MAX_MAPPINGS_LENGTH }
  const checked = checkMap(json, budget, 0)
  const map = 'sections' in checked ? new FlattenMap(checked) : new TraceMap(checked)
  // At once, so that what cannot be decoded is known to be broken from now on.
  const decoded = decodedMappings(map)
  const file = isObject(json) && typeof json['file'] === 'string' ? json['file'] : undefined
  let generated: string[] | undefined

  const position = (segment: Readonly<SourceMapSegment> | null | undefined): TracedPosition | undefined => {
    if (!segment || segment.length === 1) return undefined
    const [, sourceIndex, line, column] = segment
    const source = map.sources[sourceIndex]
    if (typeof source !== 'string' || !(line >= 0) || !(column >= 0)) return undefined
    return { sourceIndex, source, line, column }
  }

  return {
    path,
    file,
    sourceRoot: map.sourceRoot,
    sources: map.sources,
    writeMappings() {
      const mappings = decoded.map(segments => segments.map(withoutName))
      return encodedMappings(new TraceMap({ version: 3, names: [], sources: [...map.sources], mappings }))
    },
    trace(line, column) {
      if (column !== undefined) return position(traceSegment(map, line, column))
      return position(decoded[line]?.find(segment => segment.length > 1))
    },
    contentOf: sourceIndex => map.sourcesContent?.[sourceIndex] ?? undefined,
    isIgnored: sourceIndex => map.ignoreList?.includes(sourceIndex) ?? false,
    namedPositions() {
      const found: NamedPosition[] = []
      for (const [line, segments] of decoded.entries()) {
        for (const segment of segments) {
          const name = segment.length === 5 ? map.names[segment[4]] : undefined
          if (name) found.push({ line, column: segment[0], name })
        }
      }
      return found
    },
    generatedLines() {
      generated ??= readLines([path.replace(/\.map$/, ''), ...(file ? [join(dirname(path), basename(file))] : [])])
      return generated
    },
  }
}

function withoutName(segment: Readonly<SourceMapSegment>): SourceMapSegment {
  return segment.length === 1 ? [segment[0]] : [segment[0], segment[1], segment[2], segment[3]]
}

function readLines(paths: readonly string[]): string[] {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8').split('\n')
    } catch {
      // The next one, or none: names are then as they are in the generated code.
    }
  }
  return []
}

interface PlainMap {
  version: 3
  names: string[]
  sources: (string | null)[]
  sourcesContent: (string | null)[]
  sourceRoot?: string
  ignoreList: number[]
  mappings: string
}

interface SectionedMap {
  version: 3
  sections: { offset: { line: number; column: number }; map: PlainMap | SectionedMap }[]
}

interface Budget {
  lines: number
  length: number
}

/** A copy that has the types a map must have; what is wrong in a list is left out of it. */
function checkMap(value: unknown, budget: Budget, depth: number): PlainMap | SectionedMap {
  if (!isObject(value)) throw new Error('it is no JSON object')
  const { sections, mappings, sourceRoot } = value
  if (Array.isArray(sections)) {
    if (depth === MAX_SECTION_DEPTH) throw new Error('its sections are nested too deeply')
    return { version: 3, sections: sections.map(section => checkSection(section, budget, depth)) }
  }
  if (typeof mappings !== 'string') throw new Error('it has no mappings')
  if (!/^[\w+/,;]*$/.test(mappings)) throw new Error('its mappings are not what mappings are written in')
  budget.length -= mappings.length
  budget.lines -= countLines(mappings)
  if (budget.length < 0 || budget.lines < 0) throw new Error('it has more mappings than can be read')
  const sources = listOf(value['sources']).map(textOrNull)
  const contents = listOf(value['sourcesContent'])
  return {
    version: 3,
    names: listOf(value['names']).map(name => (typeof name === 'string' ? name : '')),
    sources,
    // One for each source: where sections are put together, the next one's follow.
    sourcesContent: sources.map((_, index) => textOrNull(contents[index])),
    ignoreList: listOf(value['ignoreList'] ?? value['x_google_ignoreList']).filter(entry => typeof entry === 'number'),
    mappings,
    ...(typeof sourceRoot === 'string' ? { sourceRoot } : {}),
  }
}

function checkSection(section: unknown, budget: Budget, depth: number): SectionedMap['sections'][number] {
  const offset = isObject(section) ? section['offset'] : undefined
  const [line, column] = isObject(offset) ? [offset['line'], offset['column']] : []
  if (!isObject(section) || !isPosition(line) || !isPosition(column)) throw new Error('a section has no offset')
  if (line > MAX_LINES) throw new Error('it has more mappings than can be read')
  return { offset: { line, column }, map: checkMap(section['map'], budget, depth + 1) }
}

function countLines(mappings: string): number {
  let lines = 1
  for (let at = mappings.indexOf(';'); at >= 0; at = mappings.indexOf(';', at + 1)) lines++
  return lines
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
