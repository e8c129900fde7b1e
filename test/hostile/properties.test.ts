/** What holds of whatever goes through a whole client, and of bodies and URLs: `npm run fuzz` takes it much further. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { recordRequestBody } from '../../src/body/record.ts'
import { assertEvent } from '../../src/inbox/ingest.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { maskText } from '../../src/mask/text.ts'
import { expectNoSecrets } from '../../src/testing.ts'
import type { EventInput } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { createRecordedClient } from '../support/recorded-client.ts'
import type { Script } from '../support/scripted-transport.ts'
import { expectBalance } from './application.ts'

const names = compileMaskNames()
const bytesOf = (text: string): number => new TextEncoder().encode(text).length

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withUnicodeString: true,
  maxDepth: 4,
})
const TEXTS = ['method', 'endpoint', 'requestUrl', 'authScheme', 'errorName', 'errorMessage', 'stackTrace', 'userAgent']
const VALUES = ['requestHeaders', 'requestPayload', 'responseHeaders', 'responsePayload', 'metadata']
const LISTS = ['stackFrames', 'breadcrumbs', 'logs']
const event = fc.tuple(
  fc.dictionary(fc.constantFrom(...TEXTS), fc.string({ unit: 'binary', maxLength: 600 })),
  fc.dictionary(fc.constantFrom(...VALUES), anything),
  fc.dictionary(fc.constantFrom(...LISTS), fc.array(anything, { maxLength: 5 })),
)

/** UTF-8 bytes of what is over its limit, whose beginning is shown. */
const MAX_MARKER_BYTES = 12_200

it('an event is JSON, and each of its parts is within its bound', async () => {
  await fc.assert(
    fc.asyncProperty(event, fc.integer({ min: 1, max: 2000 }), async ([texts, values, lists], max) => {
      const recorded = createRecordedClient({ maxPayloadSizeBytes: max })
      await recorded.client.captureEvent({ ...texts, ...values, ...lists } as EventInput)
      const [sent = {} as never] = recorded.events
      assertEvent(sent)
      const parts: Record<string, unknown> = { ...sent }
      for (const name of TEXTS) expect(bytesOf(String(parts[name] ?? ''))).toBeLessThanOrEqual(max)
      for (const name of VALUES) {
        const part = parts[name]
        if (part === undefined) continue
        // What is no map is kept as the value of one, and what is cut as its marker.
        const json = JSON.stringify(part)
        const isCut = /^(?:\{"value":)?\{"__truncated":true/.test(json)
        expect(bytesOf(json)).toBeLessThanOrEqual(isCut ? MAX_MARKER_BYTES : max + '{"value":}'.length)
      }
    }),
    runs(300),
  )
})

it('nothing that is handed over is changed', async () => {
  const key = fc.constantFrom('a', 'b', 'password', 'access_token', 'Set-Cookie')
  const data = fc.anything({ key, withBigInt: true, withDate: true, withMap: true, withSet: true, maxDepth: 4 })
  await fc.assert(
    fc.asyncProperty(data, async value => {
      const before = structuredClone(value)
      const { client } = createRecordedClient({ logLevel: 'debug' })
      const details = Object.freeze({ metadata: value })
      client.addBreadcrumb('a', details)
      client.captureLog(Object.freeze({ message: 'b', metadata: value }))
      await client.captureEvent(Object.freeze({ requestPayload: value, responsePayload: [value], metadata: { value } }))
      await client.captureException(new Error('c', { cause: value }), details as EventInput)
      expect(value).toStrictEqual(before)
    }),
    runs(200),
  )
})

it('the books balance through hooks that answer at random', async () => {
  const answer = fc.constantFrom<Script>({ status: 200 }, { status: 500 }, { status: 400 }, { throws: 'reset' })
  const decision = fc.constantFrom('keep', 'drop', 'throw', 'promise', 'garbage')
  const step = fc.constantFrom('capture', 'throw', 'flush', 'close')
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.array(answer, { maxLength: 12 }),
      fc.array(decision, { maxLength: 12 }),
      fc.nat(3),
      fc.integer({ min: 1, max: 3 }),
      async (steps, script, decisions, offlineQueueMax, batchMaxEvents) => {
        let told = 0
        const left = [...decisions]
        const recorded = createRecordedClient(
          {
            offlineQueueMax,
            batchMaxEvents,
            retries: 0,
            onQueueDrop: () => void told++,
            beforeSend(one) {
              const decided = left.shift()
              if (decided === 'throw') throw decided
              if (decided === 'drop') return null
              if (decided === 'promise') return Promise.resolve(one) as never
              return decided === 'garbage' ? (decided as never) : one
            },
          },
          ...script,
        )
        const { client } = recorded
        for (const one of steps) {
          if (one === 'capture') await client.captureEvent({ method: 'PUT' })
          else if (one === 'throw') await client.captureException(new Error('x'))
          else if (one === 'flush') await client.flush(20)
          else await client.close(20)
          expectBalance(client)
        }
        await client.close(20)
        expectBalance(client)
        const { pending, dropped } = client.stats()
        const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
        expect({ pending, told }).toEqual({ pending: 0, told: lost })
      },
    ),
    runs(150),
  )
})

/** How a value goes into a text, one in another. */
const wrappers: readonly ((name: string, value: string) => string)[] = [
  (name, value) => JSON.stringify({ a: [1], [name]: value, b: 'x' }),
  (name, value) => new URLSearchParams({ a: '1', [name]: value, b: '2' }).toString(),
  (name, value) => `https://h.example/a?b=1&${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  (name, value) => Buffer.from(JSON.stringify({ a: 1, [name]: value })).toString('base64'),
  (name, value) => Buffer.from(JSON.stringify({ [name]: value, a: 1 })).toString('base64url'),
  (_, value) => `Authorization: Basic ${Buffer.from(`user:${value}`).toString('base64')}`,
  (_, value) => `Bearer ${Buffer.from(JSON.stringify({ sub: value })).toString('base64url')}`,
  (name, value) => `theme=dark; ${name}=${encodeURIComponent(value)}; Path=/`,
  (name, value) => `<a><${name}>${value}</${name}></a>`,
]
const carriers: readonly ((text: string) => string)[] = [
  text => JSON.stringify({ text }),
  text => JSON.stringify({ id: 1, list: [text, text] }),
  text => encodeURIComponent(text),
  text => `https://h.example/cb?to=${encodeURIComponent(text)}&z=1`,
  text => new URLSearchParams({ q: text }).toString(),
  text => Buffer.from(JSON.stringify({ text })).toString('base64'),
]
const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/)
const name = fc.constantFrom('password', 'access_token', 'api_key', 'clientSecret', 'otp', 'session')

it('no secret leaves in a text, however often it was encoded', () => {
  fc.assert(
    fc.property(
      name,
      secret,
      fc.constantFrom(...wrappers),
      fc.array(fc.constantFrom(...carriers), { maxLength: 3 }),
      (name, secret, wrap, around) => {
        const text = around.reduce((inner, carry) => carry(inner), wrap(name, secret))
        expectNoSecrets([{ text: maskText(text, names) }], [secret])
        const masked = maskText(text, names)
        expect(maskText(masked, names)).toBe(masked)
      },
    ),
    runs(1000),
  )
})

it('a URL that is masked is one, with its origin, its path and its other parameters', () => {
  const url = fc.webUrl({ withQueryParameters: true, withFragments: true, validSchemes: ['http', 'https'] })
  const parameter = fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.stringMatching(/^[\w .,!~*()-]{0,12}$/))
  fc.assert(
    fc.property(
      url,
      fc.array(parameter, { maxLength: 4 }),
      name,
      secret,
      fc.nat(4),
      (base, others, name, secret, at) => {
        const before = new URL(base)
        before.search = ''
        before.hash = ''
        const pairs = others.filter(([key]) => !names.hides(key))
        pairs.splice(at, 0, [name, secret])
        for (const [key, value] of pairs) before.searchParams.append(key, value)
        const after = new URL(maskText(before.href, names))
        expect(after.href).not.toContain(secret)
        expect([after.origin, after.pathname]).toEqual([before.origin, before.pathname])
        const kept = pairs.map(([key, value]) => [key, key === name ? '[MASKED]' : value])
        expect([...after.searchParams]).toEqual(kept)
      },
    ),
    runs(500),
  )
})

it('a request body that is recorded reaches its handler byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 2000 }),
      fc.constantFrom(
        'application/json',
        'text/plain',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
        '',
      ),
      fc.integer({ min: 1, max: 3000 }),
      fc.boolean(),
      async (bytes, contentType, max, lies) => {
        const body = bytes.slice()
        const length = String(lies ? bytes.length + 5 : bytes.length)
        const headers = { ...(contentType && { 'content-type': contentType }), 'content-length': length }
        const request = new Request('http://h.example/', { method: 'POST', body, headers })
        const record = recordRequestBody(request, max)
        const received = new Uint8Array(await request.arrayBuffer())
        await record?.()
        expect([...received]).toEqual([...bytes])
      },
    ),
    runs(200),
  )
})
