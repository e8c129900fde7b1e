import { describe, expect, it } from 'vitest'
import {
  buildAbsoluteRequestUrlFromParts,
  MAX_REQUEST_URL_BYTES,
  normalizeAbsoluteRequestUrl,
  normalizeEndpoint,
  type RequestUrlParts,
  shouldIgnorePath,
} from '../../src/event/url.ts'

describe('an endpoint', () => {
  it.each([
    ['https://h/a?b', '/a'],
    ['https://h/a#b', '/a'],
    ['https://h/a/b/', '/a/b/'],
    ['https://h', '/'],
    ['https://h/', '/'],
    ['https://h?a=b', '/'],
    ['https://h#a', '/'],
    ['HTTPS://H/A', '/A'],
    ['http://u:p@h:80/a?b#c', '/a'],
    ['http://[::1]:80/a', '/a'],
    ['ws://h/socket', '/socket'],
    ['/a', '/a'],
    ['/a?b=c', '/a'],
    ['/a#b', '/a'],
    ['/?a', '/'],
    ['/', '/'],
    ['//a', '//a'],
    ['/orders/:id', '/orders/:id'],
    ['/%2Fa b', '/%2Fa b'],
    ['daily-report-job', 'daily-report-job'],
    ['*/5 * * * *', '*/5 * * * *'],
    ['why? because #1', 'why? because #1'],
    ['Class.method', 'Class.method'],
    ['', ''],
  ])('%j is %j', (endpoint, expected) => {
    expect(normalizeEndpoint(endpoint)).toBe(expected)
  })
})

describe('an absolute URL', () => {
  it.each(['https://h', 'http://h/a?b#c', 'HTTP://h', 'https://ü.example/é'])('stays: %s', url => {
    expect(normalizeAbsoluteRequestUrl(url)).toBe(url)
  })

  it.each([
    '',
    '/a',
    'h/a',
    '//h/a',
    'ftp://h/a',
    'javascript://h',
    'https://',
    'https:///a',
    'https://?a',
    ' https://h',
  ])('is not %j', url => {
    expect(normalizeAbsoluteRequestUrl(url)).toBe(undefined)
  })

  it('is cut to bytes, and not inside a code point', () => {
    expect(MAX_REQUEST_URL_BYTES).toBe(8192)
    expect(normalizeAbsoluteRequestUrl(`https://h/${'a'.repeat(9000)}`)).toHaveLength(8192)
    expect(normalizeAbsoluteRequestUrl('https://h/é😀', 12)).toBe('https://h/é')
    expect(normalizeAbsoluteRequestUrl('https://h/é😀', 15)).toBe('https://h/é')
    expect(normalizeAbsoluteRequestUrl('https://h/é😀', 16)).toBe('https://h/é😀')
  })
})

describe('a URL of its parts', () => {
  const rows: [RequestUrlParts, string | undefined][] = [
    [{ host: 'h' }, 'http://h/'],
    [{ protocol: 'https', host: 'h', path: '/a?b=c' }, 'https://h/a?b=c'],
    [{ protocol: 'https:', host: 'h:8443', path: '/a' }, 'https://h:8443/a'],
    [{ protocol: 'HTTPS://', host: 'h', path: '/a' }, 'https://h/a'],
    [{ protocol: '', host: 'h', path: '' }, 'http://h/'],
    [{ protocol: 'http', host: 'h', path: 'a' }, 'http://h/a'],
    [{ protocol: 'http', host: 'h', path: '//evil/a' }, 'http://h//evil/a'],
    [{ protocol: 'http', host: 'h', path: '*' }, 'http://h/*'],
    [{ protocol: 'http', host: 'h', path: 'http://proxy/a' }, 'http://proxy/a'],
    [{ protocol: 'http', host: '[::1]:3000', path: '/' }, 'http://[::1]:3000/'],
    [{ protocol: 'javascript', host: 'h' }, undefined],
    [{ protocol: 'https', path: '/a' }, undefined],
    [{ host: '' }, undefined],
    [{ host: 'a, b' }, undefined],
    [{ host: 'u:p@h' }, undefined],
    [{ host: 'h/path' }, undefined],
    [{ host: 'h?a' }, undefined],
    [{ host: 'h#a' }, undefined],
    [{ host: 'h\\a' }, undefined],
    [{ host: 'h\nx' }, undefined],
  ]

  it.each(rows)('%j is %j', (parts, expected) => {
    expect(buildAbsoluteRequestUrlFromParts(parts)).toBe(expected)
  })

  it('is cut to 8,192 bytes', () => {
    expect(buildAbsoluteRequestUrlFromParts({ host: 'h', path: `/${'a'.repeat(9000)}` })).toHaveLength(8192)
  })
})

describe('an ignored path', () => {
  it.each([
    ['/health', '/health', true],
    ['/health', '/health/live', true],
    ['/health', '/healthcare', false],
    ['/health', '/api/health', false],
    ['/health', '/Health', false],
    ['/health', '/health?a', false],
    ['/health/', '/health/live', true],
    ['/health/', '/health', false],
    ['/internal/*', '/internal/a', true],
    ['/internal/*', '/internal/', true],
    ['/internal/*', '/internal', false],
    ['/int*', '/internal', true],
    ['*', '/anything', true],
    ['*', 'a-job', true],
    ['/', '/', true],
    ['/', '/a', false],
    ['', '/a', false],
    ['', '', false],
    ['daily-report-job', 'daily-report-job', true],
    ['daily', 'daily-report-job', false],
    ['/a*b', '/a*b', true],
    ['/a.b', '/axb', false],
  ])('%j covers %j: %s', (rule, path, ignored) => {
    expect(shouldIgnorePath(path, [rule])).toBe(ignored)
  })

  it('is one that any rule covers', () => {
    expect(shouldIgnorePath('/b', ['/a', '/b'])).toBe(true)
    expect(shouldIgnorePath('/c', ['/a', '/b'])).toBe(false)
    expect(shouldIgnorePath('/c', [])).toBe(false)
  })
})
