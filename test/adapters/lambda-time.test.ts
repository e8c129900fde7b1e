/** A function whose time is nearly up. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/lambda/index.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { createContext, readEvent } from '../lambda/invoke.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Runs a function that takes `runMs`, of 3,000 that it has, and warns a second before their end. */
async function run(
  runMs: number,
  options: { timeoutWarningMs?: number; enabled?: boolean } = { timeoutWarningMs: 1000 },
) {
  const { enabled = true, ...own } = options
  const recorded = createRecordedClient({ enabled })
  const started = Date.now()
  const context = { ...createContext(), getRemainingTimeInMillis: () => 3000 - (Date.now() - started) }
  const handler = withReplayStack(
    async (_event: object, _context: object, _callback?: unknown, handle?: ReplayStackHandle) => {
      handle?.addBreadcrumb('Asking the bank')
      await new Promise(resolve => setTimeout(resolve, runMs))
      return { statusCode: 200 }
    },
    { client: recorded.client, ...own },
  )
  const ended = handler(readEvent('http-api'), context)
  await vi.advanceTimersByTimeAsync(runMs - 1)
  const before = [...recorded.events]
  await vi.advanceTimersByTimeAsync(10_000)
  await ended
  return { before, events: recorded.events, timers: vi.getTimerCount() }
}

describe('a function that still runs a second before its end', () => {
  it('leaves a warning with what it was doing, before its own event', async () => {
    const { before, events } = await run(2500)
    expect(before).toMatchObject([
      {
        eventType: 'api',
        method: 'POST',
        endpoint: '/orders/7',
        status: 'warning',
        errorName: 'TimeoutWarning',
        errorMessage: 'The function is still running, 1000 ms before its time is up',
        metadata: { functionName: 'shop-api', remainingTimeMs: 1000 },
      },
    ])
    expect(before[0]?.breadcrumbs?.map(({ message }) => message)).toContain('Asking the bank')
    expect(events).toHaveLength(2)
    expect(events[1]).toMatchObject({ status: 'success', statusCode: 200, traceId: before[0]?.traceId })
  })

  it.each<[string, number, { timeoutWarningMs?: number; enabled?: boolean }]>([
    ['that has ended before', 1900, { timeoutWarningMs: 1000 }],
    ['that did not ask for it', 2500, {}],
    ['that asked for none', 2500, { timeoutWarningMs: 0 }],
  ])('leaves none %s', async (_, runMs, options) => {
    const { events, timers } = await run(runMs, options)
    expect(events).toMatchObject([{ status: 'success' }])
    expect(timers).toBe(0)
  })

  it('leaves nothing where nothing is captured', async () => {
    expect(await run(2500, { timeoutWarningMs: 1000, enabled: false })).toMatchObject({ events: [], timers: 0 })
  })
})

it.each([-1, 900_001, Number.NaN, '1000'])('%s is no number of milliseconds', timeoutWarningMs => {
  const { client } = createRecordedClient()
  expect(() => withReplayStack(async () => {}, { client, timeoutWarningMs: timeoutWarningMs as number })).toThrow(
    /option "timeoutWarningMs" must be a whole number, from 0 to 900000; got/,
  )
})
