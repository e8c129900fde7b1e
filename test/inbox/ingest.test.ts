import { describe, expect, it } from 'vitest'
import { assertEvent, readBulkBody, readEventBody } from '../../src/inbox/ingest.ts'
import { createFullEvent, createSampleEvent } from './sample-event.ts'

const frame = { raw: 'at x' }
const breadcrumb = { message: 'a', level: 'info', timestamp: '2026-03-01T10:00:00.000Z' }
const log = { message: 'a', level: 'error', timestamp: '2026-03-01T10:00:00.000Z' }
const texts = [
  'method',
  'endpoint',
  'requestUrl',
  'authScheme',
  'errorName',
  'errorMessage',
  'stackTrace',
  'serviceName',
  'environment',
  'appVersion',
  'commitHash',
  'sourceIp',
  'userAgent',
]
const level = 'must be one of debug, info, warning, error'

/** One wrong value, and what the sender is told. */
const wrong: [field: string, value: unknown, message: string][] = [
  ['traceId', '', 'traceId must be a non-empty string'],
  ['traceId', 7, 'traceId must be a non-empty string'],
  ['eventType', undefined, 'eventType must be one of api, queue, webhook, custom, cron'],
  ['eventType', 'http', 'eventType must be one of api, queue, webhook, custom, cron'],
  ['status', undefined, 'status must be one of success, failed, warning, pending'],
  ['status', 'error', 'status must be one of success, failed, warning, pending'],
  ['authMode', 'token', 'authMode must be one of bearer, basic, api_key, cookie, other, none'],
  ...texts.map((name): [string, unknown, string] => [name, 5, `${name} must be a string`]),
  ['statusCode', '500', 'statusCode must be an integer from 100 to 999'],
  ['statusCode', 99, 'statusCode must be an integer from 100 to 999'],
  ['statusCode', 1000, 'statusCode must be an integer from 100 to 999'],
  ['statusCode', 200.5, 'statusCode must be an integer from 100 to 999'],
  ['executionTimeMs', -1, 'executionTimeMs must be a number of milliseconds, 0 or more'],
  ['executionTimeMs', '5', 'executionTimeMs must be a number of milliseconds, 0 or more'],
  ['requestHeaders', 'a: b', 'requestHeaders must be a JSON object'],
  ['requestHeaders', [], 'requestHeaders must be a JSON object'],
  ['metadata', 'route', 'metadata must be a JSON object'],
  ['stackFrames', {}, 'stackFrames must be an array'],
  ['stackFrames', [frame, 'at x'], 'stackFrames[1] must be a JSON object'],
  ['stackFrames', [{ raw: 5 }], 'stackFrames[0].raw must be a string'],
  ['stackFrames', [{ functionName: 5 }], 'stackFrames[0].functionName must be a string'],
  ['stackFrames', [{ fileName: 5 }], 'stackFrames[0].fileName must be a string'],
  ['stackFrames', [{ lineNumber: -1 }], 'stackFrames[0].lineNumber must be an integer, 0 or more'],
  ['stackFrames', [{ columnNumber: 1.5 }], 'stackFrames[0].columnNumber must be an integer, 0 or more'],
  ['breadcrumbs', 'a', 'breadcrumbs must be an array'],
  ['breadcrumbs', [null], 'breadcrumbs[0] must be a JSON object'],
  ['breadcrumbs', [{ ...breadcrumb, message: undefined }], 'breadcrumbs[0].message must be a string'],
  ['breadcrumbs', [{ ...breadcrumb, category: 5 }], 'breadcrumbs[0].category must be a string'],
  ['breadcrumbs', [breadcrumb, { ...breadcrumb, level: 'warn' }], `breadcrumbs[1].level ${level}`],
  ['breadcrumbs', [{ ...breadcrumb, timestamp: 'now' }], 'breadcrumbs[0].timestamp must be an ISO 8601 time'],
  ['breadcrumbs', [{ ...breadcrumb, timestamp: 17e11 }], 'breadcrumbs[0].timestamp must be an ISO 8601 time'],
  ['logs', 5, 'logs must be an array'],
  ['logs', [{ ...log, level: 'critical' }], `logs[0].level ${level}`],
  ['logs', [{ ...log, message: null }], 'logs[0].message must be a string'],
  ['logs', [{ ...log, timestamp: '2026-13-01T00:00:00Z' }], 'logs[0].timestamp must be an ISO 8601 time'],
]

describe('the ingest contract', () => {
  it('takes every field of the wire', () => {
    expect(() => assertEvent(createFullEvent())).not.toThrow()
  })

  it('takes the required fields alone', () => {
    expect(() => assertEvent({ traceId: 't', eventType: 'custom', status: 'pending' })).not.toThrow()
  })

  it.each(['text', 5, false, null, [1], { a: 1 }])('takes %j as a payload', payload => {
    expect(() => assertEvent(createSampleEvent({ requestPayload: payload, responsePayload: payload }))).not.toThrow()
  })

  it('takes a frame at the beginning of its line', () => {
    const stackFrames = [{ lineNumber: 0, columnNumber: 0 }]
    expect(() => assertEvent({ ...createSampleEvent(), stackFrames })).not.toThrow()
  })

  it('takes another SDK’s frames, which have no raw line', () => {
    expect(() => assertEvent({ ...createSampleEvent(), stackFrames: [{ lineNumber: 18 }] })).not.toThrow()
  })

  it.each(wrong)('refuses %s %j', (field, value, message) => {
    const body = JSON.stringify({ ...createSampleEvent(), [field]: value })
    expect(() => readEventBody(body)).toThrow(message)
  })

  it.each([
    ['', 'body must be valid JSON'],
    ['{', 'body must be valid JSON'],
    ['null', 'body must be a JSON object'],
    ['[]', 'body must be a JSON object'],
    ['"event"', 'body must be a JSON object'],
  ])('refuses the body %j', (body, message) => {
    expect(() => readEventBody(body)).toThrow(message)
    expect(() => readBulkBody(body)).toThrow(message)
  })

  it('refuses a duration that JSON can write and no number holds', () => {
    const body = JSON.stringify(createSampleEvent()).replace('12.5', '1e999')
    expect(() => readEventBody(body)).toThrow('executionTimeMs must be a number of milliseconds, 0 or more')
  })

  it('does not take a name from the prototype for a field', () => {
    expect(() => readEventBody('{"__proto__":{"traceId":"t","eventType":"api","status":"failed"}}')).toThrow(
      'eventType',
    )
  })

  it('keeps the text of an event as it is, unknown fields and large numbers included', () => {
    const body = ' {"traceId":"t", "eventType":"api","status":"success","extra":{"n":12345678901234567890}}\n'
    expect(readEventBody(body).json).toBe(body)
  })

  it.each(['', 'x'.repeat(256)])('refuses the idempotency key %j', key => {
    expect(() => readEventBody(JSON.stringify(createSampleEvent()), key)).toThrow(
      'idempotency-key must be a string of 1 to 255 characters',
    )
  })
})

describe('a bulk body', () => {
  const event = createSampleEvent()

  it.each([
    [{}, 'events must be an array of 1 to 100 events'],
    [{ events: {} }, 'events must be an array of 1 to 100 events'],
    [{ events: [] }, 'events must be an array of 1 to 100 events'],
    [{ events: Array(101).fill(event) }, 'events must be an array of 1 to 100 events'],
  ])('is refused when it is wrong (case %#)', (body, message) => {
    expect(() => readBulkBody(JSON.stringify(body))).toThrow(message)
  })

  it.each([
    [5, 'events[1] must be a JSON object'],
    [{ ...event, eventType: 'x' }, 'events[1].eventType must be one of api, queue, webhook, custom, cron'],
    [{ ...event, breadcrumbs: [5] }, 'events[1].breadcrumbs[0] must be a JSON object'],
  ])('is taken without what is wrong in it, which is named (case %#)', (wrong, message) => {
    const { accepted, rejected } = readBulkBody(JSON.stringify({ events: [event, wrong, event] }), 'a, b, c')
    expect(rejected).toEqual([{ index: 1, message }])
    expect(accepted.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['a', 'c'])
  })

  it('holds up to 100 events', () => {
    expect(readBulkBody(JSON.stringify({ events: Array(100).fill(event) })).accepted).toHaveLength(100)
  })

  it('gives each event its own key, in their order', () => {
    const { accepted: events } = readBulkBody(JSON.stringify({ events: [{ ...event, extra: 1 }, event] }), 'a, b')
    expect(events.map(one => one.idempotencyKey)).toEqual(['a', 'b'])
    expect(JSON.parse(events[0]?.json ?? '')).toEqual({ ...event, extra: 1 })
  })

  it('tells events apart by their place where the batch has one key', () => {
    const { accepted: events } = readBulkBody(JSON.stringify({ events: [event, event] }), 'batch')
    expect(events.map(one => one.idempotencyKey)).toEqual(['batch#0', 'batch#1'])
    expect(readBulkBody(JSON.stringify({ events: [event] })).accepted[0]?.idempotencyKey).toBeUndefined()
  })

  it.each(['a, b', 'a,,b', ', ,', `${'k'.repeat(256)}, b, c`])('refuses keys that do not fit its events: %s', keys => {
    const body = JSON.stringify({ events: [event, event, event] })
    expect(() => readBulkBody(body, keys)).toThrow('idempotency-key must be')
  })

  it('refuses an event that cannot be written again', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const body = `{"events":[{"traceId":"t","eventType":"api","status":"failed","metadata":{"deep":${deep}}}]}`
    expect(readBulkBody(body).rejected).toEqual([{ index: 0, message: 'events[0] is nested too deeply' }])
  })
})
