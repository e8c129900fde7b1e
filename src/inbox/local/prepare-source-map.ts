import { statSync } from 'node:fs'
import { basename, relative, sep } from 'node:path'
import { hashSha256, type ReleaseFile } from '../uploaded-maps/release.ts'
import { MAX_MAP_BYTES, type RenamedFunction, type WrittenMap } from '../uploaded-maps/uploaded-map.ts'
import { readSourceMapFile, type SourceMapFile } from './source-map-file.ts'
import { findDeclarations } from './source-map-names.ts'
import { type NamedSource, nameSource, readSourceText } from './source-map-sources.ts'

/** A map as it is sent: it needs nothing more of this disk. */
export interface PreparedMap extends ReleaseFile {
  /** Its JSON. */
  text: string
  /** What a frame will not show by it. */
  warning?: string | undefined
}

/**
 * Reads a map for an upload: sources get their paths in the project and their texts, functions their names from before
 * minification.
 *
 * @throws an Error that says why it cannot be used
 */
export async function prepareSourceMap(path: string, project: string): Promise<PreparedMap> {
  const map = readSourceMapFile(path, statSync(path).size)
  const sources = map.sources.map(source =>
    source === null ? null : nameSource(source, map.sourceRoot, path, project),
  )
  if (sources.every(source => source === null)) throw new Error('it names no source')
  const all = sources.map((source, index) => textOf(map, source, index, project))
  const own = all.map((text, index) => (isOwn(map, sources[index], index) ? text : null))
  // Too large, it goes without the texts of dependencies, then without any.
  const attempts = [all, own, all.map(() => null)].map(texts => writeMap(map, sources, texts))
  const text = attempts.find(attempt => Buffer.byteLength(attempt) <= MAX_MAP_BYTES)
  if (text === undefined) throw new Error(`it is larger than ${MAX_MAP_BYTES} bytes, even without its sources' texts`)
  const place = relative(project, path)
    .split(sep)
    .join('/')
    .replace(/^(?:\.\.\/)+/, '')
  const file = place.replace(/\.map$/, '')
  const name = map.file !== undefined && basename(map.file) !== basename(file) ? basename(map.file) : undefined
  return {
    file,
    text,
    map: await hashSha256(text),
    ...(name !== undefined && { name }),
    ...describeLoss(text === attempts[2], own, map, sources),
  }
}

function describeLoss(
  isBare: boolean,
  own: readonly (string | null)[],
  map: SourceMapFile,
  sources: readonly (NamedSource | null)[],
): { warning?: string } {
  if (isBare) return { warning: 'it is too large with its sources: its frames show no lines of code' }
  const without = sources.filter((source, index) => isOwn(map, source, index) && own[index] === null)
  const [first] = without
  if (!first) return {}
  const others = without.length > 1 ? ` and of ${without.length - 1} more` : ''
  return { warning: `the text of ${first.name}${others} is not to be had: its frames show no lines of code` }
}

function isOwn(map: SourceMapFile, source: NamedSource | null | undefined, index: number): boolean {
  return source?.own === true && !map.isIgnored(index)
}

function textOf(map: SourceMapFile, source: NamedSource | null, index: number, project: string): string | null {
  return map.contentOf(index) ?? (source?.path && readSourceText(source.path, project)) ?? null
}

function writeMap(
  map: SourceMapFile,
  sources: readonly (NamedSource | null)[],
  sourcesContent: (string | null)[],
): string {
  const functions: RenamedFunction[] = []
  for (const [short, declarations] of findDeclarations(map)) {
    for (const { line, column, name } of declarations) functions.push([short, line, column, name])
  }
  const written: WrittenMap = {
    version: 3,
    sources: sources.map(source => source?.name ?? null),
    sourcesContent,
    names: [],
    mappings: map.writeMappings(),
    ignoreList: [...sources.keys()].filter(index => !isOwn(map, sources[index], index)),
    x_replaystack_functions: functions,
  }
  return JSON.stringify(written)
}
