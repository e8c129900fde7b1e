import { readdirSync, rmSync, statSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { MapBucket } from '../uploaded-maps/map-bucket.ts'

/** Bytes that a folder keeps; what was written first goes first. */
const MAX_BYTES = 1024 ** 3

/** A bucket that is a folder, made when something is first kept. Its keys are paths. */
export function createFolderBucket(folder: string, maxBytes: number = MAX_BYTES): MapBucket {
  const pathOf = (key: string) => join(folder, ...key.split('/'))

  function listFiles(): { key: string; path: string }[] {
    try {
      return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile() && !entry.name.endsWith('.part'))
        .map(entry => {
          const path = join(entry.parentPath, entry.name)
          return { path, key: relative(folder, path).split(sep).join('/') }
        })
    } catch {
      return []
    }
  }

  function removeOldest(kept: string): void {
    const files = listFiles().flatMap(({ path }) => {
      const status = statSync(path, { throwIfNoEntry: false })
      return status ? [{ path, size: status.size, time: status.mtimeMs }] : []
    })
    let bytes = files.reduce((sum, { size }) => sum + size, 0)
    for (const { path, size } of files.sort((one, other) => one.time - other.time)) {
      if (bytes <= maxBytes) return
      if (path === kept) continue
      rmSync(path, { force: true })
      bytes -= size
    }
  }

  return {
    async get(key) {
      try {
        const value = await readFile(pathOf(key), 'utf8')
        return { text: async () => value }
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
        throw error
      }
    },
    async put(key, value) {
      const path = pathOf(key)
      await mkdir(dirname(path), { recursive: true })
      // Whoever reads meanwhile gets all of it, or what was there before.
      const part = `${path}.${crypto.randomUUID()}.part`
      await writeFile(part, value)
      await rename(part, path)
      removeOldest(path)
    },
    async delete(keys) {
      for (const key of keys) await rm(pathOf(key), { force: true })
    },
    async list({ prefix }) {
      const keys = listFiles().map(({ key }) => key)
      return {
        objects: keys
          .filter(key => key.startsWith(prefix))
          .sort()
          .map(key => ({ key })),
        truncated: false,
      }
    },
  }
}
