import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'

const MAX_DEPTH = 12
const MAX_FOLDERS = 5000
const MAX_FILES = 5000

/** Folders that hold other people's maps, or none. */
const SKIPPED_FOLDERS = new Set(['node_modules', '.git'])

/** The files of a kind under a folder, at any depth, by their names. Links are not followed. */
export function listFiles(folder: string, kind: RegExp): string[] {
  const files: string[] = []
  const folders: [path: string, depth: number][] = [[folder, 0]]
  // The list grows while it is gone through.
  for (const [path, depth] of folders) {
    for (const entry of readFolder(path)) {
      const child = join(path, entry.name)
      if (entry.isFile() && kind.test(entry.name) && files.length < MAX_FILES) files.push(child)
      const isEntered = entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)
      if (isEntered && depth < MAX_DEPTH && folders.length < MAX_FOLDERS) folders.push([child, depth + 1])
    }
  }
  return files
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch {
    return []
  }
}
