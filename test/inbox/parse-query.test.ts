import { describe, expect, test } from 'vitest'
import { parseQuery } from '../../src/inbox/query/parse-query.ts'
import type { QueryCondition } from '../../src/inbox/query/query.ts'
import { QueryError } from '../../src/inbox/query/query-error.ts'
import { QUERY_FIELDS } from '../../src/inbox/query/query-fields.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

function conditionsOf(text: string): (readonly QueryCondition[])[] {
  return parseQuery(text, { now: NOW }).clauses.map(terms => terms.map(({ condition }) => condition))
}

function errorOf(text: string): QueryError {
  try {
    parseQuery(text)
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
  throw new Error(`${text} was read`)
}

describe('a query', () => {
  test.each<[string, QueryCondition]>([
    ['payment', { field: 'text', value: 'payment', isPhrase: false }],
    ['"card declined"', { field: 'text', value: 'card declined', isPhrase: true }],
    ['"say \\"no\\" \\\\ \\n"', { field: 'text', value: 'say "no" \\ \\n', isPhrase: true }],
    ['https://a.example/b', { field: 'text', value: 'https://a.example/b', isPhrase: false }],
    ['10:30', { field: 'text', value: '10:30', isPhrase: false }],
    ['"is:failed"', { field: 'text', value: 'is:failed', isPhrase: true }],
    ['or', { field: 'text', value: 'or', isPhrase: false }],
    ['"OR"', { field: 'text', value: 'OR', isPhrase: true }],
    ['status:500', { field: 'status', from: 500, to: 500 }],
    ['status:5xx', { field: 'status', from: 500, to: 599 }],
    ['STATUS:4XX', { field: 'status', from: 400, to: 499 }],
    ['is:failed', { field: 'is', value: 'failed' }],
    ['is:Pinned', { field: 'is', value: 'pinned' }],
    ['is:regressed', { field: 'is', value: 'regressed' }],
    ['type:cron', { field: 'type', value: 'cron' }],
    ['method:post', { field: 'method', value: 'POST', hasWildcard: false }],
    ['route:/orders/:id', { field: 'route', value: '/orders/:id', hasWildcard: false }],
    ['endpoint:/orders*', { field: 'endpoint', value: '/orders*', hasWildcard: true }],
    ['endpoint:"/a b*"', { field: 'endpoint', value: '/a b*', hasWildcard: false }],
    ['service:shop', { field: 'service', value: 'shop', hasWildcard: false }],
    ['env:production', { field: 'env', value: 'production', hasWildcard: false }],
    ['version:1.4.*', { field: 'version', value: '1.4.*', hasWildcard: true }],
    ['commit:3f2c', { field: 'commit', value: '3f2c', hasWildcard: false }],
    ['error:TypeError', { field: 'error', value: 'TypeError', hasWildcard: false }],
    ['trace:a-1', { field: 'trace', value: 'a-1', hasWildcard: false }],
    ['issue:6f', { field: 'issue', value: '6f', hasWildcard: false }],
    ['duration:>500', { field: 'duration', operator: '>', value: 500 }],
    ['duration:>=1.5s', { field: 'duration', operator: '>=', value: 1500 }],
    ['duration:250ms', { field: 'duration', operator: '=', value: 250 }],
    ['duration:<2m', { field: 'duration', operator: '<', value: 120_000 }],
    ['size:>10kb', { field: 'size', operator: '>', value: 10_240 }],
    ['size:<=1MB', { field: 'size', operator: '<=', value: 1_048_576 }],
    ['since:1h', { field: 'since', time: NOW - 3_600_000 }],
    ['since:7d', { field: 'since', time: NOW - 7 * 86_400_000 }],
    ['until:2026-01-30', { field: 'until', time: Date.UTC(2026, 0, 30) }],
    ['until:2026-01-30T10:00', { field: 'until', time: Date.UTC(2026, 0, 30, 10) }],
    ['since:2026-01-30T10:00:00+02:00', { field: 'since', time: Date.UTC(2026, 0, 30, 8) }],
    ['has:calls', { field: 'has', value: 'calls' }],
  ])('reads %s', (text, condition) => {
    expect(conditionsOf(text)).toEqual([[condition]])
    const { clauses } = parseQuery(`a -${text}`, { now: NOW })
    expect(clauses[1]).toEqual([{ condition, isNegated: true, start: 2, end: 3 + text.length }])
  })

  test('of nothing asks for everything', () => {
    expect(parseQuery('').clauses).toEqual([])
    expect(parseQuery(' \t\n ').clauses).toEqual([])
  })

  test('asks for all its terms, and for either neighbour of an OR', () => {
    const words = parseQuery('a b OR c OR -d e').clauses.map(terms =>
      terms.map(({ condition, isNegated }) => `${isNegated ? '-' : ''}${'value' in condition ? condition.value : ''}`),
    )
    expect(words).toEqual([['a'], ['b', 'c', '-d'], ['e']])
  })

  test('reads each example of each field', () => {
    for (const [name, { examples, values = [] }] of Object.entries(QUERY_FIELDS)) {
      for (const value of [...examples, ...values]) expect(conditionsOf(`${name}:${value}`)).toHaveLength(1)
    }
  })
})

describe('a wrong query', () => {
  test.each([
    ['a status:abc', 2, 12, 'status:abc at character 3 has a value that status does not have'],
    ['status:6', 0, 8, 'a status code such as 500, or a class such as 5xx'],
    ['is:broken', 0, 9, 'one of success, failed, warning, pending, pinned'],
    ['type:nothing', 0, 12, 'one of api, queue, webhook, custom, cron'],
    ['sta:500', 0, 7, 'did you mean status'],
    ['hello:world', 0, 11, 'write "hello:world"'],
    ['service:', 0, 8, 'needs a value'],
    ['-service:""', 0, 11, 'needs a value'],
    ['duration:>fast', 0, 14, 'a time such as'],
    ['size:10tb', 0, 9, 'a size such as'],
    ['since:yesterday', 0, 15, 'a time such as'],
    ['since:2026-13-40', 0, 16, 'a time such as'],
    ['x "card declined', 2, 16, 'has no closing quote'],
    ['OR a', 0, 2, 'between two terms'],
    ['a OR', 2, 4, 'between two terms'],
    ['a OR OR b', 5, 7, 'between two terms'],
    ['a -- b', 2, 4, 'no letter or digit'],
    [`endpoint:/${'a'.repeat(50)}*`, 0, 61, 'at most 50 bytes'],
  ])('%s is refused with its place', (text, start, end, reason) => {
    const error = errorOf(text)
    expect(error).toMatchObject({ start, end, status: 400 })
    expect(error.message).toContain(reason)
    expect(error.message).toContain(`at character ${start + 1} `)
  })

  test('may not be too long, and may not have too many terms', () => {
    expect(errorOf('a'.repeat(1001)).message).toContain('at most 1000 characters')
    expect(errorOf('a '.repeat(31)).message).toContain('at most 30 terms')
    expect(parseQuery('a '.repeat(30)).clauses).toHaveLength(30)
  })
})
