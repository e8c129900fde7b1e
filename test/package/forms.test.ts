/** What GitHub reads of `.github/`: a form that is no YAML is not shown, and nobody is told. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sdkEntries } from '../../build/entries.ts'
import { root } from './bundle-entry.ts'

/** typedoc reads YAML too, and brings the package that does. */
const { parse }: { parse(text: string): unknown } = createRequire(createRequire(import.meta.url).resolve('typedoc'))(
  'yaml',
)

const folder = join(root, '.github')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.yml'))
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

interface Form {
  name: string
  description: string
  body: { type: string; id?: string; attributes: { label?: string; options?: string[] }; validations?: object }[]
}

test.each(files)('%s is YAML', name => {
  expect(parse(read(name))).toBeTypeOf('object')
})

describe('a report of a bug', () => {
  const form = parse(read('ISSUE_TEMPLATE/bug.yml')) as Form
  const required = form.body.filter(({ validations }) => Object(validations).required === true).map(({ id }) => id)

  test('asks for what one needs to see it happen', () => {
    expect(required).toEqual(['what', 'reproduction', 'version', 'entry', 'runtime', 'host', 'debug'])
    expect(form.body.find(({ id }) => id === 'debug')?.attributes).toMatchObject({
      description: expect.stringContaining('`debug: true`'),
    })
  })

  test('knows every entry', () => {
    const names = Object.keys(sdkEntries).map(name => (name === 'index' ? '' : `/${name}`))
    const options = form.body.find(({ id }) => id === 'entry')?.attributes.options
    expect(options).toEqual([...names.map(name => `@replaystack/edge${name}`), 'the replaystack command'])
  })

  test('sends vulnerabilities elsewhere', () => {
    expect(read('ISSUE_TEMPLATE/bug.yml')).toContain('[SECURITY.md](../security/policy)')
    expect(existsSync(join(folder, 'SECURITY.md'))).toBe(true)
  })
})

test('updates are looked for in every folder with a lock, and for the workflows', () => {
  const { updates } = parse(read('dependabot.yml')) as {
    updates: { 'package-ecosystem': string; directory?: string; directories?: string[]; groups: object }[]
  }
  const folders = updates
    .filter(one => one['package-ecosystem'] === 'npm')
    .flatMap(({ directory, directories = [] }) => (directory ? [directory] : directories))
  expect(folders.filter(name => !existsSync(join(root, name, 'package-lock.json')))).toEqual([])
  expect(folders.sort()).toEqual([
    '/',
    '/bench',
    '/test/hosts',
    '/test/lambda/runtime',
    '/test/lambda/runtime-20',
    '/test/runtimes/hosts',
  ])
  expect(updates.map(one => one['package-ecosystem'])).toContain('github-actions')
  expect(updates.every(({ groups }) => Object.keys(groups).length > 0)).toBe(true)
})
