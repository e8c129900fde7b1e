import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceMaps } from '../source-maps.ts'
import { openSourceMaps, type SourceMapsOptions } from './open-source-maps.ts'

/** Where `wrangler dev`, Next.js and bundlers leave source maps in a project, the one that is running first. */
const FOLDERS = ['.wrangler/tmp', '.next', 'dist', 'build'] as const

/** The source maps of a project, wherever its tools have put them: also in a folder that a later build makes. */
export function findSourceMaps(project: string, options: SourceMapsOptions = {}): SourceMaps {
  const opened = new Map<string, SourceMaps>()
  const open = (name: string) => {
    const folder = join(project, name)
    const known = opened.get(name)
    if (known || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return known
    const maps = openSourceMaps(folder, options)
    opened.set(name, maps)
    return maps
  }
  return {
    resolve(frame) {
      for (const name of FOLDERS) {
        const resolved = open(name)?.resolve(frame)
        if (resolved) return resolved
      }
      return undefined
    },
  }
}

/** The first of several that explains a frame. */
export function joinSourceMaps(several: readonly SourceMaps[]): SourceMaps {
  return {
    resolve(frame) {
      for (const maps of several) {
        const resolved = maps.resolve(frame)
        if (resolved) return resolved
      }
      return undefined
    },
  }
}
