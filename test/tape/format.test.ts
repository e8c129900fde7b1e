import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import type { Tape } from '../../src/tape/format.ts'

const folder = new URL('fixtures/', import.meta.url)
const readJson = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'))
const schema = readJson(new URL('../../docs/tape.schema.json', import.meta.url))
const isTape = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<Tape>(Object(schema))
const names = readdirSync(folder)

const fixture = (name: string): Tape => {
  const tape = readJson(new URL(name, folder))
  expect(isTape(tape), JSON.stringify(isTape.errors)).toBe(true)
  return tape as Tape
}

test('the fixtures are tapes, and have each kind of call between them', () => {
  const kinds = names.flatMap(name => fixture(name).calls.map(({ kind }) => kind))
  const { definitions } = Object(schema)
  expect(new Set(kinds)).toEqual(new Set(definitions.call.properties.kind.enum))
})

describe('the schema refuses', () => {
  const change = (edit: (tape: Record<string, unknown>, call: Record<string, unknown>) => void): boolean => {
    const tape = structuredClone(fixture('charge.tape.json'))
    edit(Object(tape), Object(tape.calls[0]))
    return isTape(tape)
  }

  test.each<[what: string, edit: Parameters<typeof change>[0]]>([
    ['another version', tape => Object.assign(tape, { version: 2 })],
    ['an incomplete tape that does not say why', tape => Object.assign(tape, { complete: false })],
    ['a complete tape that says why it is not', tape => Object.assign(tape, { why: ['it is not'] })],
    ['a kind that there is not', (_, call) => Object.assign(call, { kind: 'smtp' })],
    ['a call with an output and an error', (_, call) => Object.assign(call, { error: 'failed' })],
    ['a call without an input', (_, call) => Reflect.deleteProperty(call, 'input')],
    ['a mark that there is not', (_, call) => Object.assign(call, { output: { $: 'symbol' } })],
    ['a mark with a member of another', (_, call) => Object.assign(call, { output: { $: 'undefined', value: 1 } })],
    ['a reason that there is not', (_, call) => Object.assign(call, { output: { $: 'missing', why: 'lost' } })],
    ['a member of its own', (_, call) => Object.assign(call, { headers: {} })],
  ])('%s', (_, edit) => {
    expect(change(edit)).toBe(false)
  })
})
