/** The helpers that both official SDKs have, in their shapes. */
import { describe, expect, it } from 'vitest'
import {
  buildAbsoluteRequestUrlFromParts,
  captureFailure,
  DEFAULT_MASK_FIELDS,
  detectAuthMode,
  formatStackFrameLocation,
  getErrorDetails,
  getReplayStackErrorCapture,
  headersToObject,
  normalizeAbsoluteRequestUrl,
  normalizeEndpoint,
  parseStackTrace,
  pickPrimaryStackFrame,
  ReplayStack,
  ReplayStackClient,
  resolveMaskFields,
  safeJsonClone,
  shouldIgnorePath,
  truncatePayload,
  truncateUtf8String,
} from '../../src/index.ts'
import { createTestClient } from '../../src/testing.ts'

/** What `run` throws. */
function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (thrown) {
    return thrown
  }
  throw new Error('nothing was thrown')
}

describe('detectAuthMode', () => {
  it.each([
    [{ authorization: 'Bearer abc' }, { mode: 'bearer', scheme: 'Bearer' }],
    [{ Authorization: 'Basic dTpw' }, { mode: 'basic', scheme: 'Basic' }],
    [{ authorization: 'ApiKey abc' }, { mode: 'api_key', scheme: 'ApiKey' }],
    [{ authorization: 'Digest username="a"' }, { mode: 'other', scheme: 'Digest' }],
    [{ 'x-api-key': 'abc' }, { mode: 'api_key', scheme: 'x-api-key' }],
    [{ cookie: 'a=b' }, { mode: 'cookie' }],
    [{}, { mode: 'none' }],
    [undefined, { mode: 'none' }],
    [null, { mode: 'none' }],
  ])('of %j is %j', (headers, expected) => {
    expect(detectAuthMode(headers)).toStrictEqual(expected)
  })
})

describe('paths and URLs', () => {
  it('normalizeEndpoint takes what is absent, and cuts a query from a name too', () => {
    expect(normalizeEndpoint(undefined)).toBe(undefined)
    expect(normalizeEndpoint(null)).toBe(undefined)
    expect(normalizeEndpoint('orders?x=1')).toBe('orders')
    expect(normalizeEndpoint('/orders?x=1')).toBe('/orders')
    expect(normalizeEndpoint('https://api.example.com/orders?x=1')).toBe('/orders')
    expect(normalizeEndpoint('daily-report-job')).toBe('daily-report-job')
  })

  it('shouldIgnorePath takes what is absent', () => {
    expect(shouldIgnorePath(undefined, ['/health'])).toBe(false)
    expect(shouldIgnorePath('/health', undefined)).toBe(false)
    expect(shouldIgnorePath('/health', ['/health'])).toBe(true)
  })

  it('normalizeAbsoluteRequestUrl takes what is absent', () => {
    expect(normalizeAbsoluteRequestUrl(undefined)).toBe(undefined)
  })

  it('buildAbsoluteRequestUrlFromParts asks for the headers of a proxy, then for the host', () => {
    const build = (headers: Record<string, string>, pathWithQuery = '/orders?x=1', protocolFallback = 'http') =>
      buildAbsoluteRequestUrlFromParts({ pathWithQuery, getHeader: name => headers[name], protocolFallback })
    expect(build({ host: 'api.example.com' })).toBe('http://api.example.com/orders?x=1')
    expect(build({ host: 'api.example.com' }, '/orders', 'https')).toBe('https://api.example.com/orders')
    expect(build({ host: 'inner', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example.com' })).toBe(
      'https://api.example.com/orders?x=1',
    )
    expect(build({}, 'https://api.example.com/orders')).toBe('https://api.example.com/orders')
    expect(build({})).toBe(undefined)
  })
})

describe('errors', () => {
  it('getErrorDetails makes up no name and no frames', () => {
    expect(getErrorDetails('text')).toStrictEqual({ errorMessage: 'text', stackFrames: [] })
  })

  it('getErrorDetails tells name, message, stack and frames of an error', () => {
    const error = new TypeError('order is undefined')
    const { stackFrames, ...details } = getErrorDetails(error)
    expect(details).toEqual({ errorName: 'TypeError', errorMessage: 'order is undefined', stackTrace: error.stack })
    expect(stackFrames[0]).toMatchObject({
      fileName: expect.stringContaining('helpers.test.ts'),
      lineNumber: expect.any(Number),
    })
  })

  it('parseStackTrace takes what is absent', () => {
    expect(parseStackTrace(undefined)).toEqual([])
    expect(parseStackTrace('Error: boom\n    at createOrder (/app/orders.js:18:7)')).toEqual([
      {
        functionName: 'createOrder',
        fileName: '/app/orders.js',
        lineNumber: 18,
        columnNumber: 7,
        raw: 'at createOrder (/app/orders.js:18:7)',
      },
    ])
  })

  it('formatStackFrameLocation writes what is known', () => {
    expect(formatStackFrameLocation({ raw: '', fileName: '/app/a.js', lineNumber: 18, columnNumber: 7 })).toBe(
      '/app/a.js:18:7',
    )
    expect(formatStackFrameLocation({ raw: '', fileName: '/app/a.py', lineNumber: 18 })).toBe('/app/a.py:18')
    expect(formatStackFrameLocation({ raw: '', fileName: '/app/a.js' })).toBe('/app/a.js')
    expect(formatStackFrameLocation({ raw: 'at native' })).toBe(undefined)
    expect(formatStackFrameLocation(undefined)).toBe(undefined)
  })

  it('pickPrimaryStackFrame prefers the application’s own', () => {
    const own = { raw: '', fileName: '/app/orders.js' }
    const native = { raw: 'at native' }
    const library = { raw: '', fileName: '/app/node_modules/pg/index.js' }
    const node = { raw: '', fileName: 'node:internal/timers' }
    expect(pickPrimaryStackFrame([own, library])).toBe(own)
    expect(pickPrimaryStackFrame([native, node, library, own])).toBe(own)
    expect(pickPrimaryStackFrame([native, library])).toBe(library)
    expect(pickPrimaryStackFrame([native])).toBe(native)
    expect(pickPrimaryStackFrame([])).toBe(undefined)
    expect(pickPrimaryStackFrame(undefined)).toBe(undefined)
  })
})

describe('captureFailure', () => {
  it('throws an error that carries a response, 500 by default', () => {
    const error = thrownBy(() => captureFailure('The card was declined', { error: 'card_declined' }))
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      message: 'The card was declined',
      replayStack: { responsePayload: { error: 'card_declined' }, statusCode: 500 },
    })
    expect(getErrorDetails(error).stackFrames[0]?.fileName).toContain('helpers.test.ts')
    expect(getReplayStackErrorCapture(error)).toEqual({
      responsePayload: { error: 'card_declined' },
      statusCode: 500,
    })
  })

  it('is read by captureException, and overridden by what that is given', async () => {
    const { client, events } = createTestClient()
    const error = thrownBy(() => captureFailure('Declined', { error: 'declined', cardNumber: '4111' }, 402))
    await client.captureException(error)
    await client.captureException(error, { statusCode: 409 })
    expect(events).toMatchObject([
      { statusCode: 402, status: 'failed', responsePayload: { error: 'declined', cardNumber: '[MASKED]' } },
      { statusCode: 409, status: 'failed', responsePayload: { error: 'declined', cardNumber: '[MASKED]' } },
    ])
  })

  it.each([undefined, null, 'text', new Error('plain'), { replayStack: 'text' }])('left nothing on %s', error => {
    expect(getReplayStackErrorCapture(error)).toBe(undefined)
  })

  it('is any error with `replayStack`, of which a wrong status is not read', () => {
    expect(getReplayStackErrorCapture({ replayStack: { statusCode: 418 } })).toStrictEqual({ statusCode: 418 })
    for (const statusCode of [100, 999]) {
      expect(getReplayStackErrorCapture({ replayStack: { statusCode } })).toStrictEqual({ statusCode })
    }
    for (const statusCode of [99, 1000, 200.5, '200']) {
      expect(getReplayStackErrorCapture({ replayStack: { statusCode } })).toStrictEqual({})
    }
    expect(getReplayStackErrorCapture({ replayStack: { statusCode: 'x', responsePayload: [] } })).toStrictEqual({
      responsePayload: [],
    })
  })
})

describe('sizes', () => {
  it('truncateUtf8String ends in `…` where it was cut, within the bytes', () => {
    expect(truncateUtf8String('order-1234567890', 10)).toBe('order-1…')
    expect(truncateUtf8String('order', 10)).toBe('order')
    expect(getErrorDetails(new Error('x'.repeat(20_000))).errorMessage).toBe(`${'x'.repeat(9_999)}…`)
  })

  it('truncatePayload previews no more than the limit, and 2,000 characters at most', () => {
    const payload = { text: 'x'.repeat(10_000) }
    expect(truncatePayload(payload, 100)).toEqual({
      __truncated: true,
      originalSizeBytes: 10_011,
      maxSizeBytes: 100,
      preview: JSON.stringify(payload).slice(0, 100),
    })
    expect(truncatePayload(payload, 5_000)).toMatchObject({ preview: JSON.stringify(payload).slice(0, 2_000) })
    expect(truncatePayload(payload, 20_000)).toBe(payload)
  })

  it('an event’s texts and payloads are cut alike', async () => {
    const { client, events } = createTestClient({ maxPayloadSizeBytes: 100 })
    await client.captureEvent({ errorMessage: 'x'.repeat(5_000), requestPayload: 'y'.repeat(5_000) })
    expect(events[0]?.errorMessage).toBe(`${'x'.repeat(97)}…`)
    expect(events[0]?.requestPayload).toMatchObject({ __truncated: true, preview: `"${'y'.repeat(99)}` })
  })
})

describe('the other names', () => {
  it('ReplayStack is the client', () => {
    expect(ReplayStack).toBe(ReplayStackClient)
  })

  it('resolveMaskFields adds both lists to the defaults', () => {
    expect(resolveMaskFields()).toEqual(DEFAULT_MASK_FIELDS)
    expect(resolveMaskFields(['ssn', ...DEFAULT_MASK_FIELDS], { fields: ['taxId', 'ssn'] })).toEqual([
      ...DEFAULT_MASK_FIELDS,
      'ssn',
      'taxId',
    ])
    expect(resolveMaskFields(undefined, {})).toEqual(DEFAULT_MASK_FIELDS)
  })

  it('headersToObject takes headers of any form', () => {
    const headers = new Headers([
      ['Accept', '*/*'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ])
    expect(headersToObject(headers)).toEqual({ accept: '*/*', 'set-cookie': ['a=1', 'b=2'] })
    expect(headersToObject({ 'Content-Length': 5, Gone: undefined, list: ['a', 'b'] })).toEqual({
      'content-length': '5',
      list: ['a', 'b'],
    })
    expect(headersToObject(undefined)).toEqual({})
    const unreadable = Object.create(null)
    expect(headersToObject({ a: unreadable, b: ['1', unreadable] })).toEqual({ a: '', b: ['1', ''] })
  })

  it('safeJsonClone copies what JSON can hold, and never throws', () => {
    const loop: Record<string, unknown> = { at: new Date(0), big: 1n, list: [1, undefined, Number.NaN], skip: () => 0 }
    loop['self'] = loop
    loop['twice'] = [loop['list'], loop['list']]
    Object.defineProperty(loop, 'broken', {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    })
    expect(safeJsonClone(loop)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      big: '1',
      list: [1, null, null],
      self: '[Circular]',
      twice: [
        [1, null, null],
        [1, null, null],
      ],
    })
    expect(safeJsonClone(undefined)).toBe(undefined)
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(safeJsonClone({ kept: true, proxy })).toEqual({ kept: true })
    let deep: unknown = 'end'
    for (let level = 0; level < 100_000; level++) deep = { deep }
    expect(JSON.stringify(safeJsonClone(deep)).length).toBeLessThan(1000)
  })
})
