import { describe, expect, it } from 'vitest'
import {
  backoffMs,
  isPlanLimit,
  lacksBulk,
  MAX_RETRY_AFTER_MS,
  refusesSender,
  retryAfterMs,
  verdictOf,
} from '../../src/delivery/retry.ts'

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
    [300, 'rejected'],
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
    [499, 'rejected'],
  ])('%i is %s', (status, verdict) => {
    expect(verdictOf(status)).toBe(verdict)
  })
})

const ASKED = [undefined, 200, 400, 401, 402, 403, 404, 405, 406, 409, 413, 422, 429, 500, 501, 502, 503]

it('knows which statuses refuse whoever sends, not what is sent', () => {
  expect(ASKED.filter(refusesSender)).toEqual([401, 403, 404, 405])
})

it('knows which statuses say that there are no batches', () => {
  expect(ASKED.filter(lacksBulk)).toEqual([404, 405, 501])
})

describe('isPlanLimit', () => {
  it.each([
    [403, 'Monthly event limit reached. Please upgrade your plan', true],
    [429, 'monthly Event Limit Reached', true],
    [400, 'Monthly event limit reached', true],
    [200, 'Monthly event limit reached', false],
    [399, 'Monthly event limit reached', false],
    [429, 'Rate limit reached', false],
    [403, 'Prevent limit reached', false],
    [403, 'Project is disabled', false],
    [403, '', false],
  ])('reads %i %o as %o', (status, message, isLimit) => {
    expect(isPlanLimit(status, message)).toBe(isLimit)
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
    ['back on Sun, 22 Nov 2026 12:00:04 GMT', undefined],
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
