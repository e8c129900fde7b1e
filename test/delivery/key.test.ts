import { describe, expect, it } from 'vitest'
import { maskKey, maskKeyInJson, withoutKey } from '../../src/delivery/key.ts'

const KEY = '12345678'
const TOO_SHORT = '1234567'

describe('a key of eight characters', () => {
  it('is masked in a text, in JSON and in what was thrown; a shorter one nowhere', () => {
    expect(maskKey(`(${KEY})`, KEY)).toBe('([MASKED])')
    expect(maskKeyInJson(`["${KEY}"]`, KEY)).toBe('["[MASKED]"]')
    expect(withoutKey(new Error(KEY), KEY)).toMatchObject({ message: '[MASKED]' })
    const thrown = new Error(TOO_SHORT)
    expect(maskKey(`(${TOO_SHORT})`, TOO_SHORT)).toBe(`(${TOO_SHORT})`)
    expect(maskKeyInJson(`["${TOO_SHORT}"]`, TOO_SHORT)).toBe(`["${TOO_SHORT}"]`)
    expect(withoutKey(thrown, TOO_SHORT)).toBe(thrown)
  })
})

it('is masked as JSON writes it, too', () => {
  const key = '12"34\\5678'
  expect(maskKey(`(${key}) ${JSON.stringify([key])}`, key)).toBe('([MASKED]) ["[MASKED]"]')
})

describe('what was thrown', () => {
  it.each(['name', 'message', 'stack', 'cause'])('loses the key from a %s that its class computes', name => {
    class Computed extends Error {}
    Object.defineProperty(Computed.prototype, name, { get: () => `sent with ${KEY}` })
    const thrown = new Computed()
    // An own property would be seen before the one of the class.
    Reflect.deleteProperty(thrown, name)
    const copy = withoutKey(thrown, KEY)
    expect(copy).not.toBe(thrown)
    expect(Reflect.get(Object(copy), name)).toEqual(
      name === 'cause' ? expect.objectContaining({ message: 'sent with [MASKED]' }) : 'sent with [MASKED]',
    )
  })

  it('has a cause afterwards only where it had one', () => {
    expect(withoutKey(new Error(KEY), KEY)).not.toHaveProperty('cause')
    expect(withoutKey(new Error('x', { cause: KEY }), KEY)).toHaveProperty('cause.message', '[MASKED]')
  })

  it('is copied with ten causes, and never without end', () => {
    const thrown = new Error(KEY)
    thrown.cause = thrown
    expect(withoutKey(thrown, KEY)).toHaveProperty(Array(10).fill('cause'))
    expect(withoutKey(thrown, KEY)).not.toHaveProperty(Array(11).fill('cause'))
  })
})
