import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertEvent } from '../../src/inbox/ingest.ts'
import { createTestClient, expectNoSecrets } from '../../src/testing.ts'
import type { EventInput } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'

const FIELDS = [
  ...['traceId', 'eventType', 'method', 'endpoint', 'requestUrl', 'authMode', 'authScheme', 'requestHeaders'],
  ...['requestPayload', 'responseHeaders', 'responsePayload', 'status', 'statusCode', 'executionTimeMs', 'errorName'],
  ...['errorMessage', 'stackTrace', 'stackFrames', 'breadcrumbs', 'serviceName', 'environment', 'appVersion'],
  ...['commitHash', 'sourceIp', 'userAgent', 'logs', 'metadata'],
]

/** What a program without types may hand over. */
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withObjectString: true,
  withUnicodeString: true,
} as fc.ObjectConstraints)

it('whatever is captured is an event that the ingest API takes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...FIELDS), anything), anything, async (event, thrown) => {
      const { client, events } = createTestClient({ maxPayloadSizeBytes: 2000 })
      client.addBreadcrumb(event['errorName'] as string, { metadata: thrown, category: event['method'] as string })
      client.captureLog({ message: event['errorMessage'] as string, metadata: thrown })
      await client.captureEvent(event as EventInput)
      await client.captureException(thrown, event as EventInput)
      expect(events).toHaveLength(2)
      for (const one of events) assertEvent(one)
    }),
    runs(300),
  )
})

/** A secret, the name it goes by, and how it may be written. */
const secret = fc.stringMatching(/^[A-Za-z0-9]{12,24}$/)
const name = fc.constantFrom(
  'password',
  'accessToken',
  'api_key',
  'X-Api-Key',
  'client secret',
  'otp',
  'card_number',
  'ssn',
)
const encoding = fc.constantFrom<(name: string, secret: string) => unknown>(
  (name, secret) => ({ [name]: secret }),
  (name, secret) => ({ deep: [{ list: [{ [name]: { any: secret } }] }] }),
  (name, secret) => JSON.stringify({ [name]: secret }),
  (name, secret) => ({ text: JSON.stringify({ inner: JSON.stringify({ [name]: secret }) }) }),
  (name, secret) => new URLSearchParams({ [name]: secret, other: '1' }).toString(),
  (name, secret) => `https://h/p?${new URLSearchParams({ a: '1', [name]: secret })}`,
  (name, secret) => new Map([[name, secret]]),
  (name, secret) => ({ toJSON: () => ({ [name]: secret }) }),
  (_, secret) => `Authorization: Bearer ${secret}`,
  (_, secret) => ({ note: `curl -H "Authorization: Bearer ${secret}"` }),
  (_, secret) => `postgres://user:${secret}@db.internal/app`,
  (_, secret) => `sk_live_${secret}`,
  (_, secret) => ({ [`rs_live_${secret}`]: true }),
)

it('no planted secret leaves, wherever it is put', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, secret, encoding), { minLength: 1, maxLength: 5 }), async planted => {
      const { client, events } = createTestClient({ maskFields: ['ssn'], logLevel: 'debug' })
      for (const [name, secret, encode] of planted) {
        const value = encode(name, secret)
        const text = typeof value === 'string' ? value : JSON.stringify(encode(name, secret))
        client.addBreadcrumb(text, { metadata: value })
        client.captureLog({ message: text, metadata: [value] })
        await client.captureException(new Error(text, { cause: { message: text, detail: value } }), {
          requestUrl: `https://h/?${new URLSearchParams({ [name]: secret })}`,
          requestHeaders: { [name.replaceAll(' ', '-')]: secret, referer: text, 'x-other': text },
          responseHeaders: [['location', text] as const],
          requestPayload: value,
          responsePayload: text,
          endpoint: '/x',
          metadata: { value, text },
        })
      }
      expectNoSecrets(
        events,
        planted.map(([, secret]) => secret),
      )
    }),
    runs(200),
  )
})
