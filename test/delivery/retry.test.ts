import { describe, expect, it } from 'vitest'
import { backoffMs, MAX_RETRY_AFTER_MS, retryAfterMs, verdictOf } from '../../src/delivery/retry.ts'

describe('verdictOf', () => {
  it.each([
    [200, 'delivered'],
    [202, 'delivered'],
    [204, 'delivered'],
    [299, 'delivered'],
    [408, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
    [502, 'failed'],
    [503, 'failed'],
    [599, 'failed'],
    [0, 'rejected'],
    [301, 'rejected'],
    [302, 'rejected'],
    [304, 'rejected'],
    [400, 'rejected'],
    [401, 'rejected'],
    [403, 'rejected'],
    [404, 'rejected'],
    [409, 'rejected'],
    [413, 'rejected'],
    [422, 'rejected'],
  ])('%i is %s', (status, verdict) => {
    expect(verdictOf(status)).toBe(verdict)
  })
})

describe('backoffMs', () => {
  it('doubles, and stays below its ceiling', () => {
    expect([0, 1, 2, 3, 4, 5, 20].map(attempt => backoffMs(attempt, 1))).toEqual([
      200, 400, 800, 1600, 3200, 5000, 5000,
    ])
  })

  it('spreads over the upper half by chance', () => {
    expect([0, 0.5, 1].map(random => backoffMs(1, random))).toEqual([200, 300, 400])
  })
})

describe('retryAfterMs', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')

  it.each([
    ['0', 0],
    ['2', 2000],
    ['1.5', 1500],
    [' 3 ', 3000],
    ['Sun, 22 Nov 2026 12:00:04 GMT', 4000],
    ['Sunday, 22-Nov-26 12:00:04 GMT', 4000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['99999999999999', MAX_RETRY_AFTER_MS],
    ['Sun, 22 Nov 2099 12:00:00 GMT', MAX_RETRY_AFTER_MS],
    ['-1', undefined],
    ['soon', undefined],
    ['later, in 2030', undefined],
    ['1, 2', undefined],
    ['2026-11-22T12:00:04Z', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('reads %o as %o', (value, wait) => {
    expect(retryAfterMs(value, now)).toBe(wait)
  })
})
