/** Long, for it is the whole table of fields: what each takes, bounds, masks and leaves out. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  completeEvent,
  type EventContext,
  type EventRules,
  statusOf,
  statusOfCode,
  writeEvent,
} from '../../src/event/fields.ts'
import { writeNote } from '../../src/event/notes.ts'
import { maskSensitiveData, writeValue } from '../../src/mask/json.ts'
import { compileMaskNames, DEFAULT_MASK_FIELDS } from '../../src/mask/names.ts'
import { MASKED } from '../../src/mask/text.ts'
import type { EventInput } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'

const rules: EventRules = {
  names: compileMaskNames(['ssn']),
  known: new Map(),
  maxPayloadSizeBytes: 524_288,
  serviceName: undefined,
  environment: 'test',
  appVersion: undefined,
  commitHash: undefined,
  maxBreadcrumbs: 50,
  maxLogs: 50,
}
/** The time of these tests. */
const NOW = '2026-11-22T13:00:00.000Z'
beforeEach(() => void vi.useFakeTimers({ now: new Date(NOW), toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

const context: EventContext = { traceId: 'trace-1', breadcrumbs: [], logs: [] }
const limited = (maxPayloadSizeBytes: number): EventRules => ({ ...rules, maxPayloadSizeBytes })
const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** An event as the client makes it: completed, then encoded, then read by whoever receives it. */
function wire(event: EventInput, by: EventRules = rules, from: EventContext = context): Record<string, unknown> {
  return JSON.parse(writeEvent(completeEvent(event, by), from, by))
}

/** An event of an application without types. */
const untyped = (event: unknown): EventInput => event as EventInput

const fail = (): never => {
  throw new Error('user code threw')
}

const everything: EventInput = {
  metadata: { route: '/orders/:id' },
  logs: [{ level: 'error', message: 'm', timestamp: '2026-11-22T12:00:00.000Z' }],
  userAgent: 'ua',
  sourceIp: '1.2.3.4',
  commitHash: 'c',
  appVersion: '1',
  environment: 'e',
  serviceName: 's',
  breadcrumbs: [{ message: 'm', level: 'info', timestamp: '2026-11-22T12:00:00.000Z' }],
  stackFrames: [{ raw: 'at a', functionName: 'a', fileName: 'f', lineNumber: 1, columnNumber: 2 }],
  stackTrace: 'Error: x\n    at a (f:1:2)',
  errorMessage: 'x',
  errorName: 'Error',
  executionTimeMs: 0,
  statusCode: 500,
  status: 'failed',
  responsePayload: { ok: false },
  responseHeaders: { 'content-type': 'text/plain' },
  requestPayload: [1],
  requestHeaders: { accept: '*/*' },
  authScheme: 'Bearer',
  authMode: 'bearer',
  requestUrl: 'https://h/orders/1',
  endpoint: '/orders/1',
  method: 'GET',
  eventType: 'api',
  traceId: 'ignored',
}

describe('the keys of an event', () => {
  const order =
    'traceId eventType method endpoint requestUrl authMode authScheme requestHeaders requestPayload responseHeaders responsePayload status statusCode executionTimeMs errorName errorMessage stackTrace stackFrames breadcrumbs serviceName environment appVersion commitHash sourceIp userAgent logs metadata'

  it('come in the order of the contract, whatever the order they were given in', () => {
    expect(Object.keys(wire(everything))).toEqual(order.split(' '))
    expect(wire(everything)).toEqual({ ...everything, traceId: 'trace-1' })
  })

  it('are absent without a value', () => {
    expect(wire({})).toStrictEqual({ traceId: 'trace-1', eventType: 'custom', status: 'success', environment: 'test' })
    const nothing = Object.fromEntries(order.split(' ').map(name => [name, undefined]))
    const nulls = Object.fromEntries(order.split(' ').map(name => [name, null]))
    expect(wire(untyped(nothing))).toStrictEqual(wire({}))
    expect(wire(untyped(nulls))).toStrictEqual({
      traceId: 'trace-1',
      eventType: 'custom',
      requestPayload: null,
      responsePayload: null,
      status: 'success',
      environment: 'test',
    })
    expect(wire({ stackFrames: [], breadcrumbs: [], logs: [], stackTrace: 'no frames' })).toStrictEqual({
      ...wire({}),
      stackTrace: 'no frames',
    })
  })

  it('that no event has are left out', () => {
    expect(wire(untyped({ apiKey: 'rs_live_x', body: 1 }))).toStrictEqual(wire({}))
  })

  it.each(['', 0, false])('with %j for a payload are there', value => {
    expect(wire({ requestPayload: value })['requestPayload']).toBe(value)
  })
})

describe('the status', () => {
  it.each([
    [undefined, 'success'],
    [0, 'success'],
    [200, 'success'],
    [302, 'success'],
    [399, 'success'],
    [400, 'warning'],
    [404, 'warning'],
    [499, 'warning'],
    [500, 'failed'],
    [503, 'failed'],
    [599, 'failed'],
    [Number.NaN, 'success'],
    [-1, 'success'],
  ])('of %s is %s', (statusCode, status) => {
    expect(statusOfCode(statusCode)).toBe(status)
    expect(wire({ statusCode })['status']).toBe(status)
  })

  it.each(['success', 'failed', 'warning', 'pending'] as const)('that is given stands: %s', status => {
    expect(wire({ status, statusCode: 500 })['status']).toBe(status)
  })

  it.each(['FAILED', '', 'ok', 1, {}, ['failed'], 'toString'])('that is none is not taken: %j', status => {
    expect(wire(untyped({ status, statusCode: 500 }))['status']).toBe('failed')
    expect(statusOf(untyped({ status }))).toBe('success')
  })
})

describe('values of the wrong type', () => {
  it.each([
    ['eventType', 'API', 'custom'],
    ['eventType', 5, 'custom'],
    ['eventType', {}, 'custom'],
    ['method', {}, undefined],
    ['method', ['GET'], undefined],
    ['method', 5, '5'],
    ['method', Symbol('GET'), undefined],
    ['method', 5n, undefined],
    ['endpoint', 5, undefined],
    ['endpoint', {}, undefined],
    ['requestUrl', {}, undefined],
    ['authMode', 'magic', undefined],
    ['authScheme', {}, undefined],
    ['statusCode', '404', 404],
    ['statusCode', ' 404 ', 404],
    ['statusCode', '', undefined],
    ['statusCode', ' ', undefined],
    ['statusCode', 99, undefined],
    ['statusCode', 1000, undefined],
    ['statusCode', 200.5, undefined],
    ['executionTimeMs', -1, undefined],
    ['statusCode', 'many', undefined],
    ['statusCode', Number.NaN, undefined],
    ['statusCode', Number.POSITIVE_INFINITY, undefined],
    ['statusCode', {}, undefined],
    ['statusCode', true, undefined],
    ['statusCode', 5n, undefined],
    ['executionTimeMs', '12.4', 12],
    ['executionTimeMs', 12.5, 13],
    ['executionTimeMs', 1e21, undefined],
    ['executionTimeMs', -0, 0],
    ['errorMessage', new Error('x'), undefined],
    ['stackTrace', ['at a'], undefined],
    ['stackFrames', 'at a', undefined],
    ['stackFrames', { length: 1 }, undefined],
    ['breadcrumbs', 'a', undefined],
    ['breadcrumbs', { length: 5 }, undefined],
    ['logs', new Set([1]), undefined],
    ['requestHeaders', 5, {}],
    ['responseHeaders', 'a: b', {}],
    ['sourceIp', null, undefined],
    ['serviceName', false, undefined],
    ['metadata', [1], { value: [1] }],
  ])('%s: %o goes out as %j', (name, value, expected) => {
    expect(wire(untyped({ [name]: value }))[name]).toEqual(expected)
  })

  it('a number as text counts for the status', () => {
    expect(wire(untyped({ statusCode: '500' }))).toMatchObject({ status: 'failed', statusCode: 500 })
  })

  it.each([undefined, null, 5, 'event', [], () => {}])('an event that is %o is an event without fields', event => {
    expect(wire(untyped(event))).toStrictEqual(wire({}))
  })
})

describe('a payload that was cut before', () => {
  const marker = { __truncated: true, originalSizeBytes: 2_000, maxSizeBytes: 1_000, preview: 'é'.repeat(1_000) }

  it('is not cut again', () => {
    expect(wire({ requestPayload: marker }, limited(1_000))).toHaveProperty('requestPayload', marker)
  })

  it('only looks like it where it holds more', () => {
    for (const claimed of [
      { ...marker, preview: 'é'.repeat(100_000) },
      { ...marker, more: 'x' },
      { ...marker, preview: [marker] },
    ]) {
      expect(wire({ requestPayload: claimed }, limited(1_000))).not.toHaveProperty('requestPayload', claimed)
    }
  })
})

describe('an event that cannot be read', () => {
  it('keeps what can be', () => {
    for (const name of Object.keys(everything)) {
      const event = Object.defineProperty({ ...everything }, name, { get: fail, enumerable: true })
      const sent = wire(event)
      for (const known of Object.keys(everything)) if (known !== name) expect(sent).toHaveProperty(known)
    }
  })

  it('is a revoked Proxy, or one that throws at all', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    for (const event of [proxy, new Proxy({}, { get: fail, ownKeys: fail, has: fail })]) {
      expect(wire(event)).toStrictEqual(wire({}))
      expect(JSON.parse(writeEvent(event, context, rules))).toHaveProperty('traceId', 'trace-1')
    }
  })

  it('has lists and headers that throw', () => {
    const { proxy, revoke } = Proxy.revocable([], {})
    revoke()
    const hostile = untyped({
      method: 'GET',
      requestHeaders: proxy,
      breadcrumbs: proxy,
      logs: [
        Object.defineProperty({ level: 'info' }, 'message', { get: fail }),
        null,
        5,
        proxy,
        { message: 'kept', metadata: { toJSON: fail } },
      ],
      stackFrames: [proxy, { raw: 'at a' }],
      metadata: proxy,
    })
    expect(wire(hostile)).toMatchObject({
      method: 'GET',
      requestHeaders: {},
      logs: [
        { message: '', level: 'info' },
        { message: '', level: 'info' },
        { message: '', level: 'info' },
        { message: '', level: 'info' },
        { message: 'kept', level: 'info', metadata: { value: '[Unreadable]' } },
      ],
      stackFrames: [{ raw: '' }, { raw: 'at a' }],
      metadata: { value: '[Unreadable]' },
    })
  })

  it('is an instance whose fields are inherited', () => {
    class Request {
      get method(): string {
        return 'PUT'
      }
    }
    expect(wire(untyped(new Request()))['method']).toBe('PUT')
  })
})

describe('what an event leaves to be told', () => {
  it('is how it was authenticated, from its raw headers', () => {
    const requestHeaders = { Authorization: 'Bearer abc.def', Cookie: 'a=b', 'X-Trace': 'x' }
    expect(wire({ requestHeaders })).toMatchObject({
      authMode: 'bearer',
      authScheme: 'Bearer',
      requestHeaders: { authorization: MASKED, cookie: MASKED, 'x-trace': 'x' },
    })
    expect(wire({ requestHeaders: {} })['authMode']).toBe('none')
    expect(wire({ requestHeaders, authMode: 'cookie' })).toMatchObject({ authMode: 'cookie' })
    expect(wire({ requestHeaders, authMode: 'cookie' })).not.toHaveProperty('authScheme')
    expect(wire(untyped({ requestHeaders, authMode: 'magic' }))['authMode']).toBe('bearer')
    expect(wire({ authScheme: 'Bearer sk_live_abcdef' })['authScheme']).not.toContain('abcdef')
    const bare = wire({ requestHeaders: { authorization: 'hunter2' } })
    expect(bare['authMode']).toBe('other')
    expect(JSON.stringify(bare)).not.toContain('hunter2')
  })

  it('is its user agent', () => {
    expect(wire({ requestHeaders: new Headers({ 'User-Agent': 'curl/8' }) })['userAgent']).toBe('curl/8')
    expect(wire({ requestHeaders: { 'user-agent': 'curl/8' }, userAgent: 'mine' })['userAgent']).toBe('mine')
    expect(wire({ requestHeaders: { 'user-agent': ['a', 'b'] } })['userAgent']).toBe('a')
  })

  it('is its frames, from its stack trace', () => {
    const stackTrace = 'Error: x\n    at load (/app/a.js:1:2)\n    at b (/app/b.js:3:4)'
    expect(wire({ stackTrace, errorName: 'Error', errorMessage: 'x' })['stackFrames']).toEqual([
      { raw: 'at load (/app/a.js:1:2)', functionName: 'load', fileName: '/app/a.js', lineNumber: 1, columnNumber: 2 },
      { raw: 'at b (/app/b.js:3:4)', functionName: 'b', fileName: '/app/b.js', lineNumber: 3, columnNumber: 4 },
    ])
    expect(wire({ stackTrace, stackFrames: [{ raw: 'mine' }] })['stackFrames']).toEqual([{ raw: 'mine' }])
  })

  it('is its client', () => {
    const client = { ...rules, serviceName: 's', environment: 'e', appVersion: '1', commitHash: 'c' }
    expect(wire({}, client)).toMatchObject({ serviceName: 's', environment: 'e', appVersion: '1', commitHash: 'c' })
    const own = { serviceName: 'a', environment: 'b', appVersion: 'c', commitHash: 'd' }
    expect(wire(own, client)).toMatchObject(own)
  })

  it.each([
    ['https://h/a?b=c', '/a'],
    ['/a?token=x', '/a'],
    ['daily-report-job', 'daily-report-job'],
    ['https://h', '/'],
    ['/reset/sk_live_abcdefgh', '/reset/[MASKED]'],
  ])('is its endpoint: %s is %s', (endpoint, expected) => {
    expect(wire({ endpoint })['endpoint']).toBe(expected)
  })
})

describe('headers that are known', () => {
  const known = () => ({ ...rules, known: new Map() })

  it('go out as they came, whatever came before under their names', () => {
    const by = known()
    const told = (requestHeaders: Record<string, unknown>) => wire({ requestHeaders }, by)['requestHeaders']
    for (const value of ['a', 'b', 'b', 'a', '', 'x'.repeat(500), '"quoted"', 'Bearer hunter2-hunter2', 'a']) {
      const headers = { 'x-shelf': value, cookie: value }
      expect(told(headers)).toEqual({ 'x-shelf': value.replace('hunter2-hunter2', MASKED), cookie: value && MASKED })
    }
    expect(told({ cookie: ['a', 'b'], accept: ['a', 'b'] })).toEqual({ cookie: MASKED, accept: ['a', 'b'] })
    expect(told({ accept: 'c', '': 'd', 'a"b': 'e' })).toEqual({ accept: 'c', '': 'd', 'a"b': 'e' })
    expect(told({ cookie: undefined })).toEqual({})
  })
})

describe('texts that are known', () => {
  it('hold no secret', () => {
    const by = { ...rules, known: new Map() }
    const secrets = {
      method: 'Bearer hunter2-hunter2',
      requestHeaders: { cookie: 'hunter2', referer: '/?token=hunter2' },
    }
    wire({ ...secrets, endpoint: '/a', metadata: { password: 'hunter2' } }, by)
    expect([...by.known.keys()].sort()).toEqual(['/a', 'cookie', 'referer', 'test'])
  })

  it('are few and short, however many come', () => {
    const by = { ...rules, known: new Map() }
    for (let count = 0; count < 5_000; count++) wire({ endpoint: `/${count}`, method: `${count}`.repeat(200) }, by)
    expect(by.known.size).toBeLessThanOrEqual(1024)
    expect(Math.max(...[...by.known.keys()].map(text => text.length))).toBeLessThanOrEqual(128)
  })

  it('keep nothing of what they were cut from', () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage: () => void = runInNewContext('gc')
    const by = { ...rules, known: new Map() }
    const used = () => {
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    const before = used()
    for (let index = 0; index < 200; index++) wire({ method: `${index} ${'x'.repeat(200_000)}`.slice(0, 100) }, by)
    expect(by.known.size).toBeGreaterThan(200)
    // 40 MB were met.
    expect(used() - before).toBeLessThan(5_000_000)
  })

  it('are cut where they are longer than is allowed elsewhere', () => {
    const event = {
      method: 'x'.repeat(100),
      breadcrumbs: [{ message: 'x'.repeat(100), level: 'info' as const, timestamp: '2026-11-22T12:00:00.000Z' }],
    }
    expect(wire(event)['method']).toBe(event.method)
    expect(wire(event, limited(10))).toMatchObject({
      method: `${'x'.repeat(7)}…`,
      breadcrumbs: [{ message: `${'x'.repeat(7)}…` }],
    })
  })
})

describe('headers', () => {
  it('keep a name that repeats as a list, and mask the ones with secrets whole', () => {
    const responseHeaders = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['link', '<a>'],
      ['x-api-key', 'k'],
    ])
    expect(wire({ responseHeaders })['responseHeaders']).toEqual({
      'set-cookie': MASKED,
      link: '<a>',
      'x-api-key': MASKED,
    })
    expect(wire({ responseHeaders: { Via: ['a', 'b'], via: 'c' } })['responseHeaders']).toEqual({
      via: ['a', 'b', 'c'],
    })
  })

  it('lose secrets in their values', () => {
    const requestHeaders = {
      referer: 'https://u:p@h/cb?code=1&access_token=abc',
      'x-forwarded-uri': '/a?token=abc&b=1',
      'x-note': 'Basic dXNlcjpwYXNz',
    }
    expect(wire({ requestHeaders })['requestHeaders']).toEqual({
      referer: 'https://[MASKED]@h/cb?code=1&access_token=[MASKED]',
      'x-forwarded-uri': '/a?token=[MASKED]&b=1',
      'x-note': 'Basic [MASKED]',
    })
  })

  it('come to what any other map comes to, also when their texts are known', () => {
    const name = fc.oneof(
      fc.stringMatching(/^[a-z-]{1,12}$/),
      fc.constantFrom('authorization', 'cookie', 'x-api-key', 'ssn', '__proto__', 'constructor', 'sk_live_abcdefgh'),
    )
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'text/html;q=0.9',
        'Bearer abc.def-ghi',
        'http://h:8080/a',
        'http://u:pw@h/',
        '?token=abc&b=1',
        '',
      ),
    )
    fc.assert(
      fc.property(fc.dictionary(name, value), map => {
        const expected = maskSensitiveData(map, ['ssn'])
        const headers = Object.assign(Object.create(null), map)
        for (const _ of ['unknown', 'known']) {
          const sent = wire({ requestHeaders: headers, responseHeaders: headers })
          expect([sent['requestHeaders'], sent['responseHeaders']]).toEqual([expected, expected])
        }
      }),
      runs(1_000),
    )
  })

  it('over the limit become the marker, each map by itself', () => {
    const big = { a: 'x'.repeat(200) }
    const sent = wire({ requestHeaders: big, responseHeaders: { a: 'x' } }, limited(100))
    expect(sent['requestHeaders']).toEqual({
      __truncated: true,
      originalSizeBytes: 208,
      maxSizeBytes: 100,
      preview: JSON.stringify(big).slice(0, 100),
    })
    expect(sent['responseHeaders']).toEqual({ a: 'x' })
  })
})

describe('a request’s URL', () => {
  it.each([
    [524_288, 8192],
    [8192, 8192],
    [1000, 1000],
    [20, 20],
  ])('is, with payloads of %i bytes, at most %i', (max, expected) => {
    const requestUrl = `https://h/${'é'.repeat(20_000)}`
    const sent = String(wire({ requestUrl }, limited(max))['requestUrl'])
    expect(bytesOf(sent)).toBeLessThanOrEqual(expected)
    expect(bytesOf(sent)).toBeGreaterThanOrEqual(expected - 1)
    expect(requestUrl.startsWith(sent.replace(/…$/, ''))).toBe(true)
  })

  it('loses its secrets before it is cut, also those the cut runs through', () => {
    for (let before = 8100; before < 8200; before++) {
      for (const planted of ['&token=hunTer2S3cret&', '&to=%3Fpassword%3DhunTer2S3cret&', '#Bearer+hunTer2S3cret']) {
        const requestUrl = `https://h/?${'a'.repeat(before)}${planted}${'b'.repeat(5000)}`
        expect(wire({ requestUrl })['requestUrl']).not.toContain('hunTe')
      }
    }
  })

  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/).filter(one => !rules.names.hides(one))
  const value = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.~ é😀&=#?/:@+%"\'<>;,') })
  const parameter = fc.oneof(
    fc.tuple(
      name,
      // An apostrophe opens nothing, but a quote that stands alone may.
      value.filter(one => !/(?<!\w)'/.test(encodeURIComponent(one))),
      fc.constant(false),
    ),
    // A quote that opens a secret is followed to its end, wherever that is: nothing of it is left, but more may go.
    fc.tuple(
      fc.constantFrom('password', 'access_token', 'user[secret]', 'apiKey', 'ssn'),
      value.filter(one => !one.startsWith("'")),
      fc.constant(true),
    ),
  )

  it('stays one, with its path and its other parameters', () => {
    const url = fc.record({
      user: fc.option(fc.stringMatching(/^[a-zA-Z0-9]{1,8}$/)),
      path: fc.array(fc.stringMatching(/^[a-zA-Z0-9._~-]{1,12}$/), { maxLength: 4 }),
      parameters: fc.array(parameter, { maxLength: 6 }),
      hash: fc.option(fc.stringMatching(/^[a-z]{1,8}$/)),
    })
    fc.assert(
      fc.property(url, ({ user, path, parameters, hash }) => {
        const query = parameters
          .map(([key, given]) => `${encodeURIComponent(key)}=${encodeURIComponent(given)}`)
          .join('&')
        const authority = user ? `${user}:hunTer2@h.example` : 'h.example'
        const before = `https://${authority}/${path.join('/')}${query && `?${query}`}${hash ? `#${hash}` : ''}`
        const after = new URL(String(wire({ requestUrl: before })['requestUrl']))
        expect(after.host).toBe('h.example')
        expect(after.pathname).toBe(new URL(before).pathname)
        expect(after.password).toBe('')
        const found = [...after.searchParams]
        expect(found.map(([key]) => key)).toEqual(parameters.map(([key]) => key))
        for (const [index, [, given, secret]] of parameters.entries()) {
          const plain = /[=:@%]/.test(given) ? undefined : given
          if (secret) expect(given ? [MASKED] : ['', MASKED]).toContain(found[index]?.[1])
          else if (plain !== undefined) expect(found[index]?.[1]).toBe(plain)
        }
      }),
      runs(1000),
    )
  })
})

describe('payloads', () => {
  const payloads = fc.anything({ withMap: true, withSet: true, withDate: true, withUnicodeString: true, maxDepth: 4 })

  it('fit in their bytes, or are the marker', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 1, max: 300 }), (payload, max) => {
        const json = writeValue(payload, rules, max)
        if (json === undefined) return
        const value: unknown = JSON.parse(json)
        if (bytesOf(json) <= max) return
        expect(Object.keys(Object(value))).toEqual(['__truncated', 'originalSizeBytes', 'maxSizeBytes', 'preview'])
        expect(value).toMatchObject({ __truncated: true, maxSizeBytes: max })
      }),
      runs(2000),
    )
  })

  it.each([
    [10, 12, { a: 'éé' }],
    [12, undefined, { a: 'éé' }],
    [5, 6, '😀'],
    [6, undefined, '😀'],
    [3, 4, null],
    [0, 1, 1],
  ])('of more than %i bytes say that they are %j', (max, size, payload) => {
    const value: unknown = JSON.parse(writeValue(payload, rules, max) ?? '')
    if (size === undefined) expect(value).toEqual(payload)
    else {
      expect(value).toStrictEqual({
        __truncated: true,
        originalSizeBytes: size,
        maxSizeBytes: max,
        preview: JSON.stringify(payload).slice(0, max),
      })
    }
  })

  it('preview 2,000 characters of their masked JSON, and no half of a pair', () => {
    for (let pad = 0; pad < 4; pad++) {
      const payload = { password: 'hunter2', text: 'x'.repeat(pad) + '😀'.repeat(5000) }
      const sent = JSON.parse(writeValue(payload, rules, 5000) ?? '')
      expect(sent.preview.length).toBeGreaterThanOrEqual(1999)
      expect(sent.preview.length).toBeLessThanOrEqual(2000)
      expect(() => encodeURIComponent(sent.preview)).not.toThrow()
      expect(sent.preview).toContain('"password":"[MASKED]"')
    }
  })

  it('say how large they are, as far as it is known', () => {
    const size = (payload: unknown): number => JSON.parse(writeValue(payload, rules, 1000) ?? '').originalSizeBytes
    expect(size('x'.repeat(3000))).toBe(3002)
    expect(size('x'.repeat(5_000_000))).toBeGreaterThan(4_990_000)
    expect(size({ a: 'x'.repeat(5_000_000), b: 1 })).toBeGreaterThan(4_990_000)
    expect(size(Array.from({ length: 100_000 }, (_, index) => index))).toBeGreaterThan(1000)
  })

  it('end before what may be half of a secret, or half of a pair', () => {
    const previewOf = (preview: string): unknown => {
      const cut = { __truncated: true, originalSizeBytes: 9000, maxSizeBytes: 1000, preview }
      return wire({ responsePayload: cut })['responsePayload']
    }
    for (const half of ['AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3', 'ghp_0123456789', 'sk-ABCdef', 'rs_live_ab'])
      expect(previewOf(`{"a":1} ${half}`)).toMatchObject({ preview: '{"a":1} ' })
    expect(previewOf('an end \ud83d')).toMatchObject({ preview: 'an end ' })
    expect(previewOf('an end like any')).toMatchObject({ preview: 'an end like any' })
    const long = 'x'.repeat(1_000_000)
    expect(previewOf(long)).toMatchObject({ __truncated: true })
  })

  it('masked as a marker stay what they are', () => {
    const cut = { __truncated: true, originalSizeBytes: 9000, maxSizeBytes: 1000, preview: '{"a":1,"password":"hun' }
    expect(wire({ requestPayload: cut })['requestPayload']).toEqual({
      ...cut,
      preview: '{"a":1,"password":"[MASKED]"',
    })
  })
})

describe('texts', () => {
  it.each(['errorName', 'errorMessage', 'stackTrace', 'method', 'endpoint', 'serviceName', 'sourceIp', 'userAgent'])(
    'of %s are masked, then cut to the size of a payload',
    name => {
      const text = `a 😀 Bearer abc.def ${'é'.repeat(5000)}`
      const sent = String(wire(untyped({ [name]: text }), limited(1001))[name])
      expect(sent).toContain('Bearer [MASKED]')
      expect(bytesOf(sent)).toBeLessThanOrEqual(1001)
      expect(bytesOf(sent)).toBeGreaterThanOrEqual(1000)
    },
  )

  it('of a trace id are masked too', () => {
    expect(wire({}, rules, { ...context, traceId: 'sk_live_abcdefgh' })['traceId']).toBe(MASKED)
  })
})

describe('breadcrumbs and log lines', () => {
  it('are one object each: message, category, level, metadata, timestamp', () => {
    const note = {
      timestamp: '2026-11-22T12:00:00.000Z',
      metadata: { pin: 1, a: 2 },
      level: 'warning',
      category: 'c',
      message: 'Bearer abc',
    }
    expect(writeNote(note, rules)).toBe(
      '{"message":"Bearer [MASKED]","category":"c","level":"warning","metadata":{"pin":"[MASKED]","a":2},"timestamp":"2026-11-22T12:00:00.000Z"}',
    )
    expect(writeNote({ message: {}, level: 'loud', timestamp: 'soon' }, rules)).toBe(
      '{"message":"","level":"info","timestamp":"2026-11-22T13:00:00.000Z"}',
    )
    expect(writeNote({ message: 5, level: 'info', timestamp: '2026-11-22T12:00:00.000Z' }, rules)).toContain(
      '"message":"5"',
    )
  })

  it.each([
    ['2026-11-22T10:20:30.400Z', '2026-11-22T10:20:30.400Z'],
    ['2026-11-22T12:20:30+02:00', '2026-11-22T10:20:30.000Z'],
    ['2026-11-22T10:20:30Z (Bearer abc)', NOW],
    ['2026-11-22T99:00:00Z', NOW],
    ['Sun, 22 Nov 2026 10:20:30 GMT', NOW],
    ['+002026-11-22T10:20:30Z', NOW],
    ['yesterday', NOW],
    ['', NOW],
    [0, NOW],
    [undefined, NOW],
    [{}, NOW],
  ])('of the time %j go out with %j', (timestamp, expected) => {
    const breadcrumbs = [{ message: 'm', timestamp }]
    expect(wire(untyped({ breadcrumbs, logs: breadcrumbs }))).toMatchObject({
      breadcrumbs: [{ timestamp: expected }],
      logs: [{ timestamp: expected }],
    })
  })

  it('are at most 16,384 bytes in each of their parts', () => {
    const note = {
      message: 'é'.repeat(50_000),
      level: 'info',
      metadata: 'é'.repeat(50_000),
      timestamp: '2026-11-22T12:00:00.000Z',
    }
    const sent = JSON.parse(writeNote(note, rules))
    // An odd number of bytes is left over: the text's characters have two, `…` has three.
    expect(bytesOf(sent.message)).toBe(16_383)
    expect(sent.metadata).toMatchObject({ __truncated: true, maxSizeBytes: 16_384 })
    expect(bytesOf(JSON.parse(writeNote(note, limited(100))).message)).toBe(99)
  })

  it('are the scope’s unless the event brings its own', () => {
    const scope = { ...context, breadcrumbs: ['{"message":"kept"}'], logs: ['{"message":"line"}', '{"message":"2"}'] }
    expect(wire({}, rules, scope)).toMatchObject({
      breadcrumbs: [{ message: 'kept' }],
      logs: [{ message: 'line' }, { message: '2' }],
    })
    const own = { message: 'own', level: 'info', timestamp: '2026-11-22T12:00:00.000Z' } as const
    expect(wire({ breadcrumbs: [own], logs: [] }, rules, scope)).toMatchObject({ breadcrumbs: [own] })
    expect(wire({ logs: [] }, rules, scope)).not.toHaveProperty('logs')
  })

  it('that an event brings are the newest that are kept', () => {
    const notes = Array.from(
      { length: 9 },
      (_, index) => ({ message: `${index}`, level: 'info', timestamp: '2026-11-22T12:00:00.000Z' }) as const,
    )
    const sent = wire({ breadcrumbs: notes, logs: notes }, { ...rules, maxBreadcrumbs: 2, maxLogs: 0 })
    expect(sent['breadcrumbs']).toMatchObject([{ message: '7' }, { message: '8' }])
    expect(sent).not.toHaveProperty('logs')
    const endless: unknown[] = []
    endless.length = 2 ** 32 - 1
    expect(wire(untyped({ breadcrumbs: endless }))['breadcrumbs']).toHaveLength(50)
  })
})

describe('stack frames', () => {
  it('have their own fields, masked, and a hundred of them at most', () => {
    const frame = {
      extra: 1,
      raw: `at a (https://u:p@h/${'x'.repeat(9000)}:1:2)`,
      columnNumber: 0,
      lineNumber: '7',
      fileName: 'https://u:p@h/?token=abc',
      functionName: 'a',
    }
    const sent = wire(untyped({ stackFrames: Array(200).fill(frame) }), limited(1000))['stackFrames']
    expect(sent).toHaveLength(100)
    expect(JSON.stringify(sent)).not.toMatch(/u:p|abc/)
    const [first] = [sent].flat()
    expect(first).toEqual({
      functionName: 'a',
      fileName: 'https://[MASKED]@h/?token=[MASKED]',
      lineNumber: 7,
      raw: expect.stringMatching(/^at a \(https:\/\/\[MASKED\]@h\/x+…$/),
    })
    expect(bytesOf(Object(first).raw)).toBe(8192)
  })
})

describe('nothing is changed', () => {
  it('of an event that is frozen through and through', () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) freeze(inner)
      return Object.freeze(value)
    }
    const event = freeze({ ...structuredClone(everything), requestPayload: { password: 'x', list: [{ pin: 1 }] } })
    const before = structuredClone(event)
    wire(event)
    expect(event).toEqual(before)
  })
})

// ——— No planted secret, anywhere, in any encoding ———

const letters = fc.string({
  unit: fc.constantFrom(...'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'),
  minLength: 12,
  maxLength: 40,
})

/** What must not come out, and the text it stands in. */
interface Planted {
  secret: string
  text: string
}

/** Secrets that are told by their shape. */
const shaped: fc.Arbitrary<Planted> = letters.chain(random =>
  fc.constantFrom(
    { secret: random, text: `Bearer ${random}` },
    { secret: random, text: `Authorization: bearer ${random}` },
    { secret: btoa(`user:${random}`), text: `Basic ${btoa(`user:${random}`)}` },
    { secret: random, text: `eyJhbGciOiJIUzI1NiJ9.${random}.${random}` },
    { secret: random, text: `eyJhbGciOiJkaXIifQ..${random}.${random}.${random}` },
    { secret: random, text: `-----BEGIN PRIVATE KEY-----\n${random}\n-----END PRIVATE KEY-----` },
    { secret: random, text: `-----BEGIN RSA PRIVATE KEY-----\n${random}` },
    { secret: random, text: `rs_live_${random}` },
    { secret: random, text: `sk_test_${random}` },
    { secret: random, text: `ghp_${random}${random}` },
    { secret: random, text: `postgres://user:${random}@db.example:5432/app` },
    { secret: random, text: `https://${random}@h.example/a` },
  ),
)

const maskedName = fc.constantFrom(
  ...DEFAULT_MASK_FIELDS.filter(name => !name.includes('*')),
  'ssn',
  'dbPassword',
  'X-Api-Key',
)

/** Text that surrounds a secret without touching it. */
const around = fc.string({ unit: fc.constantFrom(...'abc 01.,!é😀\n'), maxLength: 20 })

/** Values in which a secret is told by its name. */
const named: fc.Arbitrary<{ secret: string; value: unknown }> = fc
  .tuple(letters, maskedName, fc.constantFrom('value', 'list', 'object', 'Map', 'number'))
  .map(([secret, name, form]) => {
    const values = {
      value: secret,
      list: [1, secret],
      object: { deep: { [secret]: secret } },
      Map: new Map([['a', secret]]),
      number: secret,
    }
    return {
      secret,
      value: form === 'Map' ? new Map([[name, values.Map]]) : { [name]: Reflect.get(values, form), kept: 1 },
    }
  })

/** The same in texts. */
const namedText: fc.Arbitrary<Planted> = fc.tuple(letters, maskedName, fc.nat(11)).map(([secret, name, form]) => {
  const value = `${secret}"'\\ ${secret}`
  const json = JSON.stringify({ a: 'x', [name]: value, [`nested ${form}`]: { [name]: [value] } })
  const texts = [
    json,
    JSON.stringify(JSON.parse(json), null, 2),
    JSON.stringify({ body: json }),
    JSON.stringify({ body: JSON.stringify({ body: json }) }),
    `failed with ${json} today`,
    json.slice(0, -4),
    JSON.stringify({ body: json }).slice(0, -7),
    new URLSearchParams({ a: 'x', [name]: value, b: 'y' }).toString(),
    `/cb?a=1&${encodeURIComponent(name)}=${encodeURIComponent(value)}#x`,
    `https://h/?to=${encodeURIComponent(`https://h/?${encodeURIComponent(name)}=${encodeURIComponent(value)}&b=1`)}`,
    `https://h/?q=${encodeURIComponent(json)}&z=1`,
    `q=${encodeURIComponent(encodeURIComponent(json))}`,
  ]
  return { secret, text: texts[form] ?? json }
})

const planted: fc.Arbitrary<{ secret: string; value: unknown }> = fc.oneof(
  named,
  namedText.map(({ secret, text }) => ({ secret, value: text })),
  fc
    .tuple(shaped, around, around)
    .map(([{ secret, text }, before, after]) => ({ secret, value: `${before} ${text} ${after}` })),
  shaped.map(({ secret, text }) => ({ secret, value: { [text]: 1 } })),
  shaped.map(({ secret, text }) => ({ secret, value: `a=1&note=${encodeURIComponent(text)}&b=2` })),
  shaped.map(({ secret, text }) => ({ secret, value: JSON.stringify({ body: JSON.stringify({ note: text }) }) })),
)

type Wrap = (inner: unknown) => unknown
const wraps = fc.array(
  fc.constantFrom<Wrap>(
    inner => ({ a: 1, inner, z: 'é' }),
    inner => [1, inner, 'b'],
    inner => new Map([['inner', inner]]),
    inner => new Set([inner]),
    inner => ({ toJSON: () => inner }),
    inner => Object.assign(Object.create(null), { inner }),
    inner => new Error('a', { cause: inner }),
    inner =>
      JSON.stringify({ inner: typeof inner === 'string' ? inner : 'x', other: inner instanceof Map ? 0 : inner }),
  ),
  { maxLength: 5 },
)

/** Every place of an event in which an application may leave a value or a text. */
const places: readonly ((value: unknown, text: string) => EventInput)[] = [
  value => ({ requestPayload: value }),
  value => ({ responsePayload: value }),
  value => ({ metadata: { value } }),
  value => ({ requestHeaders: { 'x-note': value } }),
  value => ({ responseHeaders: { 'x-notes': [value, value] } }),
  value => ({ breadcrumbs: [{ message: 'm', level: 'info', metadata: value, timestamp: '2026-11-22T12:00:00.000Z' }] }),
  value => ({ logs: [{ message: 'm', level: 'error', metadata: { value }, timestamp: '2026-11-22T12:00:00.000Z' }] }),
  (_, text) => ({
    breadcrumbs: [{ message: text, category: text, level: 'info', timestamp: `2026-01-02T03:04:05Z (${text})` }],
  }),
  (_, text) => ({ logs: [{ message: text, level: 'error', timestamp: '2026-11-22T12:00:00.000Z' }] }),
  (_, text) => ({ errorMessage: text, errorName: text }),
  (_, text) => ({ stackTrace: `Error: ${text}\n    at a (/app/a.js:1:2)` }),
  (_, text) => ({ stackFrames: [{ raw: text, fileName: text, functionName: text }] }),
  (_, text) => ({ requestUrl: `https://h.example/cb?note=${encodeURIComponent(text)}&b=2` }),
  (_, text) => ({ userAgent: text, sourceIp: text, method: text }),
  (_, text) => ({ serviceName: text, environment: text, appVersion: text, commitHash: text, authScheme: text }),
]

/** All that could show a secret: the text as it is, and what a reader would make of it. */
function readings(json: string): string[] {
  const found = [json]
  for (let level = 0; level < 3; level++) found.push((found[level] ?? '').replace(/\\(.)/g, '$1'))
  for (const text of [...found]) {
    let decoded = text
    for (let level = 0; level < 3; level++) {
      decoded = decoded.replace(/%([2-7][\da-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      found.push(decoded)
    }
  }
  return found
}

describe('no secret goes out', () => {
  it('from anywhere in an event, in any form', () => {
    fc.assert(
      fc.property(planted, wraps, fc.nat(places.length - 1), ({ secret, value }, wrapped, place) => {
        const whole = wrapped.reduce((inner, wrap) => wrap(inner), value)
        // Where a Map or a Set was put into JSON text, the secret is no longer there to be found.
        const text = typeof value === 'string' ? value : JSON.stringify(value)
        const event = places[place]?.(whole, text) ?? {}
        for (const by of [rules, limited(300)]) {
          const json = writeEvent(completeEvent(event, by), context, by)
          JSON.parse(json)
          for (const reading of readings(json)) expect(reading).not.toContain(secret)
        }
      }),
      runs(10_000),
    )
  })

  it('and what went out, masked again, stays the same', () => {
    fc.assert(
      fc.property(planted, fc.nat(places.length - 1), ({ value }, place) => {
        const text = typeof value === 'string' ? value : JSON.stringify(value)
        const json = writeEvent(completeEvent(places[place]?.(value, text) ?? {}, rules), context, rules)
        const again: EventInput = JSON.parse(json)
        expect(writeEvent(again, context, rules)).toBe(json)
      }),
      runs(3000),
    )
  })
})
