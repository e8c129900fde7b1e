import { describe, expect, it } from 'vitest'
import { createTraceId, inboundTrace, outboundTrace, validTraceId } from '../../src/event/trace.ts'

const id = '0af7651916cd43dd8448eb211c80319c'
const parent = 'b7ad6b7169203331'
const inbound = (headers: Record<string, string>): string | undefined =>
  inboundTrace({ get: name => headers[name] ?? null })?.id

it('makes random UUIDs of version 4', () => {
  expect(createTraceId()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(createTraceId()).not.toBe(createTraceId())
})

describe('a trace id', () => {
  it.each(['a', '!', '~', 'req-1', 'a'.repeat(128), '{"a":1}', 'x%00'])('is valid: %j', text => {
    expect(validTraceId(text)).toBe(text)
  })

  it.each([
    '',
    ' ',
    'a b',
    'a\n',
    '\n',
    'a\x7f',
    'é',
    '😀',
    '\0',
    'a'.repeat(129),
    1,
    null,
    undefined,
    {},
    ['a'],
    true,
  ])('is not valid: %j', value => {
    expect(validTraceId(value)).toBe(undefined)
  })
})

describe('a traceparent', () => {
  it.each([
    [`00-${id}-${parent}-01`],
    [`00-${id}-${parent}-00`],
    [`cc-${id}-${parent}-01`],
    [`cc-${id}-${parent}-01-what-the-future-brings`],
    [`01-${id}-${parent}-01-`],
  ])('is valid: %s', traceparent => {
    expect(inbound({ traceparent })).toBe(id)
  })

  it.each([
    [''],
    [id],
    [`ff-${id}-${parent}-01`],
    [`00-${'0'.repeat(32)}-${parent}-01`],
    [`00-${id}-${'0'.repeat(16)}-01`],
    [`00-${id.toUpperCase()}-${parent}-01`],
    [`00-${id.slice(1)}-${parent}-01`],
    [`00-${id}0-${parent}-01`],
    [`00-${id}-${parent}-1`],
    [`00-${id}-${parent}-01-more`],
    [`00-${id}-${parent}-01-`],
    [`cc-${id}-${parent}-01more`],
    [`0-${id}-${parent}-01`],
    [`00-${id}-${parent}`],
    [` 00-${id}-${parent}-01`],
    [`00-${id}-${parent}-01\n`],
    [`00-${id}-${parent}-01, 00-${id}-${parent}-01`],
    [`00-${'g'.repeat(32)}-${parent}-01`],
  ])('is not valid: %j', traceparent => {
    expect(inbound({ traceparent })).toBe(undefined)
  })
})

describe('the id a request arrived with', () => {
  const traceparent = `00-${id}-${parent}-01`

  it('is its x-trace-id, else its traceparent, else none', () => {
    expect(inbound({ 'x-trace-id': 'mine', traceparent })).toBe('mine')
    expect(inbound({ traceparent })).toBe(id)
    expect(inbound({})).toBe(undefined)
  })

  it.each(['', 'two words', 'a'.repeat(129), 'évil'])('is not a malformed x-trace-id: %j', name => {
    expect(inbound({ 'x-trace-id': name, traceparent })).toBe(id)
    expect(inbound({ 'x-trace-id': name })).toBe(undefined)
  })

  it('is read from Headers', () => {
    expect(inboundTrace(new Headers({ 'X-Trace-Id': 'mine' }))).toEqual({ id: 'mine' })
    expect(inboundTrace(new Headers())).toBe(undefined)
  })
})

describe('a trace that goes on', () => {
  const uuid = '0af76519-16cd-43dd-8448-eb211c80319c'

  it('has the same id at its other end', () => {
    const headers = outboundTrace(uuid)
    expect(headers).toEqual({
      traceparent: expect.stringMatching(new RegExp(`^00-${id}-[\\da-f]{16}-01$`)),
      tracestate: `replaystack=${uuid}`,
    })
    expect(inbound(headers ?? {})).toBe(uuid)
    expect(outboundTrace(id)).toEqual({ traceparent: expect.stringContaining(id) })
    expect(inbound(outboundTrace(id) ?? {})).toBe(id)
    expect(outboundTrace(uuid)?.['traceparent']).not.toBe(headers?.['traceparent'])
  })

  it('says whether it is recorded, as it was said', () => {
    const flagsOf = (...args: Parameters<typeof outboundTrace>) => outboundTrace(...args)?.['traceparent']?.slice(-2)
    expect([flagsOf(id), flagsOf(id, {}, false), flagsOf(id, { flags: '00' }), flagsOf(id, { flags: '03' })]).toEqual([
      '01',
      '00',
      '00',
      '03',
    ])
  })

  it('keeps what others have said of it', () => {
    const stateOf = (own: string, state: string) => outboundTrace(own, { state })?.['tracestate']
    expect(stateOf(id, 'a=1,b=2')).toBe('a=1,b=2')
    expect(stateOf(uuid, 'a=1,b=2')).toBe(`replaystack=${uuid},a=1,b=2`)
    expect(stateOf(uuid, `a=1, replaystack=${uuid},b=2`)).toBe(`replaystack=${uuid},a=1,b=2`)
    expect(stateOf(uuid, `replaystack=${uuid}`)).toBe(`replaystack=${uuid}`)
    expect(stateOf(uuid, `replaystack=${uuid},a=1`)).toBe(`replaystack=${uuid},a=1`)
    expect(inboundTrace(new Headers({ traceparent: `00-${id}-${parent}-00`, tracestate: 'a=1' }))).toEqual({
      id,
      flags: '00',
      state: 'a=1',
    })
  })

  it('is not of another trace whose state was left', () => {
    const traceparent = `00-${id.replace('0', '1')}-${parent}-01`
    expect(inbound({ traceparent, tracestate: `replaystack=${uuid}` })).toBe(id.replace('0', '1'))
    expect(inbound({ traceparent: `00-${id}-${parent}-01`, tracestate: 'replaystack=;a' })).toBe(id)
    const split = `${id.slice(0, 4)}-${id.slice(4)}`
    expect(inbound({ traceparent: `00-${id}-${parent}-01`, tracestate: `replaystack=${split}` })).toBe(id)
  })

  it.each(['', 'order-7', '0'.repeat(32), uuid.toUpperCase(), `${id}0`, undefined])('has no header for %j', own => {
    expect(outboundTrace(own)).toBe(undefined)
  })
})
