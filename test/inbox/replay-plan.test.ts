/** Long, for it is the whole table of what a replay sends, asks for and refuses. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planReplay, type ReplayPlan } from '../../src/inbox/replay/plan.ts'
import { maskSensitiveData } from '../../src/mask/json.ts'
import type { JsonValue, ReplayStackEvent } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { createSampleEvent } from './sample-event.ts'

/** A request that can be replayed as it stands, but for what is given. */
function plan(fields: Partial<ReplayStackEvent> = {}, given?: Parameters<typeof planReplay>[1]): ReplayPlan {
  return planReplay(
    createSampleEvent({ requestUrl: 'https://api.example.com/orders', requestHeaders: {}, ...fields }),
    given,
  )
}

function withBody(requestPayload: JsonValue, headers: Record<string, string> = {}, given = {}): ReplayPlan {
  const requestHeaders = { 'content-type': 'application/json', ...headers }
  return plan({ requestPayload, requestHeaders }, given)
}

function names({ needs }: ReplayPlan): string[] {
  return needs.map(({ where, name }) => `${where} ${name}`)
}

describe('refusals', () => {
  const marker = (reason: string) => ({ captured: false, reason })
  it.each<[string, Partial<ReplayStackEvent>]>([
    ['This is a cron event without', { eventType: 'cron' }],
    ['This is a queue event without', { eventType: 'queue', method: 'POST' }],
    ['This is an api event without', { eventType: 'api', method: '' }],
    ['The request has a method that HTTP does not allow', { method: 'GET / HTTP' }],
    ['A CONNECT request asks for a connection', { method: 'CONNECT' }],
    ['A TRACE request asks for a connection', { method: 'trace' }],
    ['The request opened a WebSocket', { statusCode: 101 }],
    ['The request opened a WebSocket', { requestHeaders: { upgrade: 'WebSocket' } }],
    ['The event has no URL', { requestUrl: '', endpoint: 'nightly-report' }],
    ['The URL was too long', { requestUrl: `https://h/${'a'.repeat(8182)}` }],
    [
      'The request body was too large to be captured whole',
      { requestPayload: { __truncated: true, originalSizeBytes: 9e6, maxSizeBytes: 5e5, preview: '{"a' } },
    ],
    ['Streaming request body not captured, so', { requestPayload: marker('Streaming request body not captured') }],
    ['Binary request body not captured, so', { requestPayload: marker('Binary request body not captured') }],
    ['Encoded request body not captured, so', { requestPayload: marker('Encoded request body not captured') }],
    ['The request body did not arrive whole, so', { requestPayload: marker('The request body did not arrive whole') }],
    [
      'The request body was read before it could be copied, so',
      { requestPayload: marker('The request body was read before it could be copied') },
    ],
    ['The contents of a multipart body', { requestPayload: { fields: ['a'], files: [] } }],
    [
      'The contents of a multipart body',
      { requestPayload: 'x', requestHeaders: { 'content-type': 'multipart/form-data; boundary=b' } },
    ],
    ['The request had a body that was not captured', { requestHeaders: { 'content-length': '12' } }],
    ['The request had a body that was not captured', { requestHeaders: { 'transfer-encoding': 'chunked' } }],
    [
      'The body is not UTF-8 text',
      { requestPayload: 'caf\ufffd', requestHeaders: { 'content-type': 'text/plain', 'content-length': '4' } },
    ],
    [
      'The body is not UTF-8 text',
      { requestPayload: 'café', requestHeaders: { 'content-type': 'text/plain; charset=ISO-8859-1' } },
    ],
    [
      'A name in the body was masked',
      { requestPayload: { a: { 'sk [MASKED]': 1 } }, requestHeaders: { 'content-type': 'application/json' } },
    ],
    ['A name in the query was masked', { requestUrl: 'https://h/?%5BMASKED%5D=1' }],
    ['The header "x-[masked]" has a name', { requestHeaders: { 'x-[MASKED]': '1' } }],
    ['The header "a b" has a name that HTTP does not allow', { requestHeaders: { 'a b': '1' } }],
    ['The header "x-a" has a value that HTTP does not allow', { requestHeaders: { 'x-a': 'one\r\nx-b: two' } }],
    ['The header "x-a" has a value that HTTP does not allow', { requestHeaders: { 'x-a': '日本' } }],
    [
      'The form was captured as nested values',
      { requestPayload: { a: { b: '1' } }, requestHeaders: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
  ])('%s', (reason, fields) => {
    const { refusal, ...rest } = plan(fields)
    expect(refusal).toMatch(/^[A-Z].*\.$/)
    expect(refusal).toContain(reason)
    expect(rest).toEqual({ needs: [], notes: [] })
  })

  it('what is nested too deeply is refused, not a stack overflow', () => {
    const deep: JsonValue = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
    expect(withBody(deep).refusal).toContain('nested too deeply')
    let captured: JsonValue = '[Too deep]'
    for (let depth = 0; depth < 100; depth++) captured = [captured]
    expect(withBody(captured).refusal).toContain('deeper than is captured')
  })
})

describe('the target', () => {
  it.each([
    ['https://api.example.com/orders?a=1&a=2#top', '/orders?a=1&a=2'],
    ['https://api.example.com', '/'],
    ['https://api.example.com?a=%20+b', '/?a=%20+b'],
    ['https://api.example.com//evil.example/../x', '//evil.example/../x'],
    ['https://api.example.com/a b/\u00e9\ud800', '/a%20b/%C3%A9%EF%BF%BD'],
  ])('of %s is %s', (requestUrl, path) => {
    expect(plan({ requestUrl }).request?.path).toBe(path)
  })

  it('is the endpoint where there is no URL, and says so', () => {
    const { request, notes } = planReplay(createSampleEvent({ requestHeaders: {} }))
    expect(request?.path).toBe('/orders')
    expect(notes).toEqual(['The URL was not captured: the request goes to its path alone, without a query.'])
  })
})

describe('headers', () => {
  it('that belong to the connection, the host or the proxies are not sent', () => {
    const requestHeaders = {
      ...{ host: 'api.example.com', connection: 'keep-alive, X-Hop', 'x-hop': '1', 'keep-alive': 'timeout=5' },
      ...{ 'accept-encoding': 'gzip', 'content-length': '0', te: 'trailers', expect: '100-continue' },
      ...{ 'cf-ray': 'abc', 'cf-connecting-ip': '1.2.3.4', 'x-forwarded-for': '1.2.3.4', forwarded: 'for=1.2.3.4' },
      ...{ 'x-trace-id': 't', traceparent: '00-1', 'x-replaystack-replay': 'other', 'proxy-authorization': '[MASKED]' },
      ...{ ':authority': 'h', 'X-Kept': 'yes', accept: ['text/html', '*/*'], 'user-agent': 'curl/8' },
    }
    const { request, needs } = plan({ method: 'get', requestHeaders })
    expect(needs).toEqual([])
    expect(request).toEqual({
      method: 'GET',
      path: '/orders',
      headers: [
        ['x-kept', 'yes'],
        ['accept', 'text/html'],
        ['accept', '*/*'],
        ['user-agent', 'curl/8'],
      ],
    })
  })

  it('that are given stand instead of captured ones, and leave one out when empty', () => {
    const requestHeaders = { 'x-a': '1', 'x-b': '2', referer: 'https://h/?token=[MASKED]' }
    const { request, needs } = plan({ requestHeaders }, { headers: { 'x-a': '3', 'x-c': '4', referer: '' } })
    expect(needs).toEqual([])
    expect(request?.headers).toEqual([
      ['x-b', '2'],
      ['x-a', '3'],
      ['x-c', '4'],
    ])
  })

  it.each(['content-length', 'transfer-encoding', 'connection'])('%s cannot be given', name => {
    expect(plan({}, { headers: { [name]: '1' } }).refusal).toContain(`The header ${name} cannot be given`)
  })
})

describe('needs', () => {
  it('are asked for wherever a mask stands, by a name of their own', () => {
    const fields: Partial<ReplayStackEvent> = {
      requestUrl: 'https://[MASKED]@h/reset/[MASKED]?token=[MASKED]&token=[MASKED]&next=%2Fa%3Fkey%3D%5BMASKED%5D',
      requestHeaders: {
        'content-type': 'application/json',
        'x-proof': 'Bearer [MASKED]',
        cookie: ['[MASKED]', '[MASKED]'],
      },
      requestPayload: {
        password: '[MASKED]',
        items: [{ price: 1 }, { note: 'pay with [MASKED] or [MASKED]' }],
        raw: '{"card":{"cvv":"[MASKED]"}}',
        'a b': '[MASKED]',
      },
    }
    expect(names(plan(fields))).toEqual([
      'header x-proof',
      'header cookie',
      'header authorization',
      'body body.password',
      'body body.items[1].note',
      'body body.items[1].note#2',
      'body body.raw.card.cvv',
      'body body["a b"]',
      'path path[1]',
      'query query.token',
      'query query.token#2',
      'query query.next',
    ])
    const values = {
      'body.password': 'p"w',
      'body.items[1].note': 'gold',
      'body.items[1].note#2': 'silver',
      'body.raw.card.cvv': 123,
      'body["a b"]': { nested: true },
      'path[1]': 'a/b',
      'query.token': 'one&two',
      'query.token#2': '',
      'query.next': 'k',
    }
    const given = { headers: { 'x-proof': 'Bearer x', cookie: 'a=b', authorization: 'Basic x' }, values }
    expect(plan(fields, given)).toEqual({
      needs: [],
      notes: [],
      request: {
        method: 'POST',
        path: '/reset/a%2Fb?token=one%26two&token=&next=%2Fa%3Fkey%3Dk',
        headers: [
          ['content-type', 'application/json'],
          ['x-proof', 'Bearer x'],
          ['cookie', 'a=b'],
          ['authorization', 'Basic x'],
        ],
        body: JSON.stringify({
          password: 'p"w',
          items: [{ price: 1 }, { note: 'pay with gold or silver' }],
          raw: '{"card":{"cvv":123}}',
          'a b': { nested: true },
        }),
      },
    })
  })

  it('stay while not all are met', () => {
    const fields = { requestPayload: { pin: '[MASKED]', otp: '[MASKED]' } }
    expect(names(plan(fields, { values: { 'body.pin': 1234 } }))).toEqual(['body body.otp'])
  })

  it.each<[Partial<ReplayStackEvent>, string[]]>([
    [{ authMode: 'bearer', authScheme: 'Bearer' }, ['authorization']],
    [{ authMode: 'basic' }, ['authorization']],
    [{ authMode: 'other', authScheme: 'Digest' }, ['authorization']],
    [{ authMode: 'api_key', authScheme: 'x-api-key' }, ['x-api-key']],
    [{ authMode: 'api_key', authScheme: 'Token' }, ['authorization']],
    [{ authMode: 'cookie' }, ['cookie']],
    [{ authMode: 'none' }, []],
    [{}, []],
  ])('authMode tells of credentials when the headers were not captured: %j', (fields, expected) => {
    const event = createSampleEvent({ requestUrl: 'https://h/', ...fields })
    expect(planReplay(event).needs.map(({ name }) => name)).toEqual(expected)
    const given = Object.fromEntries(expected.map(name => [name, 'given']))
    expect(planReplay(event, { headers: given })).toMatchObject({
      needs: [],
      request: { headers: Object.entries(given) },
    })
  })

  it('a header that both were not captured and could carry the credentials will do', () => {
    const event = createSampleEvent({ requestUrl: 'https://h/', authMode: 'api_key', authScheme: 'apikey' })
    expect(planReplay(event, { headers: { authorization: 'apikey x' } }).needs).toEqual([])
    expect(planReplay(event, { values: { apikey: 'x' } }).request?.headers).toEqual([['apikey', 'x']])
  })

  it('a value for no need is an error, not ignored', () => {
    expect(plan({}, { values: { 'body.passwort': 'x' } }).refusal).toBe('The event needs no value named body.passwort.')
  })

  it('a mask that is given as a value is not sent either', () => {
    const fields = { requestPayload: { pin: '[MASKED]' } }
    expect(plan(fields, { values: { 'body.pin': 'x [MASKED]' } }).refusal).toContain('A masked value would be sent')
    expect(plan({}, { headers: { 'x-a': '[MASKED]' } }).refusal).toContain('A masked value would be sent')
  })
})

describe('bodies', () => {
  it.each<[string, JsonValue, Record<string, string>, string | undefined]>([
    ['JSON', { a: [1, 'é', null] }, {}, '{"a":[1,"é",null]}'],
    ['null', null, { 'content-length': '4' }, 'null'],
    ['a JSON string, by its length', 'hello', { 'content-length': '7' }, '"hello"'],
    ['JSON that could not be parsed', '{"a":', { 'content-length': '5' }, '{"a":'],
    ['an empty text', '', { 'content-length': '0' }, ''],
    ['a __proto__ key', JSON.parse('{"__proto__":{"a":1}}'), {}, '{"__proto__":{"a":1}}'],
    [
      'a form',
      { a: ['1', '2'], b: 'x y&z' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      'a=1&a=2&b=x+y%26z',
    ],
    ['text', 'one\r\ntwo', { 'content-type': 'text/plain' }, 'one\r\ntwo'],
    ['a marker’s likeness', { captured: true, reason: 'x' }, {}, '{"captured":true,"reason":"x"}'],
  ])('%s is sent as it was', (_name, payload, headers, body) => {
    expect(withBody(payload, headers)).toMatchObject({ needs: [], notes: [], request: { body } })
  })

  it('null and {} of a GET without content are no body', () => {
    for (const requestPayload of [null, {}]) {
      expect(plan({ method: 'GET', requestPayload }).request).not.toHaveProperty('body')
    }
  })

  it('says when the bytes or the digits are not those that were sent', () => {
    expect(withBody({ a: 1 }, { 'content-length': '12' }).notes).toEqual([
      'The body is written anew, in 7 bytes instead of 12: its spacing may differ from what was sent.',
    ])
    expect(withBody({ a: 2 ** 60 }).notes).toEqual([
      'The body holds a number with more digits than JavaScript keeps: it is sent rounded.',
    ])
    expect(plan({ requestPayload: { a: 1 } }).notes[0]).toContain('is sent as JSON')
  })

  it('without captured headers is JSON, and says so', () => {
    const event = createSampleEvent({ requestUrl: 'https://h/', requestPayload: { a: 1 } })
    expect(planReplay(event)).toEqual({
      needs: [],
      notes: ['The headers were not captured: only those that are given are sent.'],
      request: { method: 'POST', path: '/', headers: [['content-type', 'application/json']], body: '{"a":1}' },
    })
  })
})

describe('any body that the SDK masks', () => {
  const key = fc.constantFrom('password', 'token', 'name', 'items', 'a b', '__proto__', 'card.number')
  const { value: json } = fc.letrec<{ value: JsonValue }>(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<JsonValue>('text', 'Bearer abc123DEF456', '{"pin":"1"}', 7, true, null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(pairs => Object.fromEntries(pairs)),
    ),
  }))

  it('sends no mask, and is whole again with the values that it asks for', () => {
    fc.assert(
      fc.property(json, payload => {
        const masked: JsonValue = JSON.parse(JSON.stringify(maskSensitiveData(payload)))
        const first = withBody(masked, { 'content-length': '999' })
        expect(first.refusal).toBeUndefined()
        const values = Object.fromEntries(first.needs.map(({ name }, index) => [name, `given-${index}`]))
        const { request, needs, refusal } = withBody(masked, { 'content-length': '999' }, { values })
        expect({ needs, refusal }).toEqual({ needs: [], refusal: undefined })
        const body = request?.body ?? ''
        expect(body).not.toContain('[MASKED]')
        for (const value of Object.values(values)) expect(body).toContain(value)
        // Masked anew, with the same names, it is the event's again.
        const restored = body.replace(/given-\d+/g, '[MASKED]')
        expect(restored).toBe(typeof masked === 'string' ? masked : JSON.stringify(masked))
      }),
      runs(),
    )
  })
})
