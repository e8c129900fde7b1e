import { describe, expect, it } from 'vitest'
import { Breaker } from '../../src/delivery/breaker.ts'

const fail = (breaker: Breaker, times: number, now = 0) => {
  for (let time = 0; time < times; time++) breaker.failed(now)
}

/** Whether a delivery may begin at each of these times. */
const mayBegin = (breaker: Breaker, ...times: number[]) => times.map(now => breaker.refuses(now) === undefined)

/** Begins as many as it may, up to `times`, each over 100 ms later. @returns how many */
const begin = (breaker: Breaker, times: number, now = 0) => {
  let begun = 0
  for (; begun < times && !breaker.refuses(now); begun++) breaker.begins(now, now + 100, now + 50)
  return begun
}

describe('Breaker', () => {
  it('stays closed below five failures in a row', () => {
    const breaker = new Breaker()
    fail(breaker, 4)
    breaker.succeeded()
    fail(breaker, 4)
    expect(mayBegin(breaker, 0)).toEqual([true])
  })

  it('opens at the fifth, for a second', () => {
    const breaker = new Breaker()
    fail(breaker, 5, 1000)
    expect(mayBegin(breaker, 1000, 1999, 2000)).toEqual([false, false, true])
    expect(breaker.refuses(1000)).toBe('several deliveries failed in a row')
  })

  it('lets one try when the time is over, and the others when that one succeeded', () => {
    const breaker = new Breaker()
    fail(breaker, 5)
    breaker.begins(1000, 9000, 3500)
    expect(mayBegin(breaker, 1000, 3499)).toEqual([false, false])
    breaker.succeeded()
    expect(mayBegin(breaker, 1000)).toEqual([true])
  })

  it('waits twice as long each time that the one that tried fails, and thirty seconds at most', () => {
    const breaker = new Breaker()
    fail(breaker, 5)
    let now = 0
    const pauses = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    for (const pause of pauses) {
      expect(mayBegin(breaker, now + pause - 1, now + pause)).toEqual([false, true])
      now += pause
      breaker.begins(now, now + 9000, now + 3500)
      now += 10
      breaker.failed(now)
    }
    breaker.succeeded()
    fail(breaker, 5, now)
    expect(mayBegin(breaker, now + 999, now + 1000)).toEqual([false, true])
  })

  it('opens no longer for what was begun before it opened, and fails late', () => {
    const breaker = new Breaker()
    fail(breaker, 5)
    fail(breaker, 20, 900)
    expect(mayBegin(breaker, 1000)).toEqual([true])
    breaker.failed(1100)
    expect(mayBegin(breaker, 1100)).toEqual([true])
  })

  it('lets another try when the one that tried never came back', () => {
    const breaker = new Breaker()
    fail(breaker, 5)
    breaker.begins(1000, 9000, 3500)
    expect(mayBegin(breaker, 3499, 3500)).toEqual([false, true])
  })

  it('stays away as long as the server asked for, then lets one try', () => {
    const breaker = new Breaker()
    breaker.failed(0, 7000)
    expect(mayBegin(breaker, 0, 6999, 7000)).toEqual([false, false, true])
    breaker.begins(7000, 9000, 8000)
    breaker.failed(7100)
    expect(mayBegin(breaker, 8099, 8100)).toEqual([false, true])
  })

  it('opens at the fifth failure also where the server had asked to be left alone before', () => {
    const breaker = new Breaker()
    breaker.failed(0, 500)
    fail(breaker, 4, 600)
    expect(mayBegin(breaker, 600, 1599, 1600)).toEqual([false, false, true])
  })

  it('opens no sooner than the server asked for', () => {
    const breaker = new Breaker()
    breaker.failed(0, 7000)
    fail(breaker, 4, 100)
    expect(mayBegin(breaker, 6999, 7000)).toEqual([false, true])
  })

  it('begins twenty deliveries until one is answered, or over, or surely is', () => {
    const breaker = new Breaker()
    const first = breaker.begins(0, 100, 50)
    expect(begin(breaker, 25)).toBe(19)
    expect(breaker.refuses(0)).toBe('several deliveries wait for a response')
    breaker.ended(first)
    expect(begin(breaker, 5, 50)).toBe(1)
    breaker.succeeded()
    expect(begin(breaker, 25, 60)).toBe(20)
    expect([begin(breaker, 5, 159), begin(breaker, 25, 160)]).toEqual([0, 20])
  })

  it('counts what ends after an answer for no more than it was', () => {
    const breaker = new Breaker()
    const before = [breaker.begins(0, 100, 50), breaker.begins(0, 100, 50)]
    breaker.succeeded()
    expect(begin(breaker, 25)).toBe(20)
    for (const delivery of before) breaker.ended(delivery)
    expect(begin(breaker, 25)).toBe(0)
  })

  it('begins as many as ever after hundreds whose requests died', () => {
    const breaker = new Breaker()
    for (let round = 0; round < 20; round++) expect(begin(breaker, 25, round * 100)).toBe(20)
    // With an answer between, nothing but their time makes room.
    for (let round = 20; round < 40; round++) {
      breaker.succeeded()
      expect(begin(breaker, 25, round * 100)).toBe(20)
    }
  })

  it('does not spend its one try where there is no room for it', () => {
    const breaker = new Breaker()
    for (let count = 0; count < 20; count++) breaker.begins(0, 3_000, 50)
    fail(breaker, 5)
    expect(mayBegin(breaker, 1_000, 3_000)).toEqual([false, true])
  })
})
