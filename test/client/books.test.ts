import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Delivery } from '../../src/delivery/delivery.ts'
import type { ClientStats, DropReason } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'
import { type Script, ScriptedTransport } from '../support/scripted-transport.ts'

const answer: fc.Arbitrary<Script> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Script>({ status: 200 }, { status: 202, body: 'ok' }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Script>(
      { status: 500 },
      { status: 408 },
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 429, headers: { 'retry-after': '100' } },
      { throws: new Error('reset') },
      'hangs',
      'hangs deaf',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Script>(
      { status: 400 },
      { status: 401 },
      { status: 307 },
      { status: 404 },
      { status: 501 },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Script>(
      { status: 200, body: '{"success":true,"data":{"eventIds":["e",null],"rejected":[{"index":1,"message":"odd"}]}}' },
      { status: 403, body: '{"message":"Monthly event limit reached. Please upgrade your plan."}' },
    ),
  },
)

type Step =
  | { do: 'capture' | 'record' | 'record last' | 'abandon' | 'close' }
  /** Events whose text is made when they leave, or cannot be made. */
  | { do: 'record late' | 'record in vain' }
  /** The events of senders that die: their promises and timers never run on. */
  | { do: 'capture and die' | 'record and die' }
  | { do: 'flush' | 'wait'; ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<Step>({ do: 'capture' }, { do: 'record' }, { do: 'record late' }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>(
      { do: 'abandon' },
      { do: 'record in vain' },
      { do: 'record last' },
      { do: 'capture and die' },
      { do: 'record and die' },
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'close' }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('flush' as const, 'wait' as const),
      ms: fc.integer({ min: 0, max: 40_000 }),
    }),
  },
)

const LATE: Partial<Record<Step['do'], () => string | undefined>> = {
  'record late': () => '{}',
  'record in vain': () => undefined,
}

const total = ({ sent, pending, dropped }: ClientStats) =>
  sent + pending + Object.values(dropped).reduce((sum, count) => sum + count, 0)

describe('the books', () => {
  it('balance at every moment, and every loss is told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.array(answer, { maxLength: 40 }),
        fc.record({
          retries: fc.integer({ min: 0, max: 2 }),
          offlineQueueMax: fc.integer({ min: 0, max: 5 }),
          batchMaxEvents: fc.integer({ min: 1, max: 4 }),
          batchFlushIntervalMs: fc.constantFrom(0, 5),
        }),
        async (steps, script, settings) => {
          const clock = new ManualClock()
          const told: Partial<Record<DropReason, number>> = {}
          const check = () => expect(total(delivery.stats())).toBe(delivery.stats().captured)
          const transport = new ScriptedTransport(...script)
          const post = transport.post.bind(transport)
          transport.post = (url, request) => {
            check()
            return post(url, request)
          }
          const delivery = new Delivery(
            {
              ingestUrl: 'http://h/events',
              bulkUrl: 'http://h/bulk-events',
              headers: {},
              timeoutMs: 2500,
              ...settings,
              transport,
              onDrop(_, reason, dropped) {
                told[reason] = (told[reason] ?? 0) + 1
                expect(dropped).toBe(told[reason])
                check()
              },
              onError: check,
              log() {},
            },
            clock,
          )
          let captured = 0
          for (const one of steps) {
            if (/capture|record/.test(one.do)) {
              captured++
              const { sleep, timer } = clock
              if (one.do.endsWith('die')) {
                transport.script.unshift('hangs deaf')
                clock.sleep = () => new Promise(() => {})
                clock.timer = () => () => {}
              }
              const departure = one.do === 'record last' ? 'next' : one.do.startsWith('record') ? 'together' : 'now'
              const text = LATE[one.do] ?? '{}'
              delivery.deliver(text, `t${captured}`, departure).own.catch(check)
              await settled()
              Object.assign(clock, { sleep, timer })
            } else if (one.do === 'abandon') {
              captured++
              delivery.abandon(`t${captured}`)
            } else if (one.do === 'close') delivery.close()
            else if ('ms' in one) {
              if (one.do === 'flush') delivery.flush(one.ms).then(check)
              await clock.advance(one.ms)
            }
            check()
          }
          transport.script.length = 0
          await clock.advance(700_000)
          check()
          const closed = delivery.closed
          const flushing = delivery.flush(60_000)
          await clock.advance(60_000)
          const { empty } = await flushing
          check()
          expect(delivery.stats()).toMatchObject({ captured, dropped: told })
          if (!closed) expect({ empty, pending: delivery.stats().pending }).toEqual({ empty: true, pending: 0 })
        },
      ),
      runs(150),
    )
  })
})
