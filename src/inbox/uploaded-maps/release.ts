import { InvalidInputError } from '../invalid-input.ts'
import type { MapBucket } from './map-bucket.ts'

/** Files of one release. */
const MAX_FILES = 5_000
/** Characters of a release's name. */
const MAX_RELEASE_LENGTH = 200
/** Characters of a file's name. */
const MAX_FILE_LENGTH = 1_000

/** A generated file of a release, and its map. */
export interface ReleaseFile {
  /** Relative to the project: `dist/index.js`. */
  file: string
  /** What the map calls the generated file, where that is another name. */
  name?: string | undefined
  /** The SHA-256 of the map's text, in hexadecimal digits. */
  map: string
}

/** A release's file as it is kept. */
export interface KeptFile extends ReleaseFile {
  /** Milliseconds since the epoch. */
  uploadedAt: number
}

/** The maps of releases in a bucket. A release's maps and lists are under one prefix, so that they can be deleted by it. */
export interface Releases {
  /** Which of these maps are not there yet. */
  missingMaps(release: string, maps: readonly string[]): Promise<string[]>
  putMap(release: string, map: string, text: string): Promise<void>
  readMap(release: string, map: string): Promise<string | undefined>
  /** Adds files to a release; one of the same name takes the other's place. Their maps must be there. */
  addFiles(release: string, files: readonly ReleaseFile[]): Promise<void>
  /** A release's files; none of a release that is unknown. */
  readFiles(release: string): Promise<KeptFile[]>
}

/** @param prefix before each key, where the bucket holds other things too */
export function openReleases(bucket: MapBucket, prefix = 'sourcemaps/', now: () => number = Date.now): Releases {
  const folderOf = async (release: string): Promise<string> => `${prefix}${(await hashSha256(release)).slice(0, 32)}/`

  async function listKeys(folder: string): Promise<string[]> {
    const keys: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await bucket.list({ prefix: folder, ...(cursor !== undefined && { cursor }) })
      keys.push(...page.objects.map(({ key }) => key))
      if (!page.truncated) return keys
      cursor = page.cursor
    }
  }

  async function readLists(folder: string): Promise<{ keys: string[]; files: KeptFile[] }> {
    const keys = await listKeys(`${folder}lists/`)
    const newest = new Map<string, KeptFile>()
    for (const key of keys) {
      const text = await (await bucket.get(key))?.text()
      const files: KeptFile[] = text === undefined ? [] : JSON.parse(text)
      for (const file of files) {
        if (file.uploadedAt >= (newest.get(file.file)?.uploadedAt ?? 0)) newest.set(file.file, file)
      }
    }
    return { keys, files: [...newest.values()] }
  }

  return {
    async missingMaps(release, maps) {
      const folder = await folderOf(release)
      const there = new Set(await listKeys(`${folder}maps/`))
      return [...new Set(maps)].filter(map => !there.has(`${folder}maps/${map}.json`))
    },
    async putMap(release, map, text) {
      await bucket.put(`${await folderOf(release)}maps/${map}.json`, text)
    },
    async readMap(release, map) {
      return (await bucket.get(`${await folderOf(release)}maps/${map}.json`))?.text()
    },
    async addFiles(release, files) {
      const folder = await folderOf(release)
      const before = await readLists(folder)
      const merged = new Map(before.files.map(file => [file.file, file]))
      for (const file of files) {
        const known = merged.get(file.file)
        if (known?.map !== file.map) merged.set(file.file, { ...file, uploadedAt: now() })
      }
      if (merged.size > MAX_FILES) throw new InvalidInputError(`a release has at most ${MAX_FILES} files`)
      const text = JSON.stringify([...merged.values()])
      const key = `${folder}lists/${(await hashSha256(text)).slice(0, 32)}.json`
      await bucket.put(key, text)
      // Only what this one has in it: another upload may be adding its own list meanwhile.
      const replaced = before.keys.filter(old => old !== key)
      if (replaced.length > 0) await bucket.delete(replaced)
    },
    readFiles: async release => (await readLists(await folderOf(release))).files,
  }
}

/** The name of a release among those of several projects. */
export function scopedName(project: string, release: string): string {
  return `${project} ${release}`
}

/** The releases of one project, where several share a bucket. */
export function scopeReleases(releases: Releases, project: string): Releases {
  return {
    missingMaps: (release, maps) => releases.missingMaps(scopedName(project, release), maps),
    putMap: (release, map, text) => releases.putMap(scopedName(project, release), map, text),
    readMap: (release, map) => releases.readMap(scopedName(project, release), map),
    addFiles: (release, files) => releases.addFiles(scopedName(project, release), files),
    readFiles: release => releases.readFiles(scopedName(project, release)),
  }
}

/** The SHA-256 of a text's UTF-8, in hexadecimal digits. */
export async function hashSha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}

/** @throws InvalidInputError */
export function readReleaseName(value: unknown): string {
  const isName = typeof value === 'string' && value.length <= MAX_RELEASE_LENGTH && /^[^\p{C}\s]+$/u.test(value)
  if (!isName) {
    throw new InvalidInputError(`release must be a string of 1 to ${MAX_RELEASE_LENGTH} characters, without spaces`)
  }
  return value
}

/** @throws InvalidInputError */
export function readReleaseFiles(value: unknown): ReleaseFile[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_FILES) {
    throw new InvalidInputError(`files must be an array of 1 to ${MAX_FILES} files`)
  }
  return value.map((entry: unknown, index) => {
    const { file, name, map }: { file?: unknown; name?: unknown; map?: unknown } = Object(entry)
    if (!isFileName(file)) throw new InvalidInputError(`files[${index}].file must be the name of a file`)
    if (name !== undefined && !isFileName(name)) {
      throw new InvalidInputError(`files[${index}].name must be the name of a file`)
    }
    if (!isSha256(map)) throw new InvalidInputError(`files[${index}].map must be a SHA-256 in hexadecimal digits`)
    return { file, map, ...(name !== undefined && { name }) }
  })
}

export function isSha256(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

function isFileName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_FILE_LENGTH
}
