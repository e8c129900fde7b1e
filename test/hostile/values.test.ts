/**
 * Every hostile value through every entry: each pair is one test. The application notices nothing, the books balance,
 * and of an event everything else is kept. Long, because of the table of entries.
 */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReplayStackClient } from '../../src/client/client.ts'
import { runWithReplayStackContext } from '../../src/client/scope.ts'
import { detectAuthMode } from '../../src/event/auth.ts'
import { getErrorDetails } from '../../src/event/error.ts'
import { parseStackTrace } from '../../src/event/stack.ts'
import { assertEvent } from '../../src/inbox/ingest.ts'
import { maskSensitiveData } from '../../src/mask/json.ts'
import type { EventInput, ReplayStackEvent } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'
import { expectBalance, watchRejections } from './application.ts'
import { HOSTILE_VALUES, HUGE_VALUES } from './hostile-values.ts'

const rejections = watchRejections()
afterAll(() => rejections.stop())
afterEach(() => rejections.expectNone())

/** Empty messages are skipped: see test/contract. */
const orText = (value: never): never =>
  value === undefined || value === null || value === '' ? ('text' as never) : value

/** A place where a value enters, what is done with it, and what of the event must be there whatever it is. */
type Entry = readonly [
  where: string,
  enter: (client: ReplayStackClient, value: never) => unknown,
  kept?: object | ((event: ReplayStackEvent) => void),
]

const FIELDS: readonly (keyof EventInput)[] = [
  ...(['traceId', 'eventType', 'endpoint', 'requestUrl', 'authMode', 'authScheme', 'requestHeaders'] as const),
  ...(['requestPayload', 'responseHeaders', 'responsePayload', 'status', 'statusCode', 'executionTimeMs'] as const),
  ...(['errorName', 'errorMessage', 'stackTrace', 'stackFrames', 'breadcrumbs', 'serviceName', 'environment'] as const),
  ...(['appVersion', 'commitHash', 'sourceIp', 'userAgent', 'logs', 'metadata'] as const),
]

/** What is left of an object where the value was one of its members: everything else, or it was too large. */
const othersOf =
  (name: 'requestPayload' | 'metadata' | 'requestHeaders' | 'responseHeaders') => (event: ReplayStackEvent) => {
    const found: Record<string, unknown> = Object(event[name])
    if (!found['__truncated']) expect(found['kept']).toBe('yes')
  }

const event = (fields: object): EventInput => ({ method: 'PUT', endpoint: '/kept', ...fields })
const sent = { method: 'PUT', endpoint: '/kept' }

const ENTRIES: readonly Entry[] = [
  ['the event', (client, value) => client.captureEvent(value)],
  ...FIELDS.map(
    (field): Entry => [
      `the field ${field}`,
      (client, value) => client.captureEvent(event({ [field]: value })),
      { method: 'PUT' },
    ],
  ),
  [
    'a member of a payload',
    (client, value) => client.captureEvent(event({ requestPayload: { kept: 'yes', value } })),
    othersOf('requestPayload'),
  ],
  [
    'a member of a list',
    (client, value) => client.captureEvent(event({ responsePayload: [value, { value }, value] })),
    sent,
  ],
  [
    'a member of a member',
    (client, value) => client.captureEvent(event({ responsePayload: { password: value, a: [{ value }] } })),
    sent,
  ],
  ['a name', (client, value) => client.captureEvent(event({ requestPayload: new Map([[value, value]]) })), sent],
  [
    'a header',
    (client, value) => client.captureEvent(event({ requestHeaders: { value, 'Set-Cookie': value, kept: 'yes' } })),
    othersOf('requestHeaders'),
  ],
  [
    'a header of pairs',
    (client, value) =>
      client.captureEvent(
        event({
          responseHeaders: [
            ['kept', 'yes'],
            ['a', value],
            ['a', value],
            [value, value],
          ],
        }),
      ),
    othersOf('responseHeaders'),
  ],
  [
    'a header that repeats',
    (client, value) => client.captureEvent(event({ requestHeaders: { kept: 'yes', a: [value], A: [value] } })),
    othersOf('requestHeaders'),
  ],
  [
    'a pair of headers',
    (client, value) => client.captureEvent(event({ requestHeaders: [['kept', 'yes'], value] })),
    othersOf('requestHeaders'),
  ],
  [
    'a member of metadata',
    (client, value) => client.captureEvent(event({ metadata: { kept: 'yes', value } })),
    othersOf('metadata'),
  ],
  [
    'a breadcrumb of an event',
    (client, value) => client.captureEvent(event({ breadcrumbs: [value, { message: value }] })),
    sent,
  ],
  [
    'a log line of an event',
    (client, value) => client.captureEvent(event({ logs: [value, { message: value, timestamp: value }] })),
    sent,
  ],
  [
    'a frame of an event',
    (client, value) => client.captureEvent(event({ stackFrames: [value, { raw: value, lineNumber: value }] })),
    sent,
  ],
  ...(['category', 'level', 'metadata'] as const).map(
    (name): Entry => [
      `a breadcrumb’s ${name}`,
      (client, value) => {
        client.addBreadcrumb('kept', { [name]: value })
        expect(client.getBreadcrumbs()).toMatchObject([{ message: 'kept' }])
        return client.captureEvent(event({}))
      },
      { ...sent, breadcrumbs: [{ message: 'kept' }] },
    ],
  ),
  [
    'a breadcrumb’s message',
    (client, value) => {
      client.addBreadcrumb(orText(value), { category: 'kept' })
      return client.captureEvent(event({}))
    },
    { ...sent, breadcrumbs: [{ category: 'kept' }] },
  ],
  [
    'a breadcrumb’s details',
    (client, value) => {
      client.addBreadcrumb('kept', value)
      return client.captureEvent(event({}))
    },
    { ...sent, breadcrumbs: [{ message: 'kept' }] },
  ],
  [
    'a breadcrumb whose metadata cannot be read',
    (client, value) => {
      const thrower = {
        category: 'kept',
        get metadata(): unknown {
          throw value
        },
      }
      client.addBreadcrumb('kept', thrower)
      return client.captureEvent(event({}))
    },
    { ...sent, breadcrumbs: [{ message: 'kept', category: 'kept' }] },
  ],
  [
    'a log line',
    (client, value) => {
      client.captureLog(value)
      return client.captureEvent(event({}))
    },
    sent,
  ],
  ...(['level', 'metadata'] as const).map(
    (name): Entry => [
      `a log line’s ${name}`,
      (client, value) => {
        client.captureLog({ message: 'kept', [name]: value })
        return client.captureEvent(event({}))
      },
      name === 'metadata' ? { ...sent, logs: [{ message: 'kept' }] } : sent,
    ],
  ),
  [
    'a log line’s message',
    (client, value) => {
      client.captureLog({ message: orText(value), metadata: 'kept' })
      return client.captureEvent(event({}))
    },
    { ...sent, logs: [{ metadata: { value: 'kept' } }] },
  ],
  [
    'a log line whose metadata cannot be read',
    (client, value) => {
      client.captureLog({
        message: 'kept',
        get metadata(): unknown {
          throw value
        },
      })
      return client.captureEvent(event({}))
    },
    { ...sent, logs: [{ message: 'kept' }] },
  ],
  [
    'what was thrown',
    (client, value) => client.captureException(value, event({})),
    { ...sent, status: 'failed', statusCode: 500 },
  ],
  [
    'its cause',
    (client, value) => client.captureException(new Error('kept', { cause: value }), event({})),
    { ...sent, errorMessage: 'kept' },
  ],
  [
    'a member of an AggregateError',
    (client, value) => client.captureException(new AggregateError([value, value], 'kept'), event({})),
    { ...sent, errorMessage: 'kept' },
  ],
  ...['stack', 'message', 'name', 'code', 'errors'].map(
    (name): Entry => [
      `an error’s ${name}`,
      (client, value) => client.captureException(Object.defineProperty(new Error('kept'), name, { value }), event({})),
      { ...sent, status: 'failed' },
    ],
  ),
  [
    'what an error’s getter throws',
    (client, value) => {
      const get = (): never => {
        throw value
      }
      return client.captureException(
        Object.defineProperties(new Error('kept'), { stack: { get }, cause: { get } }),
        event({}),
      )
    },
    { ...sent, errorMessage: 'kept' },
  ],
  ['the context of an exception', (client, value) => client.captureException(new TypeError('kept'), value)],
  [
    'the metadata of an exception',
    (client, value) => client.captureException(new TypeError('kept', { cause: 1 }), event({ metadata: value })),
    { ...sent, errorName: 'TypeError', errorMessage: 'kept' },
  ],
  [
    'the trace id of a scope',
    (client, value) => runWithReplayStackContext(() => client.captureEvent(event({})), { traceId: value }),
    sent,
  ],
  ['maskSensitiveData', (_, value) => void JSON.stringify(maskSensitiveData(value))],
  ['detectAuthMode', (_, value) => void expect(detectAuthMode(value).mode).toBeTypeOf('string')],
  ['getErrorDetails', (_, value) => void expect(getErrorDetails(value).errorMessage).toBeTypeOf('string')],
  ['parseStackTrace', (_, value) => void expect(parseStackTrace(value, { message: value })).toBeInstanceOf(Array)],
]

async function check([, enter, kept]: Entry, value: unknown): Promise<void> {
  // On a busy machine a huge value may take longer than an attempt is given by default.
  const recorded = createRecordedClient({ maxPayloadSizeBytes: 20_000, debug: true, timeoutMs: 60_000 })
  const { client } = recorded
  await enter(client, value as never)
  expect(await client.flush()).toBe(true)
  expectBalance(client)
  expect(client.stats()).toMatchObject({ captured: recorded.events.length, sent: recorded.events.length, dropped: {} })
  for (const one of recorded.events) assertEvent(one)
  if (typeof kept === 'object') expect(recorded.events).toMatchObject([kept])
  else for (const one of recorded.events) kept?.(one)
}

// What `debug` logs is formed too, and not printed.
const log = console.log
beforeEach(() => {
  console.log = () => {}
})
afterEach(() => {
  console.log = log
})

describe.each(ENTRIES.map((entry): [string, Entry] => [entry[0], entry]))('%s may be', (_, entry) => {
  it.each(HOSTILE_VALUES)('%s', async (_, make) => {
    await check(entry, make())
  })
})

const WHERE_HUGE = ['the field requestPayload', 'a header', 'a breadcrumb’s metadata', 'what was thrown']
describe.each(HUGE_VALUES)('%s', (_, make) => {
  const value = make()
  it.each(WHERE_HUGE)('may be %s', async where => {
    const entry = ENTRIES.find(([name]) => name === where)
    if (!entry) throw new Error(`There is no entry ${where}.`)
    await check(entry, value)
  })
})
