import { describe, expect, it, vi } from 'vitest'
import { Delivery, type DeliverySettings, type Departure } from '../../src/delivery/delivery.ts'
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
      batchFlushIntervalMs: 5,
      onDrop: ({ traceId }, reason, dropped) => drops.push({ traceId, reason, dropped }),
      onError: error => errors.push(error),
      log: (decision, { traceId }, why) => lines.push([decision, traceId, why].filter(Boolean).join(' ')),
      ...settings,
    },
    clock,
  )
  /** Captures and resolves to what became of it, an error as it is. */
  const capture = (traceId: string, departure: Departure) => {
    const { own, all } = delivery.deliver(JSON.stringify(traceId), traceId, departure)
    return { own: own.catch((error: ReplayStackError) => error), all }
  }
  const deliver = (traceId: string) => capture(traceId, 'now')
  /** As an adapter does it: the event may wait for others. */
  const record = (traceId: string) => capture(traceId, 'together')
  /** As where nothing runs any more. */
  const leave = (traceId: string) => capture(traceId, 'next')
  return { clock, transport, drops, errors, lines, delivery, deliver, record, leave }
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

  it('waits for a Retry-After of five seconds, and no longer one', async () => {
    const asked = (seconds: string): Script => ({ status: 503, headers: { 'retry-after': seconds } })
    const { deliver, delivery, clock } = createDelivery([asked('5')])
    const { own } = deliver('a')
    await clock.advance(5000)
    expect(await own).toEqual({ success: true })
    const longer = createDelivery([asked('5.001')])
    expect(await longer.deliver('a').own).toMatchObject({ code: 'server' })
    expect([delivery.stats().sent, longer.delivery.stats().pending]).toEqual([1, 1])
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

  it.each([
    [401, 'Invalid API key', '401: Invalid API key. Check REPLAYSTACK_API_KEY.'],
    [401, '', '401. Check REPLAYSTACK_API_KEY.'],
    [403, 'The key may only read.', '403: The key may only read. Check REPLAYSTACK_API_KEY.'],
    [403, '', '403. Check REPLAYSTACK_API_KEY.'],
    [403, 'Project is disabled', '403: Project is disabled.'],
    [400, 'odd..', '400: odd.'],
    [409, 'x'.repeat(300), `409: ${'x'.repeat(200)}.`],
    [404, 'Not found', '404: Not found. It was sent to http://h/events: check REPLAYSTACK_ENDPOINT.'],
    [405, '', '405. It was sent to http://h/events: check REPLAYSTACK_ENDPOINT.'],
    [399, '', '399. It was sent to http://h/events: check REPLAYSTACK_ENDPOINT.'],
  ])('of %i says why, and what cures it (%o)', async (status, message, said) => {
    const { deliver } = createDelivery([{ status, ...(message && { body: JSON.stringify({ message }) }) }])
    expect(await deliver('a').own).toMatchObject({ message: `ReplayStack refused an event: ${said}` })
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
    await clock.advance(1_000)
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
    expect(lines).toContain('queued e49 several deliveries wait for a response')
    await twentieth.all
    expect(sentBodies(transport)).toEqual(many(50))
    expect(delivery.stats()).toEqual({ captured: 50, sent: 31, pending: 19, dropped: {} })
    await clock.advance(2500)
    await Promise.all(sendings.map(({ all }) => all))
    expect(delivery.stats()).toMatchObject({ sent: 31, pending: 19 })
  })

  it('are as many where events leave in batches', async () => {
    const { record, delivery, transport, clock } = createDelivery(hangs(50), { retries: 0, batchMaxEvents: 2 })
    many(60).map(record)
    await clock.advance(5)
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

  it('answers with the error of what is refused while it waits, and not with that of earlier ones', async () => {
    const { deliver, delivery, clock } = createDelivery([{ status: 503 }, { status: 400 }])
    deliver('a')
    const flushing = delivery.flush(5000)
    await clock.advance(400)
    expect(await flushing).toMatchObject({ empty: true, error: { status: 400 } })
    expect(delivery.stats()).toMatchObject({ pending: 0, dropped: { rejected: 1 } })
    expect(await delivery.flush(5000)).toEqual({ empty: true })
  })

  it('waits for what was announced, until it is there or its time is over', async () => {
    const { deliver, delivery, clock } = createDelivery()
    const work = delivery.beginWork(60_000)
    let done = false
    const flushing = delivery.flush(5000).finally(() => {
      done = true
    })
    await clock.advance(100)
    expect(done).toBe(false)
    await deliver('a').own
    delivery.endWork(work)
    await clock.advance(10)
    expect(await flushing).toEqual({ empty: true })
    delivery.beginWork(1000)
    const second = delivery.flush(5000)
    await clock.advance(1010)
    expect(await second).toEqual({ empty: true })
  })

  it('waits for what has ended but is not made, where it does not wait for what goes on', async () => {
    const { delivery, clock } = createDelivery()
    delivery.beginWork(60_000)
    expect(await delivery.flush(5000, false)).toEqual({ empty: true })
    const ended = delivery.beginWork(60_000)
    ended.ended = true
    let done = false
    const flushing = delivery.flush(5000, false).finally(() => {
      done = true
    })
    await clock.advance(100)
    expect(done).toBe(false)
    delivery.endWork(ended)
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

  it.each([1, 3])('leaves what it can no longer send to the very next event (%i a POST)', async batchMaxEvents => {
    const { leave, record, delivery, clock, transport } = createDelivery([], { batchMaxEvents })
    leave('last')
    await settled()
    expect(clock.pending).toBe(0)
    const { all } = record('b')
    await clock.advance(5)
    await all
    expect(sentBodies(transport)).toEqual(['b', 'last'])
    expect(delivery.stats()).toEqual({ captured: 2, sent: 2, pending: 0, dropped: {} })
  })
})

describe('batches', () => {
  const batch = { batchMaxEvents: 3, retries: 0 }
  const keysOf = (transport: ScriptedTransport, call: number) =>
    transport.calls[call]?.headers['idempotency-key']?.split(', ')
  const bulkAnswer = (data: object): Script => ({
    status: 200,
    body: JSON.stringify({ success: true, message: 'Events accepted', data }),
  })

  it('sends events that wait together as one POST, with a key for each in their order', async () => {
    const { record, delivery, clock, transport } = createDelivery(failures(1), batch)
    const sendings = ['a', 'b'].map(record)
    expect(transport.calls).toEqual([])
    await clock.advance(5)
    await Promise.all(sendings.map(({ all }) => all))
    expect(transport.calls).toHaveLength(1)
    expect(transport.calls[0]?.url).toBe('http://h/bulk-events')
    expect(transport.bodies[0]).toBe('{"events":["a","b"]}')
    expect(new Set(keysOf(transport, 0)).size).toBe(2)
    await delivery.flush(1000)
    // Each event keeps its own.
    expect(keysOf(transport, 1)).toEqual(keysOf(transport, 0))
    expect(delivery.stats()).toEqual({ captured: 2, sent: 2, pending: 0, dropped: {} })
  })

  it('takes one timer for a batch, and none for what joins it', async () => {
    const { record, clock, transport } = createDelivery([], { ...batch, batchMaxEvents: 20 })
    for (let count = 0; count < 19; count++) record('x')
    await settled()
    expect(clock.pending).toBe(1)
    await clock.advance(5)
    expect([transport.calls.length, clock.pending]).toEqual([1, 0])
  })

  it('sends one that is alone when its time is over to where single events go', async () => {
    const { record, clock, transport } = createDelivery([], batch)
    record('a')
    await clock.advance(4)
    expect(transport.calls).toEqual([])
    await clock.advance(1)
    expect(sentBodies(transport)).toEqual(['a'])
    expect(transport.calls[0]?.url).toBe('http://h/events')
  })

  it('sends a batch that is full at once, and lets those that come later wait anew', async () => {
    const { record, delivery, clock, transport } = createDelivery([], batch)
    for (const id of ['a', 'b', 'c', 'd']) record(id)
    await clock.advance(0)
    expect(sentBodies(transport)).toEqual([{ events: ['a', 'b', 'c'] }])
    await clock.advance(5)
    expect(sentBodies(transport).slice(1)).toEqual(['d'])
    expect(delivery.stats()).toEqual({ captured: 4, sent: 4, pending: 0, dropped: {} })
  })

  it('waits for none where that is turned off, or one event is a POST', async () => {
    for (const settings of [{ batchFlushIntervalMs: 0 }, { batchMaxEvents: 1 }]) {
      const { record, clock, transport } = createDelivery([], { ...batch, ...settings })
      for (const id of ['a', 'b']) record(id)
      await clock.advance(0)
      expect(sentBodies(transport)).toEqual(['a', 'b'])
    }
  })

  it('takes what waits along with an event that does not, which gets its own result', async () => {
    const answer = bulkAnswer({ eventIds: ['e1', null, 'e3'], rejected: [{ index: 1, message: 'bad b.' }] })
    const { record, deliver, delivery, clock, transport, drops, errors } = createDelivery([answer], batch)
    const [a, b] = ['a', 'b'].map(record)
    const c = deliver('c')
    expect(await c.own).toEqual({ success: true, message: 'Events accepted', data: { eventId: 'e3' } })
    expect(sentBodies(transport)).toEqual([{ events: ['a', 'b', 'c'] }])
    await clock.advance(5)
    expect(await Promise.all([a?.own, b?.own])).toEqual([null, null])
    expect(transport.calls).toHaveLength(1)
    expect(drops).toEqual([{ traceId: 'b', reason: 'rejected', dropped: 1 }])
    expect(errors).toMatchObject([{ code: 'rejected', message: 'ReplayStack refused an event: bad b.' }])
    expect(delivery.stats()).toEqual({ captured: 3, sent: 2, pending: 0, dropped: { rejected: 1 } })
  })

  it('rejects with why its own event was refused, and only that', async () => {
    const answer = bulkAnswer({ eventIds: ['e1', null], rejected: [{ index: 1, message: 'events[1] is odd' }] })
    const { record, deliver, drops } = createDelivery([answer], batch)
    record('a')
    expect(await deliver('b').own).toMatchObject({
      code: 'rejected',
      message: 'ReplayStack refused an event: events[1] is odd.',
    })
    expect(drops).toEqual([{ traceId: 'b', reason: 'rejected', dropped: 1 }])
  })

  it.each([
    undefined,
    '',
    'OK',
    'null',
    '{"success":true}',
    '{"success":true,"data":null}',
    '{"success":true,"data":{"eventIds":"e1","rejected":"none"}}',
    '{"success":true,"data":{"rejected":[null,5,{"index":7,"message":"x"},{"index":"0"}]}}',
  ])('counts a batch as taken whose response names none that is rejected: %o', async body => {
    const { record, deliver, delivery } = createDelivery([{ status: 200, ...(body !== undefined && { body }) }], batch)
    record('a')
    expect(await deliver('b').own).toEqual({ success: true })
    expect(delivery.stats()).toEqual({ captured: 2, sent: 2, pending: 0, dropped: {} })
  })

  it('is taken along by flush, and given up by close', async () => {
    const { record, delivery, clock, transport } = createDelivery([], batch)
    for (const id of ['a', 'b']) record(id)
    await delivery.flush(1000)
    expect(sentBodies(transport)).toEqual([{ events: ['a', 'b'] }])
    record('c')
    delivery.close()
    await clock.advance(10)
    expect(transport.calls).toHaveLength(1)
    expect(delivery.stats()).toEqual({ captured: 3, sent: 2, pending: 0, dropped: { closed: 1 } })
  })

  it('is taken along by the next event where whoever opened it died', async () => {
    const { record, delivery, clock, transport } = createDelivery([], batch)
    const { sleep } = clock
    clock.sleep = () => new Promise(() => {})
    record('dead')
    await settled()
    clock.sleep = sleep
    await clock.advance(6)
    record('b')
    await clock.advance(0)
    expect(sentBodies(transport)).toEqual([{ events: ['dead', 'b'] }])
    expect(delivery.stats()).toMatchObject({ sent: 2, pending: 0 })
  })

  it('goes as POSTs of 1 MB at most, and an event that is larger by itself', async () => {
    const { record, delivery, clock, transport } = createDelivery([], { ...batch, batchMaxEvents: 10 })
    const texts = ['a'.repeat(200_000), 'b'.repeat(132_995), 'c', 'd'.repeat(2_000_000), 'e', 'f']
    for (const text of texts) record(text)
    await clock.advance(5)
    const sent = sentBodies(transport).map(body => (body.events ?? [body]).map((text: string) => text[0]))
    expect(sent).toEqual([['a', 'b'], ['c'], ['d'], ['e', 'f']])
    expect(delivery.stats()).toMatchObject({ sent: 6, pending: 0 })
  })

  it('is measured in bytes, not in characters', async () => {
    const { record, clock, transport } = createDelivery([], { ...batch, batchMaxEvents: 10 })
    for (const size of [200_000, 200_000, 100_000]) record('€'.repeat(size))
    await clock.advance(5)
    expect(sentBodies(transport).map(body => body.events?.length ?? 1)).toEqual([1, 2])
  })

  it('of which a POST fails keeps the rest, which is not tried', async () => {
    const settings = { ...batch, batchMaxEvents: 10, retries: 0 }
    const { record, delivery, clock, transport } = createDelivery(failures(1), settings)
    for (const letter of 'abc') record(letter.repeat(600_000))
    await clock.advance(5)
    expect(transport.calls).toHaveLength(1)
    expect(delivery.stats()).toMatchObject({ sent: 0, pending: 3, dropped: {} })
  })

  it('drains the queue in batches of 1 MB at most', async () => {
    const settings = { ...batch, batchMaxEvents: 10, offlineQueueMax: 10 }
    const { deliver, delivery, transport } = createDelivery(failures(4), settings)
    for (const id of ['a', 'b', 'c'.repeat(600_000), 'd'.repeat(600_000)]) await deliver(id).own
    await delivery.flush(1000)
    const sizes = transport.bodies.slice(4).map(body => new TextEncoder().encode(body).length)
    expect(sizes).toHaveLength(3)
    for (const size of sizes) expect(size).toBeLessThanOrEqual(1_000_000)
    expect(delivery.stats()).toMatchObject({ sent: 4, pending: 0 })
  })

  it.each([400, 409, 413, 422])(
    'takes a batch refused with %i apart: the others do not fall with one',
    async status => {
      const script = [{ status }, { status: 200 }, { status: 400, body: '{"message":"bad b"}' }, { status: 200 }]
      const { record, delivery, clock, transport, drops, errors } = createDelivery(script, batch)
      for (const id of ['a', 'b', 'c']) record(id)
      await clock.advance(5)
      expect(sentBodies(transport)).toEqual([{ events: ['a', 'b', 'c'] }, 'a', 'b', 'c'])
      expect(drops).toEqual([{ traceId: 'b', reason: 'rejected', dropped: 1 }])
      expect(errors.map(error => error.message)).toEqual([expect.stringContaining('bad b')])
      expect(delivery.stats()).toEqual({ captured: 3, sent: 2, pending: 0, dropped: { rejected: 1 } })
      // The next ones may be together again.
      for (const id of ['d', 'e', 'f']) record(id)
      await clock.advance(5)
      expect(sentBodies(transport).slice(4)).toEqual([{ events: ['d', 'e', 'f'] }])
    },
  )

  it('gives the event that carried a batch its own result where that was taken apart, and drains the queue', async () => {
    const script: Script[] = [
      { status: 503 },
      { status: 400 },
      { status: 200 },
      { status: 200, body: '{"success":true,"data":{"eventId":"e2"}}' },
    ]
    const { record, deliver, delivery, transport } = createDelivery(script, batch)
    await deliver('kept').own
    record('a')
    const b = deliver('b')
    expect(await b.own).toEqual({ success: true, data: { eventId: 'e2' } })
    await b.all
    expect(sentBodies(transport)).toEqual(['kept', { events: ['a', 'b'] }, 'a', 'b', 'kept'])
    expect(delivery.stats()).toEqual({ captured: 3, sent: 3, pending: 0, dropped: {} })
  })

  it('stops taking it apart when the API fails, and keeps the rest', async () => {
    const { record, clock, drops, delivery, errors } = createDelivery(
      [{ status: 400 }, { status: 200 }, ...failures(2)],
      batch,
    )
    for (const id of ['a', 'b', 'c']) record(id)
    await clock.advance(5)
    expect(drops).toEqual([])
    expect(errors).toHaveLength(1)
    expect(delivery.stats()).toEqual({ captured: 3, sent: 1, pending: 2, dropped: {} })
  })

  it.each([401, 403])('does not take apart what is refused with %i, for its sender', async status => {
    const { record, delivery, clock, transport, errors } = createDelivery([{ status }], batch)
    for (const id of ['a', 'b', 'c']) record(id)
    await clock.advance(5)
    expect(transport.calls).toHaveLength(1)
    expect(errors).toHaveLength(1)
    expect(delivery.stats()).toMatchObject({ dropped: { rejected: 3 }, pending: 0 })
  })

  it.each([404, 405, 501])('sends single events from then on where %i says that there are no batches', async status => {
    const { record, deliver, delivery, clock, transport, drops, errors } = createDelivery(
      [{ status: 503 }, { status }],
      { ...batch, retries: 1 },
    )
    clock.advance(0)
    const kept = deliver('kept')
    await clock.advance(0)
    for (const id of ['a', 'b', 'c']) record(id)
    await clock.advance(1000)
    await kept.own
    expect(sentBodies(transport)).toEqual(['kept', { events: ['a', 'b', 'c'] }, 'a', 'b', 'c', 'kept'])
    for (const id of ['d', 'e']) record(id)
    await clock.advance(0)
    expect(sentBodies(transport).slice(6)).toEqual(['d', 'e'])
    expect(transport.calls.filter(({ url }) => url.includes('bulk'))).toHaveLength(1)
    expect([drops, errors]).toEqual([[], []])
    expect(delivery.stats()).toEqual({ captured: 6, sent: 6, pending: 0, dropped: {} })
  })

  it('asks no further where single events are not known either', async () => {
    const { record, delivery, clock, transport, errors } = createDelivery([{ status: 404 }, { status: 404 }], batch)
    for (const id of ['a', 'b', 'c']) record(id)
    await clock.advance(5)
    expect(sentBodies(transport)).toEqual([{ events: ['a', 'b', 'c'] }, 'a'])
    expect(errors).toMatchObject([{ code: 'rejected', status: 404 }])
    expect(delivery.stats()).toMatchObject({ dropped: { rejected: 3 }, pending: 0 })
  })
})

describe('a text that is made when its event leaves', () => {
  const batch = { batchMaxEvents: 3, retries: 0 }
  const maker = (text?: string) => vi.fn(() => text)

  it('is made once, with all of its batch, by the timer of whoever opened that', async () => {
    const { delivery, clock, transport } = createDelivery(failures(1), batch)
    const made = [maker('1'), maker('2')]
    for (const make of made) delivery.deliver(make, 't', 'together').own.catch(() => {})
    await clock.advance(4)
    for (const make of made) expect(make).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(sentBodies(transport)).toEqual([{ events: [1, 2] }])
    await delivery.flush(1000)
    expect(sentBodies(transport)).toHaveLength(2)
    for (const make of made) expect(make).toHaveBeenCalledOnce()
  })

  it('is made after the answer of the request that fills its batch', async () => {
    const { delivery, clock } = createDelivery([], batch)
    const made = [maker('1'), maker('2'), maker('3')]
    for (const make of made) delivery.deliver(make, 't', 'together')
    await settled()
    for (const make of made) expect(make).not.toHaveBeenCalled()
    await clock.advance(0)
    for (const make of made) expect(make).toHaveBeenCalledOnce()
  })

  it('is made at once where an event leaves that does not wait, and by flush', async () => {
    const { delivery, transport } = createDelivery([], batch)
    delivery.deliver(maker('1'), 't', 'together')
    await delivery.deliver(maker('2'), 't', 'now').own
    delivery.deliver(maker('3'), 't', 'together')
    await delivery.flush(1000)
    expect(sentBodies(transport)).toEqual([{ events: [1, 2] }, 3])
    expect(delivery.stats()).toEqual({ captured: 3, sent: 3, pending: 0, dropped: {} })
  })

  it('that cannot be made is counted, and the others leave', async () => {
    const { delivery, clock, transport, drops } = createDelivery([], batch)
    for (const make of [maker('1'), maker()]) delivery.deliver(make, 't', 'together')
    const alone = delivery.deliver(() => '3', 'u', 'together')
    await clock.advance(5)
    await alone.all
    expect(sentBodies(transport)).toEqual([{ events: [1, 3] }])
    expect(drops).toEqual([{ traceId: 't', reason: 'internal', dropped: 1 }])
    expect(delivery.stats()).toEqual({ captured: 3, sent: 2, pending: 0, dropped: { internal: 1 } })
  })

  it('of an event that is alone and cannot be made leaves nothing to send', async () => {
    const { delivery, clock, transport } = createDelivery([], batch)
    const { own, all } = delivery.deliver(() => undefined, 't', 'together')
    await clock.advance(5)
    expect(await own).toBeNull()
    await all
    expect(transport.calls).toEqual([])
    expect(delivery.stats()).toEqual({ captured: 1, sent: 0, pending: 0, dropped: { internal: 1 } })
  })

  it('is made before it is queued, so that nothing of its request is held', async () => {
    const { delivery, clock, deliver } = createDelivery(failures(5), { ...batch, offlineQueueMax: 10 })
    for (let n = 0; n < 5; n++) await deliver('a').own
    const make = maker('1')
    delivery.deliver(make, 't', 'together')
    await clock.advance(5)
    expect(make).toHaveBeenCalledOnce()
    expect(delivery.stats()).toMatchObject({ captured: 6, sent: 0, pending: 6 })
  })

  it('is not made where nothing is sent any more', async () => {
    const { delivery, clock, drops } = createDelivery([], batch)
    const [before, after] = [maker('1'), maker('2')]
    delivery.deliver(before, 't', 'together')
    delivery.close()
    delivery.deliver(after, 'u', 'together')
    await clock.advance(5)
    for (const make of [before, after]) expect(make).not.toHaveBeenCalled()
    expect(drops.map(({ reason }) => reason)).toEqual(['closed', 'closed'])
  })
})

describe('a plan whose limit is reached', () => {
  const limit = (status: number): Script => ({
    status,
    body: '{"success":false,"message":"Monthly event limit reached. Please upgrade your plan."}',
  })

  it.each([402, 403, 429])('with %i stops sending for ten minutes at a time, and is said once', async status => {
    const { deliver, delivery, clock, transport, drops, errors } = createDelivery([limit(status), limit(status)])
    await deliver('a').own
    await clock.advance(599_999)
    await deliver('b').own
    expect(transport.calls).toHaveLength(1)
    await clock.advance(1)
    await deliver('c').own
    await clock.advance(599_999)
    await deliver('d').own
    expect(transport.calls).toHaveLength(2)
    expect(errors).toMatchObject([
      {
        code: 'plan_limit',
        status,
        message: `ReplayStack takes no more events: ${status}: Monthly event limit reached. Please upgrade your plan. It is asked again every ten minutes.`,
      },
    ])
    expect([drops, delivery.stats().pending]).toEqual([[], 4])
    await clock.advance(1)
    await deliver('e').all
    expect(delivery.stats()).toEqual({ captured: 5, sent: 5, pending: 0, dropped: {} })
    // After a success it is news again.
    transport.script.push(limit(status))
    await deliver('f').own
    expect(errors).toHaveLength(2)
  })

  it('is asked by flush all the same', async () => {
    const { deliver, delivery } = createDelivery([limit(403)])
    await deliver('a').own
    expect(await delivery.flush(1000)).toEqual({ empty: true })
  })

  it('is no rate limit', async () => {
    const { deliver, clock } = createDelivery([{ status: 429, body: '{"message":"Rate limit reached"}' }])
    const { own } = deliver('a')
    await clock.advance(200)
    expect(await own).toEqual({ success: true })
  })
})

describe('an outage of two seconds', () => {
  const refuses: Script = { status: 503 }

  it.each<[string, Script, number]>([
    ['refuses', refuses, 1],
    ['refuses', refuses, 0],
    ['hangs', 'hangs', 1],
    ['hangs', 'hangs', 0],
  ])(
    'costs three more at most where the API %s (%o, %i retries), and what does not fit the queue',
    async (_, script, retries) => {
      const { record, delivery, clock, transport, drops } = createDelivery([], { batchMaxEvents: 20, retries })
      const post = transport.post.bind(transport)
      const started = clock.now()
      let firstAfter: number | undefined
      transport.post = async (url, request) => {
        const at = clock.now() - started
        if (at < 2_000) transport.script.unshift(script)
        const response = await post(url, request)
        if (response.status === 200) firstAfter ??= at
        return response
      }
      // Fifty requests a second, for ten seconds.
      let waiting = 0
      for (let count = 0; count < 500; count++) {
        record(`e${count}`)
        await clock.advance(20)
        waiting = Math.max(waiting, delivery.stats().pending)
      }
      expect(firstAfter).toBeLessThanOrEqual(2_000 + 3_000)
      const { captured, sent, pending, dropped } = delivery.stats()
      expect([captured, pending]).toEqual([500, 0])
      expect(dropped).toEqual(drops.length > 0 ? { max_queue_size: drops.length } : {})
      expect(sent).toBe(500 - drops.length)
      // Until deliveries flow, at most so many come; a hundred of those are kept.
      expect(drops.length).toBeLessThanOrEqual(Math.max(0, 5 * 50 - 100))
      expect(waiting).toBeGreaterThan(50)
    },
  )
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

it('says of an event that has no place only that it is dropped', async () => {
  const { deliver, lines } = createDelivery([{ status: 503 }], { retries: 0, offlineQueueMax: 0 })
  await deliver('a').own
  expect(lines).toEqual(['captured a', 'dropped a max_queue_size'])
})
