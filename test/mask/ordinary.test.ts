/** What is no secret comes out as it went in: prose of many languages, and responses of APIs. `bench/false-alarms.mjs` counts more. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BodyText, maskRules, writeBody } from '../../src/mask/json.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { maskText } from '../../src/mask/text.ts'
import { apiResponses } from '../support/api-responses.ts'

const names = compileMaskNames()
const rules = maskRules([], 2 ** 24)
const modules = new URL('../../node_modules/', import.meta.url)

/** The texts of a JSON value, without its keys. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

function readTexts(path: string): string[] {
  return textsOf(JSON.parse(readFileSync(new URL(path, modules), 'utf8')))
}

/** Under which names two values differ. */
function differences(one: unknown, other: unknown, name = ''): string[] {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) {
    return Object.is(one, other) ? [] : [name]
  }
  return Object.entries(one).flatMap(([key, value]) =>
    differences(value, Reflect.get(other, key), Array.isArray(one) ? name : key),
  )
}

describe('prose', () => {
  const languages = readdirSync(new URL('typescript/lib/', modules), { withFileTypes: true }).filter(entry =>
    entry.isDirectory(),
  )

  it('is there in more than ten languages', () => {
    expect(languages.length).toBeGreaterThan(10)
  })

  it.each(languages.map(({ name }) => name))('of TypeScript in %s stays', language => {
    const texts = readTexts(`typescript/lib/${language}/diagnosticMessages.generated.json`)
    expect(texts.length).toBeGreaterThan(1_000)
    expect(texts.filter(text => maskText(text, names) !== text)).toEqual([])
  })

  it('of axe-core stays', () => {
    const texts = readdirSync(new URL('axe-core/locales/', modules))
      .filter(file => file.endsWith('.json'))
      .flatMap(file => readTexts(`axe-core/locales/${file}`))
    expect(texts.filter(text => maskText(text, names) !== text)).toEqual([])
  })
})

describe('responses of APIs', () => {
  const responses = apiResponses()

  it.each([...new Set(responses.map(({ service }) => service))])('such as those of %s stay', service => {
    const changed = responses
      .filter(response => response.service === service)
      .flatMap(({ json }) =>
        differences(JSON.parse(json), JSON.parse(writeBody(new BodyText(json, true), rules) ?? '')),
      )
    // A list of two looks like a name and its value; and what is under `signatures` goes, whatever it is.
    expect(changed.filter(name => name !== 'topics' && name !== 'signatures')).toEqual([])
  })
})
