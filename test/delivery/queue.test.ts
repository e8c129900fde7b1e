import { describe, expect, it } from 'vitest'
import { Queue, type QueuedEvent } from '../../src/delivery/queue.ts'

const event = (sequence: number, body = 'x'): QueuedEvent => ({
  body,
  traceId: `t${sequence}`,
  idempotencyKey: `k${sequence}`,
  sequence,
})
const events = (...sequences: number[]) => sequences.map(sequence => event(sequence))
const ids = (held: readonly QueuedEvent[] | undefined) => held?.map(one => one.sequence)

describe('Queue', () => {
  it('hands out the oldest first, however they came back', () => {
    const queue = new Queue(10)
    queue.put(events(3))
    queue.put(events(5, 6))
    queue.put(events(1, 2))
    expect(ids(queue.claimWaiting(3, 0, 10)?.events)).toEqual([1, 2, 3])
    expect(ids(queue.claimWaiting(3, 0, 10)?.events)).toEqual([5, 6])
    expect(queue.claimWaiting(3, 0, 10)).toBeUndefined()
  })

  it('keeps the newest of what does not fit, and answers the rest', () => {
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

  it('counts what is waiting, fresh and claimed', () => {
    const queue = new Queue(10)
    queue.put(events(1))
    queue.addFresh(event(2))
    const claim = queue.claimNew(event(3), 10)
    expect([queue.size, queue.freshSize, queue.hasClaims]).toEqual([3, 1, true])
    expect(queue.settle(claim)).toBe(true)
    expect([queue.size, queue.hasClaims]).toEqual([2, false])
  })

  it('gives the events of a dead sender to the next, and the sender nothing to count', () => {
    const queue = new Queue(10)
    const dead = queue.claimNew(event(1), 100)
    queue.put(events(2))
    expect(ids(queue.claimWaiting(5, 99, 1000)?.events)).toEqual([2])
    const taken = queue.claimWaiting(5, 100, 1000)
    expect(ids(taken?.events)).toEqual([1])
    expect(queue.settle(dead)).toBe(false)
    expect(taken && queue.settle(taken)).toBe(true)
  })

  it('takes back what dead senders hold, and no more', () => {
    const queue = new Queue(10)
    const dead = queue.claimNew(event(1), 100)
    const alive = queue.claimNew(event(2), 200)
    queue.reclaim(99)
    expect(ids(queue.takeWaiting())).toEqual([])
    queue.reclaim(100)
    expect([queue.settle(dead), queue.settle(alive), ids(queue.takeWaiting())]).toEqual([false, true, [1]])
  })

  it('hands out fresh events to those alone who ask for them', () => {
    const queue = new Queue(10)
    const fresh = event(2)
    queue.addFresh(fresh)
    queue.put(events(1))
    expect(ids(queue.claimWaiting(5, 0, 10)?.events)).toEqual([1])
    expect(queue.claimWaiting(5, 0, 10)).toBeUndefined()
    expect(queue.isFresh(fresh)).toBe(true)
    expect(ids(queue.claimFresh(5, 10)?.events)).toEqual([2])
    expect(queue.isFresh(fresh)).toBe(false)
  })

  it('stops a batch before it is too large to be taken, but never at nothing', () => {
    const queue = new Queue(10)
    queue.put([event(1, 'x'.repeat(1_500_000)), event(2, 'x'.repeat(1_500_000)), event(3, 'x'.repeat(3_000_000))])
    expect(ids(queue.claimWaiting(10, 0, 10)?.events)).toEqual([1])
    expect(ids(queue.claimWaiting(10, 0, 10)?.events)).toEqual([2])
    expect(ids(queue.claimWaiting(10, 0, 10)?.events)).toEqual([3])
  })

  it('gives up what nobody holds', () => {
    const queue = new Queue(10)
    queue.put(events(1))
    queue.addFresh(event(2))
    queue.claimNew(event(3), 10)
    expect(ids(queue.takeWaiting())).toEqual([1, 2])
    expect(queue.size).toBe(1)
  })
})
