import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const MAX_DEPTH = 12
const MAX_FOLDERS = 5000
const MAX_MAPS = 5000

/** Folders that hold other people's maps, or none. */
const SKIPPED_FOLDERS = new Set(['node_modules', '.git'])

/** A module's name that does not tell what it was bundled from: a bare one of workerd's, Miniflare's `script-0.mjs`. */
const NAMELESS = /^(?:[^/\\]+\.[cm]?js|.*\/script-\d+\.m?js)$/

/** The `.map` files under a folder, at any depth. Links are not followed. */
export function listMapFiles(folder: string): string[] {
  const maps: string[] = []
  const folders: [path: string, depth: number][] = [[folder, 0]]
  // The list grows while it is gone through.
  for (const [path, depth] of folders) {
    for (const entry of readFolder(path)) {
      const child = join(path, entry.name)
      if (entry.isFile() && entry.name.endsWith('.map') && maps.length < MAX_MAPS) maps.push(child)
      const isEntered = entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)
      if (isEntered && depth < MAX_DEPTH && folders.length < MAX_FOLDERS) folders.push([child, depth + 1])
    }
  }
  return maps
}

/**
 * The maps that a stack frame's file may be of, the likeliest first: those of the same name, by how much of their
 * path is the same. `fileOf` tells the generated file's name that a map has inside; it is asked for when no map's own
 * name is the frame's.
 */
export function matchMapFiles(
  fileName: string,
  maps: readonly string[],
  fileOf: (map: string) => string | undefined,
): string[] {
  const paths = readPaths(fileName)
  if (paths.length === 0) return []
  const byName = rankMaps(paths, maps, map => map.slice(0, -'.map'.length))
  if (byName.length > 0) return byName
  const byFile = rankMaps(paths, maps, fileOf)
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

function rankMaps(
  paths: readonly string[][],
  maps: readonly string[],
  nameOf: (map: string) => string | undefined,
): string[] {
  const ranked: { map: string; common: number; time: number }[] = []
  for (const map of maps) {
    const name = splitPath(nameOf(map) ?? '')
    const common = Math.max(...paths.map(path => countCommonEnd(path, name)))
    if (common > 0) ranked.push({ map, common, time: statSync(map, { throwIfNoEntry: false })?.mtimeMs ?? 0 })
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

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch {
    return []
  }
}
