import { describe, expect, it } from 'vitest'
import { cutToWidth, displayWidth, escapeControlCharacters, padToWidth } from '../../src/inbox/terminal-text.ts'

describe('escapeControlCharacters', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u0000\u0007\u007f\u009b', '\\u0000\\u0007\\u007f\\u009b'],
    ['\u202eevil\u2066\u2028', '\\u202eevil\\u2066\\u2028'],
    ['\ud800x', '\\ud800x'],
    ['pay\u2060pal\u00ad \u3164 \u{e0041}', 'pay\\u2060pal\\u00ad \\u3164 \\udb40\\udc41'],
    ['Grüße, 世界 👩‍👩‍👧', 'Grüße, 世界 👩‍👩‍👧'],
  ])('of %j', (text, expected) => {
    expect(escapeControlCharacters(text)).toBe(expected)
  })

  it('leaves no control character of Unicode', () => {
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).join('')
    expect(escapeControlCharacters(all)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
  })

  it('leaves JSON the same JSON', () => {
    const value = { text: 'a\u001b\u009b\u202e\n"\\' }
    expect(JSON.parse(escapeControlCharacters(JSON.stringify(value)))).toEqual(value)
  })
})

describe('width', () => {
  it.each([
    ['abc', 3],
    ['', 0],
    ['é', 1],
    ['e\u0301', 1],
    ['世界', 4],
    ['👩‍👩‍👧', 2],
    ['✔', 1],
    ['…', 1],
  ])('of %j is %d', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['世界世界', 8, '世界世界'],
    ['世界世界', 7, '世界世…'],
    ['世界世界', 6, '世界…'],
    ['a👩‍👩‍👧b', 3, 'a…'],
  ])('%j cut to %d is %j', (text, width, expected) => {
    expect(cutToWidth(text, width)).toBe(expected)
    expect(displayWidth(cutToWidth(text, width))).toBeLessThanOrEqual(width)
  })

  it('is filled with spaces', () => {
    expect(padToWidth('世', 4)).toBe('世  ')
    expect(padToWidth('世', 4, 'right')).toBe('  世')
    expect(padToWidth('long', 2)).toBe('long')
  })
})
