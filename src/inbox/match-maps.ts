/** A module's name that does not tell what it was bundled from: a bare one of workerd's, Miniflare's `script-0.mjs`. */
const NAMELESS = /^(?:[^/\\]+\.[cm]?js|.*\/script-\d+\.m?js)$/

/** What is known of maps besides themselves. */
export interface MapNames<SourceMap> {
  /** The generated file's name, by the map's own. */
  nameOf(map: SourceMap): string
  /** The generated file's name that a map has inside: asked for when no map's own name is the frame's. */
  fileOf(map: SourceMap): string | undefined
  /** When it was made, in milliseconds since the epoch: of two that are as likely, the newer one comes first. */
  timeOf(map: SourceMap): number
}

/** The maps that a stack frame's file may be of, the likeliest first: those of the same name, by how much of their path is the same. */
export function matchMaps<SourceMap>(
  fileName: string,
  maps: readonly SourceMap[],
  { nameOf, fileOf, timeOf }: MapNames<SourceMap>,
): SourceMap[] {
  const paths = readPaths(fileName)
  if (paths.length === 0) return []
  const byName = rankMaps(paths, maps, nameOf, timeOf)
  if (byName.length > 0) return byName
  const byFile = rankMaps(paths, maps, fileOf, timeOf)
  if (byFile.length > 0) return byFile
  return maps.length === 1 && NAMELESS.test(fileName) ? [...maps] : []
}

/** The ways to read a frame's file as path segments: as it is, without its query, without percent-encoding. */
function readPaths(fileName: string): string[][] {
  const path = fileName.replace(/^(?:file|https?):\/\/[^/]*/, '')
  // `node:fs`, `wasm://…`, `data:…`; a drive's letter is none.
  if (/^[a-z][\w+.-]+:/i.test(path)) return []
  const bare = path.replace(/[?#].*$/s, '')
  return [...new Set([path, bare, decodePath(bare)])].map(splitPath)
}

function rankMaps<SourceMap>(
  paths: readonly string[][],
  maps: readonly SourceMap[],
  nameOf: (map: SourceMap) => string | undefined,
  timeOf: (map: SourceMap) => number,
): SourceMap[] {
  const ranked: { map: SourceMap; common: number; time: number }[] = []
  for (const map of maps) {
    const name = splitPath(nameOf(map) ?? '')
    const common = Math.max(...paths.map(path => countCommonEnd(path, name)))
    if (common > 0) ranked.push({ map, common, time: timeOf(map) })
  }
  return ranked.sort((one, other) => other.common - one.common || other.time - one.time).map(({ map }) => map)
}

function countCommonEnd(one: readonly string[], other: readonly string[]): number {
  let count = 0
  while (count < one.length && count < other.length && one.at(-1 - count) === other.at(-1 - count)) count++
  return count
}

function splitPath(path: string): string[] {
  return path.split(/[/\\]/).filter(segment => segment !== '')
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
