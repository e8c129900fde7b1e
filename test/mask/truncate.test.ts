import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fitsUtf8,
  isTruncationMarker,
  truncatePayload,
  truncateUtf8String,
  truncationMarker,
  utf8Length,
} from '../../src/mask/truncate.ts'
import { runs } from '../support/fuzz.ts'

const bytesOf = (text: string): number => new TextEncoder().encode(text).length
const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom('a', 'é', '€', '😀', '\ud83d', '\ude00', '\0'), fc.string()),
})
const endsInHalf = (whole: string, cut: string): boolean => (whole.codePointAt(cut.length - 1) ?? 0) > 0xffff

describe('sizes', () => {
  it.each([
    ['', 0],
    ['a', 1],
    ['\x7f\x80', 3],
    ['\u07ff\u0800', 5],
    ['é', 2],
    ['€', 3],
    ['😀', 4],
    ['\ud83d', 3],
    ['\ude00', 3],
    ['\ude00\ud83d', 6],
    ['\ud83d\ud83d\ude00', 7],
  ])('of %j are %i bytes', (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes)
  })

  it('are those of TextEncoder, and fit where they do', () => {
    fc.assert(
      fc.property(anyText, fc.nat(60), (text, max) => {
        expect(utf8Length(text)).toBe(bytesOf(text))
        expect(fitsUtf8(text, max)).toBe(bytesOf(text) <= max)
      }),
      runs(),
    )
  })
})

describe('a text cut to bytes', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abc', 2, 'ab'],
    ['abc', 0, ''],
    ['abc', -1, ''],
    ['abc', Number.NaN, ''],
    ['abc', Number.POSITIVE_INFINITY, 'abc'],
    ['abcd', 3, '…'],
    ['abcde', 4, 'a…'],
    ['aé', 2, 'a'],
    ['aé', 3, 'aé'],
    ['€€', 5, '…'],
    ['€€€', 6, '€…'],
    ['a😀bc', 6, 'a…'],
    ['a😀bcde', 8, 'a😀…'],
    ['\ud83d\ud83d\ude00', 6, '\ud83d…'],
    ['\ud83da', 3, '…'],
  ])('%j to %d is %j', (text, max, expected) => {
    expect(truncateUtf8String(text, max)).toBe(expected)
  })

  it('is its longest beginning that fits, with `…` where there is room, and never half a pair', () => {
    fc.assert(
      fc.property(anyText, fc.nat(60), (text, max) => {
        const cut = truncateUtf8String(text, max)
        expect(bytesOf(cut)).toBeLessThanOrEqual(max)
        if (cut === text) return
        if (max >= 3) expect(cut.endsWith('…')).toBe(true)
        const beginning = max >= 3 ? cut.slice(0, -1) : cut
        expect(text.startsWith(beginning)).toBe(true)
        expect(endsInHalf(text, beginning)).toBe(false)
        const next = String.fromCodePoint(text.codePointAt(beginning.length) ?? 0)
        expect(bytesOf(beginning + next)).toBeGreaterThan(max >= 3 ? max - 3 : max)
      }),
      runs(),
    )
  })

  it('of 5 MB is cut as a short one is', () => {
    expect(truncateUtf8String('é'.repeat(5_000_000), 9)).toBe('ééé…')
  })
})

describe('the marker', () => {
  it('has exactly these keys', () => {
    expect(truncationMarker('{"a":1}', { originalSizeBytes: 7 }, 5)).toStrictEqual({
      __truncated: true,
      originalSizeBytes: 7,
      maxSizeBytes: 5,
      preview: '{"a":',
    })
    expect(truncationMarker('{"a":1}', { originalSizeBytes: 9, sizeIsMinimum: true }, 7)).toStrictEqual({
      __truncated: true,
      originalSizeBytes: 9,
      maxSizeBytes: 7,
      sizeIsMinimum: true,
      preview: '{"a":1}',
    })
  })

  it('previews 2,000 characters, and not half a pair', () => {
    const preview = (text: string): string => truncationMarker(text, { originalSizeBytes: 5000 }, 4000).preview
    expect(preview('a'.repeat(5000))).toBe('a'.repeat(2000))
    expect(preview(`${'a'.repeat(1999)}😀`)).toBe('a'.repeat(1999))
    expect(preview(`${'a'.repeat(1998)}😀`)).toBe(`${'a'.repeat(1998)}😀`)
  })

  it('is known by its keys, and holds no more than one does', () => {
    const marker = truncationMarker('a', { originalSizeBytes: 9, sizeIsMinimum: true }, 5)
    expect(isTruncationMarker(marker)).toBe(true)
    for (const other of [
      { ...marker, more: 1 },
      { ...marker, preview: 'a'.repeat(2001) },
      { ...marker, preview: 1 },
      { ...marker, maxSizeBytes: 'a'.repeat(5000) },
      { ...marker, __truncated: 'true' },
      null,
      'text',
    ]) {
      expect(isTruncationMarker(other)).toBe(false)
    }
  })
})

describe('truncatePayload', () => {
  it('is the payload itself where it fits, by its bytes', () => {
    const payload = { text: 'é' }
    expect(truncatePayload(payload, 13)).toBe(payload)
    expect(truncatePayload(payload, 12)).toStrictEqual({
      __truncated: true,
      originalSizeBytes: 13,
      maxSizeBytes: 12,
      preview: '{"text":"é"}',
    })
  })

  it('leaves what has no JSON, and does not change what it is given', () => {
    expect(truncatePayload(undefined, 0)).toBe(undefined)
    const payload = Object.freeze({ list: Object.freeze([1, 2, 3]) })
    expect(truncatePayload(payload, 5)).toMatchObject({ __truncated: true, originalSizeBytes: 16 })
    expect(payload).toEqual({ list: [1, 2, 3] })
  })

  it('throws what JSON.stringify throws', () => {
    expect(() => truncatePayload(1n, 5)).toThrow(TypeError)
  })
})
