import { readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFolderBucket } from '../../src/inbox/local/folder-bucket.ts'
import { createMemoryBucket, type MapBucket } from '../../src/inbox/uploaded-maps/map-bucket.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const read = async (bucket: MapBucket, key: string) => (await bucket.get(key))?.text()
const keysOf = async (bucket: MapBucket, prefix: string) =>
  (await bucket.list({ prefix })).objects.map(({ key }) => key)

describe.each<[where: string, open: (limit?: number) => MapBucket]>([
  ['memory', limit => createMemoryBucket(limit)],
  ['a folder', limit => createFolderBucket(join(createTemporaryFolder(), 'events.db.sourcemaps'), limit)],
])('a bucket in %s', (_where, open) => {
  it('returns what was put last, and lists keys by their beginning, in order', async () => {
    const bucket = open()
    expect(await bucket.get('a/none')).toBeNull()
    expect(await keysOf(bucket, '')).toEqual([])
    for (const key of ['a/2', 'a/1', 'b/1']) await bucket.put(key, key)
    await bucket.put('a/1', 'é…'.repeat(10))
    expect(await read(bucket, 'a/1')).toBe('é…'.repeat(10))
    expect(await keysOf(bucket, 'a/')).toEqual(['a/1', 'a/2'])
    await bucket.delete(['a/1', 'a/none'])
    expect(await bucket.get('a/1')).toBeNull()
    expect(await keysOf(bucket, '')).toEqual(['a/2', 'b/1'])
  })

  it('drops what was put first when it is full, and keeps what was put last however large', async () => {
    const bucket = open(100)
    await bucket.put('first', 'x'.repeat(60))
    await bucket.put('second', 'x'.repeat(50))
    expect(await keysOf(bucket, '')).toEqual(['second'])
    await bucket.put('third', 'x'.repeat(500))
    expect(await keysOf(bucket, '')).toEqual(['third'])
    await bucket.put('fourth', 'x')
    expect(await keysOf(bucket, '')).toEqual(['fourth'])
  })
})

it('a folder is made with the first value, and opened again it has all of them', async () => {
  const folder = createTemporaryFolder()
  const path = join(folder, 'maps')
  const bucket = createFolderBucket(path)
  await bucket.list({ prefix: '' })
  expect(readdirSync(folder)).toEqual([])
  await bucket.put('a/b.json', '{}')
  utimesSync(join(path, 'a/b.json'), new Date(0), new Date(0))
  expect(await read(createFolderBucket(path), 'a/b.json')).toBe('{}')
  expect(readdirSync(join(path, 'a'))).toEqual(['b.json'])
})
