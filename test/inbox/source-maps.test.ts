import { cpSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSourceMaps } from '../../src/inbox/local/open-source-maps.ts'
import { bundle, frame, SOURCES, write, writeProject } from './bundled-project.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const FOUND = { functionName: 'charge', fileName: 'src/payment.ts', lineNumber: 6, columnNumber: 51, own: true }

describe('a frame', () => {
  it('is shown in its source, with the lines around it', async () => {
    const { dist, generated } = await writeProject()
    expect(openSourceMaps(dist).resolve(frame('index.js', generated))).toEqual({
      ...FOUND,
      context: [
        { line: 3, text: '/** Fails without one. */' },
        { line: 4, text: 'export function charge(order: Order): string {' },
        { line: 5, text: '  // The card is not checked.' },
        { line: 6, text: '  return (order as { card: { id: string } }).card.id' },
        { line: 7, text: '}' },
        { line: 8, text: '// The last line.' },
      ],
    })
  })

  it.each([
    'index.js',
    './index.js',
    'index.js?v=1',
    'file:///app/script-0.mjs',
    'file:///somewhere/.wrangler/tmp/dev-1/index.js',
    'file:///app/dir%20with%20space/index.js?v=1%20x&t=9#frag',
    '/app/dir with space (x86)/[slug]/index.js',
    'https://shop.example/assets/index.js?v=2',
    'C:\\app\\dist\\index.js',
    'worker.js',
  ])('of %s finds its map', async fileName => {
    const { dist, generated } = await writeProject()
    expect(openSourceMaps(dist).resolve(frame(fileName, generated))).toMatchObject(FOUND)
  })

  it.each([
    'node:internal/process/task_queues',
    'wasm://wasm/index.js',
    'data:text/javascript,index.js',
    'ext:core/01_core.js',
    'file:///app/other.js',
    '/app/node_modules/x/lib/main.js',
    'evalmachine.<anonymous>',
    'index.js.map',
    '%E0%A4%A',
    '',
    '/',
  ])('of %j has none', async fileName => {
    const { dist, generated } = await writeProject()
    expect(openSourceMaps(dist).resolve(frame(fileName, generated))).toBeUndefined()
  })

  it('of a name that needs decoding finds its map', async () => {
    const { dist, generated } = await writeProject('dist/[slug] page.js')
    write(dist, { 'other.js.map': '{}' })
    const maps = openSourceMaps(dist)
    expect(maps.resolve(frame('file:///x/%5Bslug%5D%20page.js', generated))).toMatchObject(FOUND)
    expect(maps.resolve(frame('/x/[slug] page.js', generated))).toMatchObject(FOUND)
  })

  it('finds its map by the file that the map names, when no map has its name', async () => {
    const { dist, generated } = await writeProject()
    const map: object = JSON.parse(readFileSync(join(dist, 'index.js.map'), 'utf8'))
    rmSync(join(dist, 'index.js.map'))
    write(dist, { 'abc123.map': JSON.stringify({ ...map, file: 'bundle.js' }), 'other.js.map': '{}' })
    expect(openSourceMaps(dist).resolve(frame('file:///app/bundle.js', generated))).toMatchObject(FOUND)
  })

  it('finds, of several maps of one name, that of its folder', async () => {
    const { project, dist, generated } = await writeProject('dist/shop/index.js')
    cpSync(join(project, 'dist/shop'), join(project, 'dist/admin'), { recursive: true })
    write(dist, { 'admin/index.js.map': '{"version":3,"sources":["../../src/admin.ts"],"names":[],"mappings":"AAAA"}' })
    const maps = openSourceMaps(dist)
    expect(maps.resolve(frame('file:///app/shop/index.js', generated))).toMatchObject(FOUND)
    expect(maps.resolve(frame('file:///app/admin/index.js', { lineNumber: 1, columnNumber: 1 }))).toMatchObject({
      fileName: 'src/admin.ts',
    })
  })

  it('of a bare name is not guessed among several maps', async () => {
    const { dist, generated } = await writeProject()
    write(dist, { 'other.js.map': '{}' })
    expect(openSourceMaps(dist).resolve(frame('worker.js', generated))).toBeUndefined()
  })

  it('without a column is its line’s', async () => {
    const { dist, generated } = await writeProject()
    const { lineNumber } = generated
    expect(openSourceMaps(dist).resolve(frame('index.js', { lineNumber }))).toMatchObject({
      fileName: 'src/payment.ts',
      lineNumber: 6,
    })
  })

  it.each([{}, { lineNumber: 100_000, columnNumber: 1 }, { lineNumber: 1, columnNumber: 1 }])(
    'at %j, where the map has nothing, stays as it is',
    async position => {
      const { dist } = await writeProject()
      expect(openSourceMaps(dist).resolve(frame('index.js', position))).toBeUndefined()
    },
  )
})

describe('a map', () => {
  it('is read again after it was rebuilt, and not before', async () => {
    const { project, dist } = await writeProject()
    const maps = openSourceMaps(dist)
    const before = await bundle(project)
    expect(maps.resolve(frame('index.js', before))).toMatchObject({ lineNumber: 6 })
    write(project, { 'src/payment.ts': `\n\n\n\n${SOURCES['src/payment.ts']}` })
    const after = await bundle(project)
    // Builds of one millisecond are not this test's matter.
    utimesSync(join(dist, 'index.js.map'), new Date(), new Date(Date.now() + 5000))
    expect(maps.resolve(frame('index.js', after))).toMatchObject({
      lineNumber: 10,
      context: expect.arrayContaining([{ line: 12, text: '// The last line.' }]),
    })
  })

  it('is found when it is written after the folder was opened, and forgotten when it is gone', async () => {
    const project = createTemporaryFolder()
    write(project, { ...SOURCES, 'dist/.keep': '' })
    const maps = openSourceMaps(join(project, 'dist'), { listingMs: 0 })
    expect(maps.resolve(frame('index.js', { lineNumber: 4, columnNumber: 1 }))).toBeUndefined()
    const generated = await bundle(project)
    expect(maps.resolve(frame('index.js', generated))).toMatchObject(FOUND)
    rmSync(join(project, 'dist/index.js.map'))
    expect(maps.resolve(frame('index.js', generated))).toBeUndefined()
  })

  it('that is gone between two looks at the folder is no error', async () => {
    const { dist, generated } = await writeProject()
    const problems: Error[] = []
    const maps = openSourceMaps(dist, { onProblem: error => problems.push(error), listingMs: 60_000 })
    expect(maps.resolve(frame('index.js', generated))).toMatchObject(FOUND)
    rmSync(dist, { recursive: true })
    expect(maps.resolve(frame('index.js', generated))).toBeUndefined()
    expect(problems).toEqual([])
  })

  it('in sections is one map', async () => {
    const { dist, generated } = await writeProject()
    const map: unknown = JSON.parse(readFileSync(join(dist, 'index.js.map'), 'utf8'))
    const first = { version: 3, sources: ['../src/first.ts'], names: [], mappings: 'AAAA' }
    const sections = [
      { offset: { line: 0, column: 0 }, map: first },
      { offset: { line: 100, column: 0 }, map: { version: 3, sections: [{ offset: { line: 0, column: 0 }, map }] } },
    ]
    write(dist, { 'index.js.map': JSON.stringify({ version: 3, file: 'index.js', sections }) })
    const maps = openSourceMaps(dist)
    expect(maps.resolve(frame('index.js', { ...generated, lineNumber: generated.lineNumber + 100 }))).toMatchObject({
      ...FOUND,
      context: expect.arrayContaining([{ line: 7, text: '}' }]),
    })
    expect(maps.resolve(frame('index.js', { lineNumber: 1, columnNumber: 1 }))).toMatchObject({
      fileName: 'src/first.ts',
    })
  })

  it('is parsed once, and again only when many others were needed since', async () => {
    const { dist, generated } = await writeProject('dist/0.js')
    for (let index = 1; index < 40; index++) cpSync(join(dist, '0.js.map'), join(dist, `${index}.js.map`))
    for (let index = 0; index < 40; index++) setTime(join(dist, `${index}.js.map`))
    const maps = openSourceMaps(dist)
    const nameOf = (index: number) => maps.resolve(frame(`${index}.js`, generated))?.fileName
    for (let index = 0; index < 40; index++) expect(nameOf(index)).toBe('src/payment.ts')
    for (let index = 0; index < 40; index++) replaceUnseen(join(dist, `${index}.js.map`), 'payment.ts', 'changed.ts')
    // The newest is still known as it was; the first is read anew.
    expect(nameOf(39)).toBe('src/payment.ts')
    expect(nameOf(0)).toBe('src/changed.ts')
    expect(nameOf(39)).toBe('src/payment.ts')
  })
})

/** Changes a file, but neither its size nor its time, which {@link setTime} has set. */
function replaceUnseen(path: string, text: string, other: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(text, other))
  setTime(path)
}

function setTime(path: string): void {
  utimesSync(path, 1_700_000_000, 1_700_000_000)
}
