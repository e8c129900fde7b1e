import { describe, expect, it, vi } from 'vitest'
import { type Claim, Queue, QueuedEvent } from '../../src/delivery/queue.ts'

const event = (sequence: number, body = 'x'): QueuedEvent =>
  new QueuedEvent(body, `t${sequence}`, sequence, `k${sequence}`)
const events = (...sequences: number[]) => sequences.map(sequence => event(sequence))
const ids = (held: readonly QueuedEvent[]) => held.map(one => one.sequence)
const idsOf = (claim: Claim | undefined) => claim && ids([...claim.events])

describe('Queue', () => {
  it('hands out the oldest first, however they came back', () => {
    const queue = new Queue(10)
    queue.put(events(3))
    queue.put(events(5, 6))
    queue.put(events(1, 2))
    expect(idsOf(queue.claimWaiting(3, 0, 10))).toEqual([1, 2, 3])
    expect(idsOf(queue.claimWaiting(3, 0, 10))).toEqual([5, 6])
    expect(queue.claimWaiting(3, 0, 10)).toBeUndefined()
  })

  it('keeps the newest of what does not fit, and returns the rest', () => {
    const queue = new Queue(2)
    expect(ids(queue.put(events(1, 2)))).toEqual([])
    expect(ids(queue.put(events(3)))).toEqual([1])
    expect(ids(queue.put(events(0)))).toEqual([0])
    expect(queue.size).toBe(2)
  })

  it('keeps nothing where it is turned off', () => {
    const queue = new Queue(0)
    expect(ids(queue.put(events(1)))).toEqual([1])
    expect(queue.size).toBe(0)
  })

  it('counts what waits and what is claimed, event by event', () => {
    const queue = new Queue(10)
    const [one, other, third] = [event(1), event(2), event(3)]
    queue.put([one])
    const claim = queue.openBatch(other, 0, 5)
    queue.joinBatch(third, 10, 0)
    expect([queue.size, queue.hasClaims]).toEqual([3, true])
    expect([queue.settle(claim, other), queue.settle(claim, other), queue.size]).toEqual([true, false, 2])
    expect(queue.hasClaims).toBe(true)
    expect([queue.settle(claim, third), queue.size, queue.hasClaims]).toEqual([true, 1, false])
  })

  it('gives the events of a dead sender to the next, and the sender nothing to count', () => {
    const queue = new Queue(10)
    const [orphan] = events(1)
    const dead = queue.claim([orphan as QueuedEvent], 100)
    queue.put(events(2))
    expect(idsOf(queue.claimWaiting(5, 99, 1000))).toEqual([2])
    const taken = queue.claimWaiting(5, 100, 1000)
    expect(idsOf(taken)).toEqual([1])
    expect(queue.settle(dead, orphan as QueuedEvent)).toBe(false)
    expect(taken && queue.settle(taken, orphan as QueuedEvent)).toBe(true)
  })

  it('takes back what dead senders hold, and no more', () => {
    const queue = new Queue(10)
    queue.claim([event(1)], 100)
    const alive = queue.claim([event(2)], 200)
    queue.reclaim(99)
    expect(ids(queue.takeWaiting())).toEqual([])
    queue.reclaim(100)
    expect([ids(queue.takeWaiting()), idsOf(alive)]).toEqual([[1], [2]])
  })

  it('gives up what nobody sends', () => {
    const queue = new Queue(10)
    queue.put(events(1))
    queue.openBatch(event(2), 0, 5)
    queue.claim([event(3)], 10)
    expect(ids(queue.takeWaiting())).toEqual([1, 2])
    expect(queue.size).toBe(1)
  })
})

describe('a queued event', () => {
  it('is made once, and its text is kept', () => {
    const make = vi.fn(() => 'text')
    const one = new QueuedEvent(make, 't', 0, 'k')
    expect(one.body).toBe('')
    expect([one.make(), one.make(), one.body]).toEqual([true, true, 'text'])
    expect(make).toHaveBeenCalledOnce()
  })

  it('that cannot be made is not asked again', () => {
    const make = vi.fn(() => undefined)
    const one = new QueuedEvent(make, 't', 0, 'k')
    expect([one.make(), one.make()]).toEqual([false, false])
    expect(make).toHaveBeenCalledOnce()
  })
})

describe('an open batch', () => {
  it('takes others until it is full, overdue or taken', () => {
    const queue = new Queue(10)
    expect(queue.joinBatch(event(0), 3, 0)).toBeUndefined()
    const batch = queue.openBatch(event(1), 100, 5)
    expect([queue.joinBatch(event(2), 3, 105), queue.joinBatch(event(3), 3, 105)]).toEqual([false, batch])
    expect(queue.joinBatch(event(4), 3, 105)).toBeUndefined()
    expect(idsOf(queue.takeBatch(1000, batch))).toEqual([1, 2, 3])
    expect(queue.takeBatch(1000, batch)).toBeUndefined()
    expect(queue.joinBatch(event(5), 3, 105)).toBeUndefined()
    const overdue = queue.openBatch(event(6), 200, 5)
    expect(queue.joinBatch(event(7), 3, 206)).toBe(overdue)
    expect(idsOf(queue.takeBatch(1000))).toEqual([6, 7])
    expect(queue.takeBatch(1000)).toBeUndefined()
  })

  it('stays open when another is taken over, which nobody takes twice', () => {
    const queue = new Queue(10)
    const first = queue.openBatch(event(1), 0, 5)
    const second = queue.openBatch(event(2), 0, 5)
    expect(idsOf(queue.takeBatch(1000, first))).toEqual([1])
    expect(queue.takeBatch(1000, first)).toBeUndefined()
    expect(queue.joinBatch(event(3), 10, 0)).toBe(false)
    expect(idsOf(queue.takeBatch(1000))).toEqual([2, 3])
    expect(queue.takeBatch(1000, second)).toBeUndefined()
    expect(queue.joinBatch(event(4), 10, 0)).toBeUndefined()
  })

  it('is not claimed with what waits, until whoever opened it must be dead', () => {
    const queue = new Queue(10)
    const batch = queue.openBatch(event(2), 100, 5)
    queue.put(events(1))
    expect(idsOf(queue.claimWaiting(5, 1104, 2000))).toEqual([1])
    expect(queue.claimWaiting(5, 1104, 2000)).toBeUndefined()
    expect(idsOf(queue.claimWaiting(5, 1105, 2000))).toEqual([2])
    expect([queue.takeBatch(2000, batch), queue.joinBatch(event(3), 5, 1105)]).toEqual([undefined, undefined])
  })
})
