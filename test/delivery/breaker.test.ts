import { describe, expect, it } from 'vitest'
import { Breaker } from '../../src/delivery/breaker.ts'

const fail = (breaker: Breaker, times: number, now = 0) => {
  for (let time = 0; time < times; time++) breaker.failed(now)
}

describe('Breaker', () => {
  it('stays closed below five failures in a row', () => {
    const breaker = new Breaker()
    fail(breaker, 4)
    breaker.succeeded()
    fail(breaker, 4)
    expect(breaker.allows(0)).toBe(true)
  })

  it('opens at the fifth, for thirty seconds', () => {
    const breaker = new Breaker()
    fail(breaker, 5, 1000)
    expect([1000, 30_999].map(now => breaker.allows(now))).toEqual([false, false])
    expect(breaker.allows(31_000)).toBe(true)
  })

  it('lets one try when the time is over, and the others when that one succeeded', () => {
    const breaker = new Breaker()
    fail(breaker, 5)
    expect([30_000, 30_000, 31_000].map(now => breaker.allows(now))).toEqual([true, false, false])
    breaker.succeeded()
    expect([31_000, 31_000].map(now => breaker.allows(now))).toEqual([true, true])
  })

  it('opens again when the one that tried fails', () => {
    const breaker = new Breaker()
    fail(breaker, 5)
    expect(breaker.allows(30_000)).toBe(true)
    breaker.failed(30_500)
    expect([60_400, 60_500].map(now => breaker.allows(now))).toEqual([false, true])
  })

  it('lets another try when the one that tried never came back', () => {
    const breaker = new Breaker()
    fail(breaker, 5)
    expect([30_000, 59_999, 60_000].map(now => breaker.allows(now))).toEqual([true, false, true])
  })

  it('stays away as long as the server asked for', () => {
    const breaker = new Breaker()
    breaker.failed(0, 7000)
    expect([0, 6999, 7000].map(now => breaker.allows(now))).toEqual([false, false, true])
  })

  it('begins twenty deliveries until one is answered, or over, or surely is', () => {
    const breaker = new Breaker()
    const first = breaker.begins(0, 100)
    const begin = (times: number, now = 0) =>
      Array.from({ length: times }, () => breaker.begins(now, now + 100)).filter(Boolean).length
    expect(begin(25)).toBe(19)
    if (first) breaker.ended(first)
    expect(begin(5, 50)).toBe(1)
    breaker.succeeded()
    expect(begin(25, 60)).toBe(20)
    expect([begin(5, 159), begin(25, 160)]).toEqual([0, 20])
  })

  it('counts what ends after an answer for no more than it was', () => {
    const breaker = new Breaker()
    const before = [breaker.begins(0, 100), breaker.begins(0, 100)]
    breaker.succeeded()
    const begin = () => Array.from({ length: 25 }, () => breaker.begins(0, 100)).filter(Boolean).length
    expect(begin()).toBe(20)
    for (const delivery of before) if (delivery) breaker.ended(delivery)
    expect(begin()).toBe(0)
  })

  it('does not spend its one try where there is no room for it', () => {
    const breaker = new Breaker()
    for (let count = 0; count < 20; count++) breaker.begins(0, 31_000)
    fail(breaker, 5)
    expect([30_000, 31_000].map(now => breaker.allows(now))).toEqual([false, true])
  })
})
