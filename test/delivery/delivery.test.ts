import { describe, expect, it, vi } from 'vitest'
import { Delivery, type DeliverySettings } from '../../src/delivery/delivery.ts'
import type { ReplayStackError } from '../../src/delivery/error.ts'
import type { DropReason } from '../../src/types.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'
import { type Script, ScriptedTransport } from '../support/scripted-transport.ts'

interface Drop {
  traceId: string
  reason: DropReason
  dropped: number
}

/** A delivery over a script, on a clock that stands still. */
function createDelivery(script: Script[] = [], settings: Partial<DeliverySettings> = {}) {
  const clock = new ManualClock()
  const transport = new ScriptedTransport(...script)
  const drops: Drop[] = []
  const errors: ReplayStackError[] = []
  const lines: string[] = []
  const delivery = new Delivery(
    {
      ingestUrl: 'http://h/events',
      bulkUrl: 'http://h/bulk-events',
      headers: { 'x-replaystack-api-key': 'rs_live_1' },
      transport,
      timeoutMs: 2500,
      retries: 1,
      offlineQueueMax: 100,
      batchMaxEvents: 1,
      onDrop: ({ traceId }, reason, dropped) => drops.push({ traceId, reason, dropped }),
      onError: error => errors.push(error),
      log: (decision, { traceId }, why) => lines.push([decision, traceId, why].filter(Boolean).join(' ')),
      ...settings,
    },
    clock,
  )
  /** Captures and answers what became of it, an error as it is. */
  const deliver = (traceId: string) => {
    const { own, all } = delivery.deliver(JSON.stringify(traceId), traceId)
    return { own: own.catch((error: ReplayStackError) => error), all }
  }
  return { clock, transport, drops, errors, lines, delivery, deliver }
}

const failures = (count: number): Script[] => Array.from({ length: count }, () => ({ status: 503 }))
const sentBodies = (transport: ScriptedTransport) => transport.bodies.map(body => JSON.parse(body))

describe('a delivery that succeeds', () => {
  it('answers what the API said, and counts', async () => {
    const { deliver, delivery, transport } = createDelivery([
      { status: 200, body: '{"success":true,"message":"Event accepted","data":{"eventId":"e1"}}' },
    ])
    const { own } = deliver('a')
    expect(delivery.stats()).toEqual({ captured: 1, sent: 0, pending: 1, dropped: {} })
    expect(await own).toEqual({ success: true, message: 'Event accepted', data: { eventId: 'e1' } })
    expect(delivery.stats()).toEqual({ captured: 1, sent: 1, pending: 0, dropped: {} })
    expect(transport.calls[0]?.url).toBe('http://h/events')
  })

  it.each(['', 'OK', '<html>', 'null', '[]', '{"other":1}'])('counts a 2xx that says %o as success', async body => {
    const { deliver } = createDelivery([{ status: 202, body }])
    expect(await deliver('a').own).toEqual({ success: true })
  })
})

describe('a delivery that fails', () => {
  it.each([
    [{ throws: new TypeError('fetch failed') }, 'network'],
    [{ status: 408 }, 'server'],
    [{ status: 429 }, 'rate_limited'],
    [{ status: 500 }, 'server'],
    [{ status: 503 }, 'server'],
  ] as [Script, string][])('is tried again after %o, with the same key', async step => {
    const { deliver, transport, clock, delivery, errors } = createDelivery([step])
    const { own } = deliver('a')
    await clock.advance(200)
    expect(await own).toEqual({ success: true })
    const keys = transport.calls.map(call => call.headers['idempotency-key'])
    expect(keys).toHaveLength(2)
    expect(keys[0]).toMatch(/^[\da-f-]{36}$/)
    expect(keys[1]).toBe(keys[0])
    expect(transport.bodies[1]).toBe(transport.bodies[0])
    expect([delivery.stats().sent, errors]).toEqual([1, []])
  })

  it('waits between attempts, longer each time', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(1)
    const { deliver, transport, clock } = createDelivery(failures(3), { retries: 3 })
    deliver('a')
    const calls: number[] = []
    for (const ms of [199, 1, 399, 1, 799, 1]) {
      await clock.advance(ms)
      calls.push(transport.calls.length)
    }
    random.mockRestore()
    expect(calls).toEqual([1, 2, 2, 3, 3, 4])
  })

  it('is tried again after a timeout', async () => {
    const { deliver, clock } = createDelivery(['hangs deaf'])
    const { own } = deliver('a')
    await clock.advance(2500 + 200)
    expect(await own).toEqual({ success: true })
  })

  it('goes to the queue when its attempts are used up, and is reported once', async () => {
    const { deliver, delivery, clock, errors, transport } = createDelivery(failures(2))
    const { own } = deliver('a')
    await clock.advance(1000)
    expect(await own).toMatchObject({ code: 'server', status: 503 })
    expect(transport.calls).toHaveLength(2)
    expect(errors).toHaveLength(1)
    expect(delivery.stats()).toEqual({ captured: 1, sent: 0, pending: 1, dropped: {} })
  })

  it('makes no second attempt with no retries', async () => {
    const { deliver, transport } = createDelivery(failures(1), { retries: 0 })
    await deliver('a').own
    expect(transport.calls).toHaveLength(1)
  })

  it('honours Retry-After between attempts', async () => {
    const { deliver, transport, clock } = createDelivery([{ status: 429, headers: { 'retry-after': '3' } }])
    const { own } = deliver('a')
    await clock.advance(2999)
    expect(transport.calls).toHaveLength(1)
    await clock.advance(1)
    expect(await own).toEqual({ success: true })
  })

  it('honours a Retry-After date', async () => {
    const date = 'Sun, 22 Nov 2026 12:00:02 GMT'
    const { deliver, transport, clock } = createDelivery([{ status: 503, headers: { 'retry-after': date } }])
    deliver('a')
    await clock.advance(1999)
    expect(transport.calls).toHaveLength(1)
    await clock.advance(1)
    expect(transport.calls).toHaveLength(2)
  })

  it('does not wait for a long Retry-After: the event is queued, and others leave the API alone', async () => {
    const { deliver, transport, clock, delivery } = createDelivery([{ status: 429, headers: { 'retry-after': '60' } }])
    expect(await deliver('a').own).toMatchObject({ code: 'rate_limited' })
    expect(await deliver('b').own).toBeNull()
    await clock.advance(59_999)
    expect(await deliver('c').own).toBeNull()
    expect(transport.calls).toHaveLength(1)
    await clock.advance(1)
    const { own, all } = deliver('d')
    expect(await own).toEqual({ success: true })
    await all
    expect(sentBodies(transport)).toEqual(['a', 'd', 'a', 'b', 'c'])
    expect(delivery.stats()).toEqual({ captured: 4, sent: 4, pending: 0, dropped: {} })
  })
})

describe('a refusal', () => {
  it.each([301, 400, 401, 403, 404, 413, 422])('%i is final: no retry, dropped, reported', async status => {
    const { deliver, delivery, transport, drops, errors } = createDelivery([
      { status, body: '{"message":"no such key"}' },
    ])
    expect(await deliver('a').own).toMatchObject({
      code: 'rejected',
      status,
      message: expect.stringContaining('no such key'),
    })
    expect(transport.calls).toHaveLength(1)
    expect(drops).toEqual([{ traceId: 'a', reason: 'rejected', dropped: 1 }])
    expect(errors).toHaveLength(1)
    expect(delivery.stats()).toEqual({ captured: 1, sent: 0, pending: 0, dropped: { rejected: 1 } })
  })

  it('does not block what is behind it', async () => {
    const { deliver, delivery, clock, transport } = createDelivery([...failures(6), { status: 400 }])
    for (const id of ['a', 'b', 'c']) {
      deliver(id)
      await clock.advance(1000)
    }
    expect(delivery.stats().pending).toBe(3)
    await clock.advance(60_000)
    expect(await delivery.flush(5000)).toMatchObject({ empty: true })
    expect(sentBodies(transport).slice(-3)).toEqual(['a', 'b', 'c'])
    expect(delivery.stats()).toEqual({ captured: 3, sent: 2, pending: 0, dropped: { rejected: 1 } })
  })
})

describe('the offline queue', () => {
  it('drops the oldest first when it is full', async () => {
    const { deliver, delivery, drops } = createDelivery(failures(5), { offlineQueueMax: 2, retries: 0 })
    for (const id of ['a', 'b', 'c', 'd']) await deliver(id).own
    expect(drops).toEqual([
      { traceId: 'a', reason: 'max_queue_size', dropped: 1 },
      { traceId: 'b', reason: 'max_queue_size', dropped: 2 },
    ])
    expect(delivery.stats()).toEqual({ captured: 4, sent: 0, pending: 2, dropped: { max_queue_size: 2 } })
  })

  it('keeps nothing when it is turned off', async () => {
    const { deliver, delivery } = createDelivery(failures(1), { offlineQueueMax: 0, retries: 0 })
    await deliver('a').own
    expect(delivery.stats()).toEqual({ captured: 1, sent: 0, pending: 0, dropped: { max_queue_size: 1 } })
  })

  it('drains on the back of the next delivery that succeeds, the oldest first', async () => {
    const { deliver, delivery, transport } = createDelivery(failures(2), { retries: 0 })
    await deliver('a').own
    await deliver('b').own
    const { own, all } = deliver('c')
    expect(await own).toEqual({ success: true })
    await all
    expect(sentBodies(transport)).toEqual(['a', 'b', 'c', 'a', 'b'])
    expect(delivery.stats()).toMatchObject({ sent: 3, pending: 0 })
  })

  it('stops draining at the first failure, and keeps the rest', async () => {
    const script = [...failures(2), { status: 200 }, { status: 503 }]
    const { deliver, delivery, transport } = createDelivery(script, { retries: 0 })
    for (const id of ['a', 'b', 'c']) await deliver(id).all
    expect(sentBodies(transport)).toEqual(['a', 'b', 'c', 'a'])
    expect(delivery.stats()).toMatchObject({ sent: 1, pending: 2 })
  })
})

describe('the breaker', () => {
  it('stops trying after several failures in a row: events go straight to the queue', async () => {
    const { deliver, delivery, transport, lines } = createDelivery(failures(50), { retries: 0 })
    for (let n = 0; n < 20; n++) await deliver(`e${n}`).own
    expect(transport.calls).toHaveLength(5)
    expect(delivery.stats()).toMatchObject({ captured: 20, pending: 20 })
    expect(lines.at(-1)).toBe('queued e19 several deliveries failed in a row')
  })

  it('tries one when its time is over, and drains when that one arrives', async () => {
    const { deliver, delivery, transport, clock } = createDelivery(failures(5), { retries: 0 })
    for (let n = 0; n < 8; n++) await deliver(`e${n}`).own
    await clock.advance(30_000)
    await deliver('last').all
    expect(transport.calls).toHaveLength(5 + 9)
    expect(delivery.stats()).toMatchObject({ sent: 9, pending: 0 })
  })

  it('never keeps flush from trying', async () => {
    const { deliver, delivery } = createDelivery(failures(5), { retries: 0 })
    for (let n = 0; n < 8; n++) await deliver(`e${n}`).own
    expect(await delivery.flush(5000)).toEqual({ empty: true })
  })
})

describe('deliveries that wait for an answer', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `e${String(n).padStart(2, '0')}`)
  const hangs = (count: number): Script[] => Array.from({ length: count }, () => 'hangs')

  it('are twenty at most: what comes meanwhile waits, and leaves with the first that is answered', async () => {
    const { deliver, delivery, transport, clock, lines } = createDelivery(hangs(19), { retries: 0 })
    const sendings = many(19).map(deliver)
    const twentieth = deliver('e19')
    const others = many(50).slice(20).map(deliver)
    expect(await Promise.all(others.map(({ own }) => own))).toEqual(others.map(() => null))
    expect(lines).toContain('queued e49 several deliveries wait for an answer')
    await twentieth.all
    expect(sentBodies(transport)).toEqual(many(50))
    expect(delivery.stats()).toEqual({ captured: 50, sent: 31, pending: 19, dropped: {} })
    await clock.advance(2500)
    await Promise.all(sendings.map(({ all }) => all))
    expect(delivery.stats()).toMatchObject({ sent: 31, pending: 19 })
  })

  it('are as many where events leave in batches', async () => {
    const { deliver, delivery, transport, clock } = createDelivery(hangs(50), { retries: 0, batchMaxEvents: 2 })
    many(60).map(deliver)
    await clock.advance(2)
    expect(transport.calls).toHaveLength(20)
    expect(delivery.stats()).toEqual({ captured: 60, sent: 0, pending: 60, dropped: {} })
  })

  it('that died with their senders make room when their leases are over, and what they held stays bounded', async () => {
    const settings = { retries: 0, offlineQueueMax: 5 }
    const { deliver, delivery, transport, clock } = createDelivery([], settings)
    const { post } = transport
    transport.post = async (url, request) => {
      transport.calls.push({ url, ...request })
      return new Promise(() => {})
    }
    const { timer } = clock
    clock.timer = () => () => {}
    many(22).map(deliver)
    await settled()
    expect(transport.calls).toHaveLength(20)
    await clock.advance(2500 + 5000 + 1000)
    many(21).map(deliver)
    await settled()
    expect(transport.calls).toHaveLength(40)
    expect(delivery.stats()).toEqual({ captured: 43, sent: 0, pending: 25, dropped: { max_queue_size: 18 } })
    Object.assign(clock, { timer })
    transport.post = post
    await clock.advance(2500 + 5000 + 1000)
    await deliver('last').all
    expect(delivery.stats()).toEqual({ captured: 44, sent: 26, pending: 0, dropped: { max_queue_size: 18 } })
  })

  it('may be more while the API answers, and 128 at most', async () => {
    const settings = { retries: 0, offlineQueueMax: 1000 }
    const { deliver, delivery, transport, clock } = createDelivery([], settings)
    for (let round = 0; round < 10; round++) {
      transport.script.push(...hangs(19))
      many(20).map(deliver)
      await settled()
    }
    // Six rounds and part of the seventh: what is answered takes one along that waits, while there is room.
    const answered = transport.calls.length - 128
    expect(delivery.stats()).toEqual({ captured: 200, sent: answered, pending: 200 - answered, dropped: {} })
    expect(answered).toBeGreaterThanOrEqual(6)
    transport.script.length = 0
    await clock.advance(2500 + 30_000)
    await deliver('last').all
    expect(delivery.stats()).toMatchObject({ pending: 0, sent: 201 })
  })

  it('make room when they fail', async () => {
    const { deliver, transport, clock } = createDelivery([...hangs(4), ...hangs(20)], { retries: 0 })
    many(4).map(deliver)
    await clock.advance(2500)
    many(25).map(deliver)
    await settled()
    expect(transport.calls).toHaveLength(24)
  })

  it('do not keep flush from trying', async () => {
    const { deliver, delivery, transport } = createDelivery(hangs(20), { retries: 0 })
    many(21).map(deliver)
    delivery.flush(1000)
    await settled()
    expect(sentBodies(transport).at(-1)).toBe('e20')
    expect(delivery.stats()).toMatchObject({ sent: 1 })
  })
})

describe('flush', () => {
  it('waits for what is in flight', async () => {
    const { deliver, delivery, clock } = createDelivery(failures(1))
    deliver('a')
    const flushing = delivery.flush(5000)
    await clock.advance(400)
    expect(await flushing).toEqual({ empty: true })
  })

  it('waits for what was announced, until it is there or its time is over', async () => {
    const { deliver, delivery, clock } = createDelivery()
    const announced = delivery.expect(60_000)
    let done = false
    const flushing = delivery.flush(5000).finally(() => {
      done = true
    })
    await clock.advance(100)
    expect(done).toBe(false)
    await deliver('a').own
    delivery.met(announced)
    await clock.advance(10)
    expect(await flushing).toEqual({ empty: true })
    delivery.expect(1000)
    const second = delivery.flush(5000)
    await clock.advance(1010)
    expect(await second).toEqual({ empty: true })
  })

  it('waits for what has ended but is not made, where it does not wait for what goes on', async () => {
    const { delivery, clock } = createDelivery()
    delivery.expect(60_000)
    expect(await delivery.flush(5000, false)).toEqual({ empty: true })
    const ended = delivery.expect(60_000)
    ended.ended = true
    let done = false
    const flushing = delivery.flush(5000, false).finally(() => {
      done = true
    })
    await clock.advance(100)
    expect(done).toBe(false)
    delivery.met(ended)
    await clock.advance(10)
    expect(await flushing).toEqual({ empty: true })
  })

  it('keeps within its time, and answers that not all arrived', async () => {
    const { deliver, delivery, clock, transport } = createDelivery([{ status: 503 }, 'hangs deaf'], { retries: 0 })
    await deliver('a').own
    const flushing = delivery.flush(300)
    await clock.advance(300)
    expect(await flushing).toMatchObject({ empty: false, error: { code: 'timeout' } })
    expect(transport.calls).toHaveLength(2)
    expect(delivery.stats()).toMatchObject({ pending: 1 })
  })

  it('stops at the first failure, and does not repeat it', async () => {
    const { deliver, delivery, clock, transport } = createDelivery(failures(50), { retries: 0 })
    for (const id of ['a', 'b', 'c']) await deliver(id).own
    const flushing = delivery.flush(60_000)
    await clock.advance(60_000)
    expect(await flushing).toMatchObject({ empty: false, error: { status: 503 } })
    expect(transport.calls).toHaveLength(4)
  })

  it('answers at once where there is nothing', async () => {
    expect(await createDelivery().delivery.flush(0)).toEqual({ empty: true })
  })

  it('can run twice together: each event leaves once', async () => {
    const { deliver, delivery, clock, transport } = createDelivery(failures(3), { retries: 0 })
    for (const id of ['a', 'b', 'c']) await deliver(id).own
    const both = Promise.all([delivery.flush(5000), delivery.flush(5000)])
    await clock.advance(100)
    expect(await both).toEqual([{ empty: true }, { empty: true }])
    expect(sentBodies(transport).slice(3).sort()).toEqual(['a', 'b', 'c'])
  })
})

describe('close', () => {
  it('gives up what waits, and what fails later', async () => {
    const { deliver, delivery, clock, drops } = createDelivery([{ status: 503 }, 'hangs deaf'], { retries: 0 })
    await deliver('a').own
    const { own } = deliver('b')
    delivery.close()
    expect(delivery.stats()).toEqual({ captured: 2, sent: 0, pending: 1, dropped: { closed: 1 } })
    await clock.advance(2500)
    await own
    expect(drops).toEqual([
      { traceId: 'a', reason: 'closed', dropped: 1 },
      { traceId: 'b', reason: 'closed', dropped: 2 },
    ])
    expect(delivery.stats()).toEqual({ captured: 2, sent: 0, pending: 0, dropped: { closed: 2 } })
  })
})

describe('a sender that died', () => {
  it('loses nothing and blocks no one: the next takes over when the lease is over', async () => {
    const { deliver, delivery, clock, transport } = createDelivery([{ throws: new Promise(() => {}) }])
    // A Worker's request that was cancelled: neither its promises nor its timers ever run on.
    transport.post = async (url, request) => {
      transport.calls.push({ url, ...request })
      return transport.calls.length === 1
        ? new Promise(() => {})
        : { status: 200, headers: new Headers(), text: async () => '' }
    }
    clock.timer = () => () => {}
    deliver('dead')
    await settled()
    await deliver('b').all
    expect(delivery.stats()).toMatchObject({ sent: 1, pending: 1 })
    await clock.advance(2 * 7500 + 1000)
    await deliver('c').all
    expect(sentBodies(transport)).toEqual(['dead', 'b', 'c', 'dead'])
    expect(transport.calls[3]?.headers['idempotency-key']).toBe(transport.calls[0]?.headers['idempotency-key'])
    expect(delivery.stats()).toEqual({ captured: 3, sent: 3, pending: 0, dropped: {} })
  })
})

describe('batches', () => {
  const batch = { batchMaxEvents: 3, retries: 0 }
  const keysOf = (transport: ScriptedTransport, call: number) =>
    transport.calls[call]?.headers['idempotency-key']?.split(', ')

  it('sends events that wait together as one POST, with a key for each', async () => {
    const { deliver, delivery, clock, transport } = createDelivery([{ status: 200, body: '{"success":true}' }], batch)
    const sendings = ['a', 'b', 'c'].map(deliver)
    await clock.advance(5)
    const answers = await Promise.all(sendings.map(({ own }) => own))
    expect(transport.calls).toHaveLength(1)
    expect(transport.calls[0]?.url).toBe('http://h/bulk-events')
    expect(transport.bodies[0]).toBe('{"events":["a","b","c"]}')
    expect(new Set(keysOf(transport, 0)).size).toBe(3)
    expect(answers.filter(Boolean)).toEqual([{ success: true }])
    expect(delivery.stats()).toEqual({ captured: 3, sent: 3, pending: 0, dropped: {} })
  })

  it('waits a few milliseconds at most for others', async () => {
    const { deliver, clock, transport } = createDelivery([], batch)
    deliver('a')
    await clock.advance(4)
    expect(transport.calls).toEqual([])
    await clock.advance(1)
    expect(sentBodies(transport)).toEqual(['a'])
    expect(transport.calls[0]?.url).toBe('http://h/events')
  })

  it('lets those that came later wait for company of their own', async () => {
    const { deliver, clock, transport } = createDelivery([], batch)
    deliver('a')
    await clock.advance(2)
    deliver('b')
    await clock.advance(3)
    expect(sentBodies(transport)).toEqual([{ events: ['a', 'b'] }])
    deliver('c')
    // Here the second one's time is over, and its event long gone.
    await clock.advance(2)
    expect(transport.calls).toHaveLength(1)
    deliver('d')
    await clock.advance(3)
    expect(sentBodies(transport).slice(1)).toEqual([{ events: ['c', 'd'] }])
  })

  it('takes the event of one that died while it waited', async () => {
    const { deliver, delivery, clock, transport } = createDelivery([], batch)
    const { sleep } = clock
    clock.sleep = () => new Promise(() => {})
    deliver('dead')
    await settled()
    clock.sleep = sleep
    deliver('b')
    await clock.advance(5)
    expect(sentBodies(transport)).toEqual([{ events: ['dead', 'b'] }])
    expect(delivery.stats()).toMatchObject({ sent: 2, pending: 0 })
  })

  it('sends its own event too where dead ones before it fill a batch', async () => {
    const { deliver, delivery, clock, transport } = createDelivery([], { batchMaxEvents: 3 })
    const { sleep } = clock
    clock.sleep = () => new Promise(() => {})
    for (const id of ['dead', 'dead too']) deliver(id)
    await settled()
    clock.sleep = sleep
    deliver('c'.repeat(2_000_001))
    await clock.advance(5)
    await settled()
    expect(transport.calls).toHaveLength(2)
    expect(delivery.stats()).toMatchObject({ sent: 3, pending: 0 })
  })

  it('drains the queue in batches', async () => {
    const { deliver, delivery, clock, transport } = createDelivery(failures(4), { ...batch, offlineQueueMax: 10 })
    for (const id of ['a', 'b', 'c', 'd']) {
      deliver(id)
      await clock.advance(5)
    }
    await delivery.flush(1000)
    expect(sentBodies(transport).slice(4)).toEqual([{ events: ['a', 'b', 'c'] }, 'd'])
  })

  it('takes a refused batch apart: the others do not fall with one', async () => {
    const script = [{ status: 400 }, { status: 200 }, { status: 400, body: '{"message":"bad b"}' }, { status: 200 }]
    const { deliver, delivery, clock, transport, drops, errors } = createDelivery(script, batch)
    for (const id of ['a', 'b', 'c']) deliver(id)
    await clock.advance(5)
    expect(sentBodies(transport)).toEqual([{ events: ['a', 'b', 'c'] }, 'a', 'b', 'c'])
    expect(drops).toEqual([{ traceId: 'b', reason: 'rejected', dropped: 1 }])
    expect(errors.map(error => error.message)).toEqual([expect.stringContaining('bad b')])
    expect(delivery.stats()).toEqual({ captured: 3, sent: 2, pending: 0, dropped: { rejected: 1 } })
  })

  it('stops taking it apart when the API fails, and keeps the rest', async () => {
    const { deliver, delivery, clock, drops } = createDelivery(
      [{ status: 400 }, { status: 200 }, ...failures(2)],
      batch,
    )
    for (const id of ['a', 'b', 'c']) deliver(id)
    await clock.advance(5)
    expect(drops).toEqual([])
    expect(delivery.stats()).toEqual({ captured: 3, sent: 1, pending: 2, dropped: {} })
  })

  it('does not take apart what is refused for its sender', async () => {
    const { deliver, delivery, clock, transport } = createDelivery([{ status: 401 }], batch)
    for (const id of ['a', 'b', 'c']) deliver(id)
    await clock.advance(5)
    expect(transport.calls).toHaveLength(1)
    expect(delivery.stats()).toMatchObject({ dropped: { rejected: 3 }, pending: 0 })
  })
})

it('says each decision', async () => {
  const { deliver, lines, delivery } = createDelivery([{ status: 503 }, { status: 200 }, { status: 400 }], {
    retries: 0,
  })
  await deliver('a').own
  await deliver('b').all
  delivery.abandon('c')
  expect(lines).toEqual([
    'captured a',
    'queued a ReplayStack could not take an event: 503.',
    'captured b',
    'sent b',
    'dropped a rejected',
    'dropped c internal',
  ])
})
