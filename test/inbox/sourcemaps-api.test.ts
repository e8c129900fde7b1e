import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listFiles } from '../../src/inbox/local/list-files.ts'
import { prepareSourceMap } from '../../src/inbox/local/prepare-source-map.ts'
import { createMemoryBucket, type MapBucket } from '../../src/inbox/uploaded-maps/map-bucket.ts'
import { hashSha256, openReleases, type ReleaseFile } from '../../src/inbox/uploaded-maps/release.ts'
import { frame, writeProject } from './bundled-project.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

const FOUND = { functionName: 'charge', fileName: 'src/payment.ts', lineNumber: 6, columnNumber: 51, own: true }

/** An inbox that takes uploads, and what is sent to it. */
function openUploads(mapBucket: MapBucket = createMemoryBucket()) {
  const { app, post, store, get } = createTestApp({ releases: openReleases(mapBucket) })
  const send = async (method: string, path: string, body: unknown) => {
    const init = { method, body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await app.request(`/api/v1/sourcemaps${path}`, init)
    return { status: response.status, json: await response.json() }
  }
  const upload = async (release: string, files: (ReleaseFile & { text: string })[]) => {
    const list = { release, files: files.map(({ text: _, ...file }) => file) }
    const first = await send('POST', '', list)
    for (const { map, text } of files) {
      expect(await send('PUT', `/${encodeURIComponent(release)}/${map}`, text)).toMatchObject({ status: 200 })
    }
    return [first, await send('POST', '', list)]
  }
  /** Sends a failure, and returns what was kept of its frames' sources. */
  const fail = async (fields: object, fileName: string, place: { lineNumber: number; columnNumber: number }) => {
    const event = createSampleEvent({ status: 'failed', stackFrames: [frame(fileName, place)], ...fields })
    const { json } = await post('events', event)
    return Object.values(store.get(Object(json).data.eventId)?.sources ?? {})
  }
  return { send, upload, fail, get, post, store }
}

/** The maps of a project as they are sent. */
async function prepare(project: string) {
  const paths = listFiles(join(project, 'dist'), /\.map$/)
  return Promise.all(paths.map(path => prepareSourceMap(path, project)))
}

describe('an upload', () => {
  it('resolves the frames of its release from then on, by commit or version, and of no other', async () => {
    const { project, generated } = await writeProject()
    const { upload, fail } = openUploads()
    expect(await fail({ commitHash: 'abc' }, 'index.js', generated)).toEqual([])
    await upload('abc', await prepare(project))
    const [resolved] = await fail({ commitHash: 'abc' }, '/app/dist/index.js', generated)
    expect(resolved).toMatchObject(FOUND)
    expect(resolved?.context).toContainEqual({ line: 5, text: '  // The card is not checked.' })
    expect(await fail({ commitHash: 'other', appVersion: 'abc' }, 'index.js', generated)).toMatchObject([FOUND])
    expect(await fail({ commitHash: 'other' }, 'index.js', generated)).toEqual([])
    expect(await fail({ commitHash: 'abc' }, 'other.js', { lineNumber: 1, columnNumber: 1 })).toEqual([])
    expect(await fail({ commitHash: 'abc' }, 'index.js', { lineNumber: 99_999, columnNumber: 1 })).toEqual([])
  })

  it('resolves the frames of causes too', async () => {
    const { project, generated } = await writeProject()
    const { upload, post, store } = openUploads()
    await upload('abc', await prepare(project))
    const causes = [{ path: 'cause', message: 'why', stackFrames: [{ ...frame('index.js', generated) }] }]
    const { json } = await post(
      'events',
      createSampleEvent({ status: 'failed', commitHash: 'abc', metadata: { causes } }),
    )
    expect(Object.values(store.get(Object(json).data.eventId)?.sources ?? {})).toMatchObject([FOUND])
  })

  it('is asked for the maps that are missing alone, and changes a release once they are there', async () => {
    const { project } = await writeProject()
    const files = await prepare(project)
    const { upload, send, get } = openUploads()
    const hashes = files.map(({ map }) => map)
    const list = { release: 'v1/é', files: files.map(({ file, map }) => ({ file, map })) }
    expect(await send('POST', '', list)).toMatchObject({ status: 200, json: { data: { missing: hashes } } })
    expect(await get('/api/v1/sourcemaps/v1%2F%C3%A9')).toMatchObject({ status: 404 })
    const [, saved] = await upload('v1/é', files)
    expect(saved).toMatchObject({ status: 200, json: { data: { missing: [] } } })
    expect(await get('/api/v1/sourcemaps/v1%2F%C3%A9')).toEqual({
      status: 200,
      json: { release: 'v1/é', files: [{ file: 'dist/index.js', map: hashes[0] }] },
    })
    // Again: it is the same release.
    expect(await send('POST', '', list)).toMatchObject({ json: { data: { missing: [] } } })
    expect(await get('/api/v1/sourcemaps/v1%2F%C3%A9')).toMatchObject({ json: { files: [{ file: 'dist/index.js' }] } })
  })

  it('adds to what the release has, and the newer map of a file counts at once', async () => {
    const text = (source: string) =>
      JSON.stringify({ version: 3, sources: [source], sourcesContent: ['1'], names: [], mappings: 'AAAA' })
    const file = async (name: string, source: string) => ({
      file: name,
      text: text(source),
      map: await hashSha256(text(source)),
    })
    const { upload, fail, get } = openUploads()
    const place = { lineNumber: 1, columnNumber: 1 }
    await upload('r', [await file('server/index.js', 'old.ts'), await file('client/index.js', 'client.ts')])
    expect(await fail({ commitHash: 'r' }, '/app/server/index.js', place)).toMatchObject([{ fileName: 'old.ts' }])
    await upload('r', [await file('server/index.js', 'new.ts')])
    expect(await fail({ commitHash: 'r' }, '/app/server/index.js', place)).toMatchObject([{ fileName: 'new.ts' }])
    expect(await fail({ commitHash: 'r' }, '/app/client/index.js', place)).toMatchObject([{ fileName: 'client.ts' }])
    const { json } = await get('/api/v1/sourcemaps/r')
    expect(Object(json).files).toHaveLength(2)
  })

  it('by two at once loses no file', async () => {
    const bucket = createMemoryBucket()
    const { upload, get } = openUploads(bucket)
    const text = JSON.stringify({ version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA' })
    const map = await hashSha256(text)
    await Promise.all(['a.js', 'b.js', 'c.js'].map(file => upload('r', [{ file, map, text }])))
    const { json } = await get('/api/v1/sourcemaps/r')
    const files: { file: string }[] = Object(json).files
    expect(files.map(({ file }) => file).sort()).toEqual(['a.js', 'b.js', 'c.js'])
  })
})

describe('what is no upload', () => {
  const hash = '0'.repeat(64)
  it.each<[body: unknown, message: string]>([
    ['[]', 'body must be a JSON object'],
    ['{', 'body must be a JSON object'],
    [{ files: [] }, 'release must be a string of 1 to 200 characters, without spaces'],
    [{ release: 'a b', files: [] }, 'release must be a string of 1 to 200 characters, without spaces'],
    [{ release: 'a', files: [] }, 'files must be an array of 1 to 5000 files'],
    [{ release: 'a', files: [null] }, 'files[0].file must be the name of a file'],
    [{ release: 'a', files: [{ file: 'x.js', map: 'XYZ' }] }, 'files[0].map must be a SHA-256 in hexadecimal digits'],
    [{ release: 'a', files: [{ file: 'x.js', name: 1, map: hash }] }, 'files[0].name must be the name of a file'],
  ])('(%j) is refused by name', async (body, message) => {
    expect(await openUploads().send('POST', '', body)).toEqual({ status: 400, json: { success: false, message } })
  })

  it.each<[text: string, message: string]>([
    ['{', 'source map must be valid JSON'],
    ['null', 'source map must be a JSON object'],
    ['{"version":2}', 'source map must be of version 3'],
    ['{"version":3}', 'mappings must be a string'],
    ['{"version":3,"mappings":"é"}', 'mappings must be base64 VLQ'],
    ['{"version":3,"mappings":""}', 'sources must be an array'],
    ['{"version":3,"sections":[]}', 'source map must not be in sections'],
  ])('a map (%s) is refused', async (text, message) => {
    const { status, json } = await openUploads().send('PUT', `/r/${await hashSha256(text)}`, text)
    expect([status, json]).toEqual([400, { success: false, message }])
  })

  it('a map under another hash, or over 10 MB, is refused', async () => {
    const { send } = openUploads()
    expect(await send('PUT', `/r/${hash}`, '{}')).toMatchObject({ status: 400 })
    expect(await send('PUT', '/r/123', '{}')).toMatchObject({ status: 400 })
    expect(await send('PUT', `/r/${hash}`, ' '.repeat(10 * 1024 * 1024 + 1))).toMatchObject({ status: 413 })
  })

  it('a bucket that fails keeps no event out', async () => {
    const { generated } = await writeProject()
    const broken: MapBucket = {
      ...createMemoryBucket(),
      list: async () => {
        throw new Error('R2 is out')
      },
    }
    const { fail } = openUploads(broken)
    expect(await fail({ commitHash: 'abc' }, 'index.js', generated)).toEqual([])
  })
})

describe('the check of a release', () => {
  it('names the frames of its failures that do not resolve', async () => {
    const { project, generated } = await writeProject()
    const { upload, post, get } = openUploads()
    const stackFrames = [
      frame('index.js', generated),
      frame('/app/chunk.js', { lineNumber: 3, columnNumber: 4 }),
      frame('node:internal/timers', { lineNumber: 1, columnNumber: 1 }),
      frame('/app/node_modules/hono/dist/hono.js', { lineNumber: 1, columnNumber: 1 }),
    ]
    // They came before their maps, and one of them twice.
    const { json } = await post('events', createSampleEvent({ status: 'failed', appVersion: '1.0.0', stackFrames }))
    await post('events', createSampleEvent({ traceId: 'b', status: 'failed', appVersion: '1.0.0', stackFrames }))
    await post('events', createSampleEvent({ traceId: 'c', status: 'failed', appVersion: '1.0.1', stackFrames }))
    expect(await get('/api/v1/sourcemaps/1.0.0/check')).toMatchObject({ json: { events: 2, frames: 2, resolved: 0 } })
    await upload('1.0.0', await prepare(project))
    expect(await get('/api/v1/sourcemaps/1.0.0/check')).toMatchObject({
      status: 200,
      json: {
        events: 2,
        frames: 2,
        resolved: 1,
        unresolved: [{ functionName: 'charge', fileName: '/app/chunk.js', lineNumber: 3, columnNumber: 4 }],
      },
    })
    expect(Object(json).data.eventId).toEqual(expect.any(String))
  })
})
