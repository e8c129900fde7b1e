/** What the pages say of the code is what the code says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeSections } from '../../scripts/docs/generated-sections.ts'
import { formatOptions, readOptions } from '../../scripts/docs/options-table.ts'
import { readSection, replaceSection } from '../../scripts/docs/replace-section.ts'
import { resolveAdapterOptions, resolveOptions } from '../../src/client/options.ts'
import { root } from '../package/bundle-entry.ts'
import { readPage } from './read-pages.ts'

const types = readFileSync(join(root, 'src/types.ts'), 'utf8')

const sections = Object.entries(makeSections()).flatMap(([path, made]) =>
  Object.entries(made).map(([name, section]) => ({ path, name, section })),
)

test.each(sections)('$path: $name is as npm run docs writes it', ({ path, name, section }) => {
  expect(section.split('\n').length).toBeGreaterThan(5)
  expect(readSection(readPage(path).text, name)).toBe(section)
})

test('every date and flag that workerd is tested with is named', () => {
  const suite = readFileSync(join(root, 'test/every-runtime.test.ts'), 'utf8')
  const settings = [...suite.matchAll(/^ +\['(\d{4}-\d\d-\d\d)', \[(?:'(\w+)')?\], (?:true|false)\],$/gm)]
  expect(settings).toHaveLength(4)
  const named = settings.flatMap(([, date = '', flag]) => (flag ? [date, `\`${flag}\``] : [date]))
  for (const words of named) expect(readPage('docs/runtimes.md').text).toContain(words)
})

describe('the table of options', () => {
  const page = readPage('docs/options.md').text
  const rows = readOptions(types, 'ClientOptions')
  const variablesOf = (option: string): string[] => rows.find(({ name }) => name === option)?.variables ?? []

  test('has every option, with its default', () => {
    const { settings } = resolveOptions({ apiKey: 'key' }, {})
    const { bulkUrl: _, ...options } = { ...settings, apiKey: undefined, ingestUrl: '<endpoint>/api/v1/ingest/events' }
    const told = rows.map(({ name, fallback }) => [name, fallback.replaceAll("'", '')])
    const real = Object.entries(options).map(([name, value]) => {
      if (name === 'transport') return [name, '`fetch`']
      // Lists and tables are empty by default.
      return [name, value === undefined || typeof value === 'object' ? '' : String(value)]
    })
    expect(told).toEqual(real)
  })

  test('has every option of an adapter, with its default', () => {
    const told = readOptions(types, 'AdapterOptions').filter(
      // Neither a setting of its own nor a default: a client, a list that is added to, and another name of an option.
      ({ name, meaning }) => name !== 'client' && name !== 'ignoredPaths' && !meaning.startsWith('Another name of '),
    )
    const { ignoredPaths, ...settings } = resolveAdapterOptions({})
    const real = Object.entries(settings).map(([name, value]) => [name, value === undefined ? '' : String(value)])
    expect(told.map(({ name, fallback }) => [name, fallback]).sort()).toEqual(real.sort())
    for (const path of ignoredPaths) expect(readSection(page, 'adapter-options')).toContain(`\`${path}\``)
  })

  test('has every variable that src/client/options.ts reads, in the order in which they count', () => {
    const asked: string[] = []
    const members: string[] = []
    const watch = (names: string[], found: object | undefined) =>
      new Proxy(
        {},
        {
          getOwnPropertyDescriptor(_, name) {
            names.push(String(name))
            return { configurable: true, enumerable: true, value: undefined }
          },
          get(_, name) {
            if (found === undefined) names.push(String(name))
            return name === 'CF_VERSION_METADATA' ? found : undefined
          },
        },
      )
    resolveOptions({ apiKey: 'key' }, watch(asked, watch(members, undefined)))
    const told = rows.flatMap(({ variables }) => variables)
    // The key was given, so nobody asks for its variable.
    const first = told.filter(name => name !== 'REPLAYSTACK_API_KEY').map(name => name.replace(/\..*/, ''))
    expect(first).toEqual(asked)
    expect(told.filter(name => name.includes('.')).map(name => name.replace(/.*\./, ''))).toEqual(members)
    expect(variablesOf('apiKey')).toEqual(['REPLAYSTACK_API_KEY'])
    for (const name of told) expect(readSection(page, 'options')).toContain(`\`${name}\``)
  })

  test('can hold what would end a cell, and is refused without a meaning', () => {
    const source =
      'interface One {\n  /** This | that. Env: `A_B`. @default 1 */\n  one?: string | number | undefined\n}'
    expect(formatOptions(readOptions(source, 'One')).split('\n')[2]).toBe(
      '| `one` | `A_B` | `string \\| number` | `1` | This \\| that. |',
    )
    expect(() => readOptions('interface One {\n  /** @default 1 */\n  one?: number\n}', 'One')).toThrow('does not say')
    expect(() => readOptions('interface One {\n  one?: number\n}', 'One')).toThrow('no doc comment')
  })
})

test('a section that is not there, or twice, is not written', () => {
  expect(replaceSection('a\n<!-- x:start -->\nold\n<!-- x:end -->\nb', 'x', 'new')).toBe(
    'a\n<!-- x:start -->\nnew\n<!-- x:end -->\nb',
  )
  for (const page of ['', '<!-- x:end --><!-- x:start -->', '<!-- x:start --><!-- x:start --><!-- x:end -->']) {
    expect(() => replaceSection(page, 'x', 'new')).toThrow('<!-- x:start -->')
  }
})
