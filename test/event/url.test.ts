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
    ['orders?x=1', 'orders'],
    ['?x=1', '?x=1'],
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
    const cut = normalizeAbsoluteRequestUrl(`https://h/${'a'.repeat(9000)}`)
    expect([cut?.length, cut?.at(-1)]).toEqual([8190, '…'])
    expect(normalizeAbsoluteRequestUrl('https://h/é😀', 14)).toBe('https://h/…')
    expect(normalizeAbsoluteRequestUrl('https://h/é😀', 15)).toBe('https://h/é…')
    expect(normalizeAbsoluteRequestUrl('https://h/é😀', 16)).toBe('https://h/é😀')
  })
})

describe('a URL of its parts', () => {
  const headers = (values: Record<string, string>) => (name: string) => values[name]
  const host = (value: string) => headers({ host: value })
  const proxied = headers({
    host: 'inner:3000',
    'x-forwarded-proto': 'https, http',
    'x-forwarded-host': 'outer, inner',
  })
  const rows: [RequestUrlParts, string | undefined][] = [
    [{ getHeader: host('h') }, 'http://h/'],
    [{ protocolFallback: 'https', getHeader: host('h'), pathWithQuery: '/a?b=c' }, 'https://h/a?b=c'],
    [{ protocolFallback: 'https:', getHeader: host('h:8443'), pathWithQuery: '/a' }, 'https://h:8443/a'],
    [{ protocolFallback: 'HTTPS://', getHeader: host('h'), pathWithQuery: '/a' }, 'https://h/a'],
    [{ protocolFallback: '', getHeader: host('h'), pathWithQuery: '' }, 'http://h/'],
    [{ protocolFallback: null, getHeader: host('h'), pathWithQuery: null }, 'http://h/'],
    [{ getHeader: host('h'), pathWithQuery: 'a' }, 'http://h/a'],
    [{ getHeader: host('h'), pathWithQuery: '//evil/a' }, 'http://h//evil/a'],
    [{ getHeader: host('h'), pathWithQuery: '*' }, 'http://h/*'],
    [{ getHeader: host('h'), pathWithQuery: 'http://proxy/a' }, 'http://proxy/a'],
    [{ pathWithQuery: 'https://proxy/a?b=c' }, 'https://proxy/a?b=c'],
    [{ getHeader: host('[::1]:3000'), pathWithQuery: '/' }, 'http://[::1]:3000/'],
    [{ getHeader: proxied, protocolFallback: 'http', pathWithQuery: '/a' }, 'https://outer/a'],
    [{ getHeader: proxied, hostFallback: 'fallback' }, 'https://outer/'],
    [{ getHeader: () => null, hostFallback: 'fallback' }, 'http://fallback/'],
    [{ getHeader: () => undefined, pathWithQuery: '/a' }, undefined],
    [{ protocolFallback: 'javascript', getHeader: host('h') }, undefined],
    [{ protocolFallback: 'https', pathWithQuery: '/a' }, undefined],
    ...['', 'a, b', 'u:p@h', 'h/path', 'h?a', 'h#a', 'h\\a', 'h\nx'].map((value): [RequestUrlParts, undefined] => [
      { getHeader: host(value) },
      undefined,
    ]),
  ]

  it.each(rows)('%j is %j', (parts, expected) => {
    expect(buildAbsoluteRequestUrlFromParts(parts)).toBe(expected)
  })

  it('is cut to 8,192 bytes', () => {
    const parts = { getHeader: host('h'), pathWithQuery: `/${'a'.repeat(9000)}` }
    expect(buildAbsoluteRequestUrlFromParts(parts)).toHaveLength(8190)
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
