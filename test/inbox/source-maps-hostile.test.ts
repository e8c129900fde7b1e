import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InboxError } from '../../src/inbox/inbox-error.ts'
import { openSourceMaps } from '../../src/inbox/local/open-source-maps.ts'
import { runs } from '../support/fuzz.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const FRAME = { functionName: 'f', fileName: 'index.js', lineNumber: 1, columnNumber: 1, raw: 'at f' }

/** The maps of a project whose one map is this text, and what was said of it. */
function openMap(text: string | Buffer, files: Record<string, string> = {}) {
  const project = createTemporaryFolder()
  const dist = join(project, 'dist')
  mkdirSync(dist)
  for (const [name, content] of Object.entries({ 'package.json': '{}', ...files }))
    writeFileSync(join(project, name), content)
  const path = join(dist, 'index.js.map')
  writeFileSync(path, text)
  const problems: string[] = []
  return { path, project, problems, maps: openSourceMaps(dist, { onProblem: error => problems.push(error.message) }) }
}

function nest(depth: number): string {
  const open = '{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":'
  return `${open.repeat(depth)}{"version":3,"sources":[],"names":[],"mappings":""}${'}]}'.repeat(depth)}`
}

describe('a map that is broken', () => {
  it.each<[what: string, text: string | Buffer]>([
    ['empty', ''],
    ['no JSON', 'mappings'],
    ['binary', Buffer.alloc(1000, 0xa5)],
    ['cut off', '{"version":3,"sources":["a.ts"],"mappings":"AA'],
    ['a list', '[]'],
    ['null', 'null'],
    ['without mappings', '{"version":3,"sources":["a.ts"]}'],
    ['with mappings of another type', '{"version":3,"sources":["a.ts"],"mappings":{"length":1}}'],
    ['with mappings that are none', '{"version":3,"sources":["a.ts"],"mappings":"!!!!~~~~€€€€"}'],
    ['a section without an offset', '{"sections":[{"map":{"mappings":""}}]}'],
    ['a section of nothing', '{"sections":[null]}'],
    ['a section with an address', '{"sections":[{"offset":{"line":0,"column":0},"url":"http://localhost/"}]}'],
    [
      'a section at the end of the world',
      '{"sections":[{"offset":{"line":4294967295,"column":0},"map":{"mappings":""}}]}',
    ],
    ['a section of a negative line', '{"sections":[{"offset":{"line":-1,"column":0},"map":{"mappings":""}}]}'],
    ['sections in sections in sections', nest(100)],
    ['sections without an end', nest(20_000)],
    ['more lines than there can be', JSON.stringify({ sources: [], mappings: ';'.repeat(2_000_000) })],
    ['more mappings than can be read', JSON.stringify({ sources: [], mappings: 'AAAA,'.repeat(6_000_000) })],
  ])('(%s) is told of once, in one line, and explains nothing', (_what, text) => {
    const { path, problems, maps } = openMap(text)
    for (let times = 0; times < 3; times++) expect(maps.resolve(FRAME)).toBeUndefined()
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^[^\n]+$/)
    expect(problems[0]).toContain(`${path} cannot be used as a source map: `)
  })

  it('is used as soon as it is well', () => {
    const { path, problems, maps } = openMap('{')
    expect(maps.resolve(FRAME)).toBeUndefined()
    writeFileSync(path, '{"version":3,"sources":["../a.ts"],"names":[],"mappings":"AAAA"}')
    utimesSync(path, new Date(), new Date(Date.now() + 5000))
    expect(maps.resolve(FRAME)).toMatchObject({ fileName: 'a.ts' })
    expect(problems).toHaveLength(1)
  })

  it.each([
    ['sources of other types', { sources: [null, 5, {}], mappings: 'AAAA' }],
    ['no such source', { sources: ['a.ts'], mappings: 'AEAA' }],
    ['no sources', { mappings: 'AAAA' }],
    ['places before the first', { sources: ['a.ts'], mappings: 'AADD' }],
    ['a number that never ends', { sources: ['a.ts'], mappings: 'g'.repeat(10_000) }],
    ['a root of another type', { sources: [null], sourceRoot: 5, mappings: 'AAAA' }],
  ])('with %s explains nothing', (_what, map) => {
    const { maps } = openMap(JSON.stringify({ version: 3, names: [], ...map }))
    expect(maps.resolve(FRAME)).toBeUndefined()
  })

  it('never throws, whatever it holds', () => {
    const json = fc.oneof(fc.jsonValue(), fc.record({ mappings: fc.string(), sources: fc.array(fc.jsonValue()) }))
    const map = fc.record(
      {
        version: json,
        file: json,
        sourceRoot: json,
        names: json,
        sources: fc.oneof(json, fc.array(fc.webUrl()), fc.array(fc.string())),
        sourcesContent: json,
        ignoreList: json,
        mappings: fc.oneof(fc.string({ unit: fc.constantFrom(...'ABCDgh,;') }), json),
        sections: json,
      },
      { requiredKeys: ['mappings', 'sources'] },
    )
    fc.assert(
      fc.property(map, fc.nat(3), fc.nat(50), (value, lineNumber, columnNumber) => {
        const { maps } = openMap(JSON.stringify(value))
        expect(() => maps.resolve({ ...FRAME, lineNumber, columnNumber })).not.toThrow()
      }),
      runs(150),
    )
  })

  it('is not read by way of a link', () => {
    const { maps, project } = openMap('{}')
    const outside = join(createTemporaryFolder(), 'other.js.map')
    writeFileSync(outside, '{"version":3,"sources":["../a.ts"],"names":[],"mappings":"AAAA"}')
    symlinkSync(outside, join(project, 'dist/other.js.map'))
    expect(maps.resolve({ ...FRAME, fileName: 'other.js' })).toBeUndefined()
  })
})

describe('a map that asks for files', () => {
  const secret = 'THE-SECRET=1'

  it.each([
    '/etc/passwd',
    'file:///etc/passwd',
    'file://localhost/etc/passwd',
    'file:///%2e%2e/etc/passwd',
    '../../../../../../../../../../../../etc/passwd',
    '..\\..\\..\\..\\etc\\passwd',
    '../.env',
    '../.env\u0000.ts',
    '../package.json',
    '../dist',
    'http://localhost/a.ts',
  ])('is not given %j', source => {
    const map = { version: 3, sources: [source], names: [], mappings: 'AAAA' }
    const { maps, problems } = openMap(JSON.stringify(map), { '.env': secret })
    const resolved = maps.resolve(FRAME)
    expect(resolved).toBeDefined()
    expect(resolved?.context).toBeUndefined()
    expect(problems).toEqual([])
  })

  it('is given a source of the project beside it, and none of a folder whose name begins like the project’s', () => {
    const { maps, project, path } = openMap('{}', { 'a.ts': 'mine' })
    const map = (source: string) => JSON.stringify({ version: 3, sources: [source], names: [], mappings: 'AAAA' })
    writeFileSync(path, map('../a.ts'))
    expect(maps.resolve(FRAME)?.context).toEqual([{ line: 1, text: 'mine' }])
    const sibling = `${project}-secret`
    mkdirSync(sibling)
    writeFileSync(join(sibling, 'a.ts'), secret)
    const sized = map(join(sibling, 'a.ts'))
    writeFileSync(path, sized)
    const resolved = maps.resolve(FRAME)
    expect(resolved?.fileName).toContain('-secret/a.ts')
    expect(resolved?.context).toBeUndefined()
  })
})

describe('a folder', () => {
  it.each(['nowhere', 'file'])('that is none (%s) is refused in one line', name => {
    const folder = createTemporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    const path = join(folder, name)
    expect(() => openSourceMaps(path)).toThrow(InboxError)
    expect(() => openSourceMaps(path)).toThrow(`${path} is not a folder that source maps could be read from`)
  })

  it('that is a circle of links, deep, or full of modules is read all the same', () => {
    const { project, maps } = openMap('{"version":3,"sources":["../a.ts"],"names":[],"mappings":"AAAA"}')
    symlinkSync(project, join(project, 'dist/circle'))
    mkdirSync(join(project, 'dist', ...Array<string>(40).fill('deep')), { recursive: true })
    mkdirSync(join(project, 'dist/node_modules/x'), { recursive: true })
    writeFileSync(
      join(project, 'dist/node_modules/x/other.js.map'),
      '{"version":3,"sources":["x.ts"],"mappings":"AAAA"}',
    )
    expect(maps.resolve(FRAME)).toMatchObject({ fileName: 'a.ts' })
    expect(maps.resolve({ ...FRAME, fileName: '/app/other.js' })).toBeUndefined()
  })
})
