import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { formatEvent, formatEventLine, formatEventTable } from '../../src/inbox/format.ts'
import { formatDuration } from '../../src/inbox/format-values.ts'
import type { EventSummary } from '../../src/inbox/store.ts'
import { displayWidth } from '../../src/inbox/terminal-text.ts'
import { createFullEvent, createSampleEvent } from './sample-event.ts'

// In the reader's time zone, whichever that is.
const receivedAt = new Date(2026, 2, 1, 9, 5, 7).toISOString()

function row(fields: Partial<EventSummary> = {}): EventSummary {
  return {
    id: 'id',
    receivedAt,
    traceId: 'trace-1',
    eventType: 'api',
    method: 'GET',
    endpoint: '/orders',
    status: 'success',
    statusCode: 200,
    executionTimeMs: 12,
    ...fields,
  }
}

describe('formatEventTable', () => {
  it('aligns its columns', () => {
    const table = formatEventTable([
      row(),
      row({
        endpoint: '/世界',
        status: 'failed',
        statusCode: 500,
        executionTimeMs: 1500,
        errorName: 'E',
        errorMessage: 'm',
      }),
      { id: 'x', receivedAt, traceId: 'trace-3', eventType: 'cron', status: 'pending' },
    ])
    expect(table).toBe(
      [
        'TIME      TYPE  METHOD  ENDPOINT  STATUS       DURATION  ERROR  ID',
        '09:05:07  api   GET     /orders   200 success     12 ms         id',
        '09:05:07  api   GET     /世界     500 failed     1.50 s  E: m   id',
        '09:05:07  cron                    pending                       x',
      ].join('\n'),
    )
  })

  it('says when there is nothing', () => {
    expect(formatEventTable([])).toBe('No events yet.')
  })

  it('fits into 120 columns, and ends in as much of the id as commands need', () => {
    const id = 'f4b1d4e3-0000-4000-8000-000000000001'
    const [, line = ''] = formatEventTable([
      row({ endpoint: `/${'x'.repeat(500)}`, errorMessage: 'y'.repeat(1_000_000), id }),
    ]).split('\n')
    expect(line).toContain(`/${'x'.repeat(26)}… `)
    expect(line.endsWith(`${'y'.repeat(27)}…  f4b1d4e3`)).toBe(true)
    expect(line.length).toBeLessThanOrEqual(120)
  })

  it('paints failed red, warning yellow, success green, and nothing without colour', () => {
    const rows = [row({ status: 'failed' }), row({ status: 'warning' }), row()]
    const [, failed, warning, success] = formatEventTable(rows, { color: true }).split('\n')
    expect(failed).toContain('\u001b[31m200 failed\u001b[39m')
    expect(warning).toContain('\u001b[33m200 warning\u001b[39m')
    expect(success).toContain('\u001b[32m200 success\u001b[39m')
    expect(stripVTControlCharacters(formatEventTable(rows, { color: true }))).toBe(formatEventTable(rows))
    expect(formatEventTable(rows)).not.toContain('\u001b')
  })

  it('is not moved by the content of events', () => {
    const hostile = '\u001b[2J\nfake  row\r$&\u009b'
    const table = formatEventTable([
      row({ endpoint: hostile, method: hostile, errorName: hostile, errorMessage: hostile, traceId: hostile }),
    ])
    expect(table.split('\n')).toHaveLength(2)
    expect(table.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    expect(table).toContain('\\u001b[2J\\nfake  row\\r$&')
  })
})

describe('formatEventLine', () => {
  it('has its columns where the line before had them', () => {
    const lines = [
      formatEventLine(row({ errorMessage: 'a' })),
      formatEventLine(
        row({ endpoint: '/a/much/longer/endpoint', statusCode: 404, status: 'warning', errorMessage: 'b' }),
      ),
      formatEventLine(row({ method: undefined, executionTimeMs: undefined, errorMessage: 'c' })),
    ]
    const places = lines.map(line => displayWidth(line.slice(0, line.lastIndexOf(' '))))
    expect(new Set(places).size).toBe(1)
    expect(lines[0]).toMatch(/^09:05:07 {2}api {6}GET {6}\/orders +200 success +12 ms {2}a +\S{1,8}$/)
  })

  it('keeps no room for an error that there is not', () => {
    expect(formatEventLine(row())).toMatch(/ 12 ms {4}\S{1,8}$/)
    expect(formatEventLine(row({ traceId: 'f4b1d4e3-0000-4000-8000-000000000001' })).length).toBeLessThan(100)
  })

  it('has colours when they are asked for', () => {
    expect(formatEventLine(row({ status: 'failed', errorMessage: 'x' }), { color: true })).toContain(
      '\u001b[31mx\u001b[39m',
    )
    expect(formatEventLine(row())).not.toContain('\u001b')
  })
})

describe('formatDuration', () => {
  it.each([
    [undefined, ''],
    [0, '0 ms'],
    [0.4, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [59_990, '59.99 s'],
    [59_999, '1 m 00 s'],
    [185_000, '3 m 05 s'],
  ])('of %d is %j', (milliseconds, expected) => {
    expect(formatDuration(milliseconds)).toBe(expected)
  })
})

describe('formatEvent', () => {
  it('shows an event in full', () => {
    expect(formatEvent({ ...createFullEvent(), ...{ region: 'eu' } })).toBe(
      `
POST /orders  500 failed  120 ms
  trace id     f4b1d4e3-0000-4000-8000-000000000001
  type         api
  url          https://api.example.com/orders?ref=email
  auth         bearer (Bearer)
  service      order-service
  environment  production
  version      1.0.0
  commit       a7f91c
  source ip    203.0.113.9
  user agent   curl/8

Error
  TypeError: order is undefined
    at createOrder (src/orders.ts:18:7)
    … 1 frame outside the application

Request
  content-type: application/json
  x-twice: one
  x-twice: two

  {
    "item": "book",
    "quantity": 2
  }

Response
  x-trace-id: f4b1d4e3

  {
    "__truncated": true,
    "originalSizeBytes": 900000,
    "maxSizeBytes": 524288,
    "preview": "{\\"a\\":"
  }

Breadcrumbs
    +0 ms  info     Request started
  +1.25 s  warning  [payment] Charging card  {"amount":5}

Logs
  +0 ms  error    no order

Metadata
  {
    "route": "/orders"
  }

Other fields
  region: eu`.trimStart(),
    )
  })

  it('has no section for what an event does not have', () => {
    expect(formatEvent({ traceId: 't', eventType: 'cron', endpoint: 'daily', status: 'pending' })).toBe(
      'daily  pending\n  trace id     t\n  type         cron',
    )
  })

  it('falls back on the stack trace without frames', () => {
    const text = formatEvent(createSampleEvent({ errorName: 'E', stackTrace: 'E\n\tat a.py:1' }))
    expect(text).toContain('Error\n  E\n  E\n  \\tat a.py:1')
  })

  it('is not moved by the content of events', () => {
    const hostile = '\u001b]0;title\u0007\r\u009b2J\u202e'
    const timestamp = '2026-03-01T10:00:00.000Z'
    const event = {
      ...createFullEvent(),
      ...Object.fromEntries(
        [
          'traceId method endpoint requestUrl authScheme errorName errorMessage stackTrace serviceName environment',
          'appVersion commitHash sourceIp userAgent',
        ]
          .join(' ')
          .split(' ')
          .map(name => [name, hostile]),
      ),
      requestHeaders: { [hostile]: hostile },
      requestPayload: hostile,
      responseHeaders: { [hostile]: [hostile, { [hostile]: hostile }] },
      responsePayload: { [hostile]: hostile },
      stackFrames: [{ raw: hostile }, { functionName: hostile, fileName: hostile, raw: '' }],
      breadcrumbs: [{ message: hostile, category: hostile, level: 'info' as const, metadata: hostile, timestamp }],
      logs: [{ message: hostile, level: 'error' as const, metadata: { [hostile]: hostile }, timestamp }],
      metadata: { [hostile]: hostile },
      [hostile]: hostile,
    }
    for (const color of [false, true]) {
      const text = stripKnownColors(formatEvent(event, { color })).replaceAll('\n', '')
      expect(text).not.toMatch(/[\p{Cc}\u202e]/u)
    }
  })

  it('has colours when they are asked for, and the same text', () => {
    const painted = formatEvent(createFullEvent(), { color: true })
    expect(painted).toContain('\u001b[31m500 failed\u001b[39m')
    expect(stripKnownColors(painted)).toBe(formatEvent(createFullEvent()))
  })
})

/** Takes out the few sequences that the formatter itself writes, and no others. */
function stripKnownColors(text: string): string {
  return [1, 2, 22, 31, 32, 33, 36, 39].reduce((rest, code) => rest.replaceAll(`\u001b[${code}m`, ''), text)
}
