import { type Context, type Env, Hono } from 'hono'
import { InvalidInputError } from '../invalid-input.ts'
import { readJsonObject, readLimitedBody } from '../limited-body.ts'
import type { EventStore } from '../store.ts'
import { checkRelease } from './check-release.ts'
import { hashSha256, isSha256, type Releases, readReleaseFiles, readReleaseName } from './release.ts'
import type { UploadedMaps } from './resolve-frames.ts'
import { MAX_MAP_BYTES, readUploadedMap } from './uploaded-map.ts'

/** Bytes of a release's list of files. */
const MAX_LIST_BYTES = 8 * 1024 * 1024

export interface UploadRoutesOptions<Bindings extends Env> {
  releasesOf(context: Context<Bindings>): Releases
  /** Is called with a release that has other files now. */
  onSaved(release: string, context: Context<Bindings>): void
}

/**
 * The routes that `replaystack sourcemaps upload` sends to, below `/api/v1/sourcemaps`. A release is its list of files, and
 * is changed once all of their maps are there. Everything can be sent again: a map is known by the hash of its text.
 */
export function createUploadRoutes<Bindings extends Env = Env>({
  releasesOf,
  onSaved,
}: UploadRoutesOptions<Bindings>): Hono<Bindings> {
  const routes = new Hono<Bindings>()

  routes.post('/', async context => {
    const body = await readJsonObject(context.req.raw, MAX_LIST_BYTES)
    const release = readReleaseName(body['release'])
    const files = readReleaseFiles(body['files'])
    const releases = releasesOf(context)
    const missing = await releases.missingMaps(
      release,
      files.map(({ map }) => map),
    )
    if (missing.length === 0) {
      await releases.addFiles(release, files)
      onSaved(release, context)
    }
    const message = missing.length === 0 ? 'Release saved' : 'Maps are missing'
    return context.json({ success: true, message, data: { missing } })
  })

  routes.put('/:release/:map', async context => {
    const release = readReleaseName(context.req.param('release'))
    const map = context.req.param('map')
    if (!isSha256(map)) throw new InvalidInputError('The map must be named by its SHA-256, in hexadecimal digits')
    const text = await readLimitedBody(context.req.raw, MAX_MAP_BYTES)
    if ((await hashSha256(text)) !== map) throw new InvalidInputError('body is not the map of this SHA-256')
    readUploadedMap(text)
    await releasesOf(context).putMap(release, map, text)
    return context.json({ success: true, message: 'Map saved' })
  })

  return routes
}

export interface ReleaseRoutesOptions {
  store: EventStore
  releases: Releases
  maps: UploadedMaps
}

/** What there is of a release, below `/api/v1/sourcemaps`. */
export function createReleaseRoutes({ store, releases, maps }: ReleaseRoutesOptions): Hono {
  const routes = new Hono()

  routes.get('/:release', async context => {
    const release = readReleaseName(context.req.param('release'))
    const files = await releases.readFiles(release)
    if (files.length === 0) return context.json({ success: false, message: `No maps of release ${release}` }, 404)
    return context.json({ release, files: files.map(({ file, map }) => ({ file, map })) })
  })

  routes.get('/:release/check', async context => {
    const release = readReleaseName(context.req.param('release'))
    // Whoever asks has just uploaded them, it may be to another isolate.
    maps.forget(release)
    return context.json(await checkRelease(store, maps, release))
  })

  return routes
}
