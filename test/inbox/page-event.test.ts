import { describe, expect, it } from 'vitest'
import type { ResolvedFrame } from '../../src/inbox/source-maps.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { getPage, type HtmlPage, postEvent } from './page-html.ts'
import { createFullEvent, createSampleEvent } from './sample-event.ts'
import { createTestApp, type TestApp } from './test-app.ts'

async function showEvent(event: ReplayStackEvent, app: TestApp = createTestApp()): Promise<HtmlPage & { id: string }> {
  const id = await postEvent(app, event)
  return { id, ...(await getPage(app, `/events/${id}`)) }
}

/** The text after a heading, up to where another begins. */
function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start)
  if (from < 0) throw new Error(`${start} is not there`)
  const to = text.indexOf(end, from + start.length)
  if (to < 0) throw new Error(`${end} is not there`)
  return text.slice(from, to)
}

describe('an event’s page', () => {
  it('shows it whole', async () => {
    const { status, text, html } = await showEvent(createFullEvent())
    expect(status).toBe(200)
    expect(html).toMatch(/<title>POST \/orders · ReplayStack inbox<\/title>/)
    expect(text).toMatch(/POST +\/orders +failed +500 Internal Server Error +120 ms +now +order-service +production/)
    for (const part of [
      'https://api.example.com/orders?ref=email',
      'TypeError order is undefined',
      'createOrder',
      'src/orders.ts:18:7',
      'authenticated by bearer',
      'Query 1 Request query ref email',
      'content-type application/json x-twice one x-twice two',
      'Version 1.0.0',
      'Commit a7f91c',
      'Source IP 203.0.113.9',
      'User agent curl/8',
      'f4b1d4e3-0000-4000-8000-000000000001',
      'Route /orders',
    ]) {
      expect(text).toContain(part)
    }
    expect(text).toMatch(/\{ +"item" : +"book" , +"quantity" : +2 +\}/)
  })

  it('shows an event of nothing but its required fields', async () => {
    const { status, text } = await showEvent({ traceId: 't', eventType: 'custom', status: 'pending' })
    expect(status).toBe(200)
    expect(text).toContain('pending')
    expect(text).not.toContain('Request No body')
    expect(text).toContain('Cannot be replayed')
  })

  it('offers both files of its test, to copy and to download, where it can be kept as one', async () => {
    const { id, html } = await showEvent(createFullEvent())
    const name = `post-orders-${id.slice(0, 8)}`
    for (const [path, file] of [
      ['test', `${name}.test.ts`],
      ['test/tape', `${name}.tape.json`],
    ]) {
      const url = `/api/v1/events/${id}/${path}`
      expect(html).toContain(`href="${url}" download="${file}">`)
      expect(html).toContain(`data-copy-url="${url}"`)
    }
    const cron = await showEvent({ traceId: 'c', eventType: 'cron', endpoint: '0 3 * * *', status: 'failed' })
    expect(cron.html).toContain(`download="cron-0-3-${cron.id.slice(0, 8)}.test.ts"`)
    expect(cron.text).toContain(`npx replaystack test ${cron.id}`)
    const custom = await showEvent({ traceId: 't', eventType: 'custom', status: 'failed' })
    expect(custom.text).not.toContain('Keep as a test')
  })

  it('shows causes after the error, and metadata without them', async () => {
    const { text } = await showEvent(
      createSampleEvent({
        errorName: 'PaymentError',
        errorMessage: 'not charged',
        metadata: {
          route: '/orders',
          causes: [
            {
              path: 'cause',
              errorName: 'ConnectionError',
              errorMessage: 'reset',
              stackTrace: 'x\n    at post (bank.ts:7:13)',
            },
            { path: 'errors[1]', errorName: 'Timeout', errorMessage: 'late' },
            'not a cause',
          ],
        },
      }),
    )
    expect(text).toMatch(
      /PaymentError +not charged +Caused by +ConnectionError +reset +post +bank\.ts:7:13 +Caused by +errors\[1\] +Timeout +late/,
    )
    expect(between(text, ' Metadata', 'Raw JSON')).not.toContain('causes')
  })

  it('folds what is outside the application between its own frames', async () => {
    const frame = (functionName: string, fileName: string) => ({
      functionName,
      fileName,
      lineNumber: 1,
      columnNumber: 2,
      raw: 'r',
    })
    const { text } = await showEvent(
      createSampleEvent({
        errorName: 'E',
        stackFrames: [
          frame('dispatch', 'file:///app/node_modules/hono/compose.js'),
          { functionName: 'map', raw: 'at Array.map (<anonymous>)' },
          frame('charge', 'file:///app/src/payment.ts'),
          frame('emit', 'node:events'),
        ],
      }),
    )
    expect(between(text, ' E ', 'Timeline')).toMatch(
      /2 frames outside the application +dispatch +\/app\/node_modules\/hono\/compose\.js:1:2 +at Array\.map \(<anonymous>\) +charge +\/app\/src\/payment\.ts:1:2 +1 frame outside the application +emit +node:events:1:2/,
    )
  })

  it('does not fold the only frames that there are', async () => {
    const { html } = await showEvent(
      createSampleEvent({ errorName: 'E', stackFrames: [{ fileName: 'node:events', raw: 'at node:events' }] }),
    )
    expect(html).not.toContain('outside the application')
  })

  it('shows frames in their sources, with the lines around and the failing one marked', async () => {
    const resolved: ResolvedFrame = {
      functionName: 'charge',
      fileName: 'src/payment.ts',
      lineNumber: 6,
      columnNumber: 3,
      own: true,
      context: [
        { line: 5, text: 'const card = order.card' },
        { line: 6, text: 'return card.id < "</pre>"' },
        { line: 7, text: '}' },
      ],
    }
    const app = createTestApp({ sourceMaps: { resolve: frame => (frame.fileName === 'w.js' ? resolved : undefined) } })
    const { html, text } = await showEvent(
      createSampleEvent({
        errorName: 'E',
        stackFrames: [
          { functionName: 'a', fileName: 'w.js', lineNumber: 1, columnNumber: 688, raw: 'at a (w.js:1:688)' },
        ],
      }),
      app,
    )
    expect(text).toMatch(/charge +src\/payment\.ts:6:3 /)
    expect(html).toContain('title="Bundled as w.js:1:688"')
    expect(html).toMatch(/<mark class="failing"><span class="line-number">▸ 6<\/span> return card\.id &lt; /)
    expect(text).toMatch(/5 +const card = order\.card/)
  })

  it('marks what was masked, truncated and not captured', async () => {
    const { html, text } = await showEvent(
      createSampleEvent({
        requestUrl: 'https://api.example.com/orders?token=[MASKED]',
        requestHeaders: { authorization: '[MASKED]' },
        requestPayload: {
          __truncated: true,
          originalSizeBytes: 900_000,
          maxSizeBytes: 524_288,
          preview: '{"a":"[MASKED]',
        },
        responsePayload: {
          captured: false,
          reason: 'Streaming response body not captured',
          contentType: 'text/event-stream',
          sizeBytes: 2048,
        },
      }),
    )
    expect(html.match(/<span class="masked"[^>]*>\[MASKED\]<\/span>/g)?.length).toBeGreaterThanOrEqual(4)
    expect(text).toContain('Truncated It was 879 KiB. The application keeps 512 KiB (maxPayloadSizeBytes).')
    expect(text).toMatch(/Not captured +Streaming response body not captured +· +text\/event-stream · 2\.0 KiB/)
    expect(text).toMatch(/Cannot be replayed +The request body was too large/)
    // Nothing is masked that could be followed.
    expect(html).not.toContain('href="https://api.example.com')
  })

  it('puts request, breadcrumbs, logs, error and response on one line of time', async () => {
    const at = (milliseconds: number) => new Date(Date.parse('2026-03-01T10:00:00Z') + milliseconds).toISOString()
    const { text } = await showEvent(
      createSampleEvent({
        status: 'failed',
        statusCode: 500,
        executionTimeMs: 1500,
        errorName: 'E',
        errorMessage: 'broke',
        breadcrumbs: [
          { message: 'HTTP request started', category: 'http', level: 'info', timestamp: at(0) },
          { message: 'Charging', category: 'payment', level: 'warning', metadata: { amount: 5 }, timestamp: at(1250) },
          { message: 'Unhandled exception captured', category: 'exception', level: 'error', timestamp: at(1400) },
        ],
        logs: [{ level: 'error', message: 'no order', timestamp: at(100) }],
      }),
    )
    expect(between(text, 'Timeline', ' Request ')).toMatch(
      /Timeline +1\.50 s +\+0 ms +request +POST \/orders +\+100 ms +error log +no order +1\.15 s with nothing recorded +\+1\.25 s +payment +warning +Charging +\{ +"amount" : +5 +\} +\+1\.40 s +error +E: broke +\+1\.50 s +response +Responded 500/,
    )
  })

  it('links to the other events of its trace, and to the next that came', async () => {
    const app = createTestApp()
    const first = await postEvent(app, createSampleEvent({ endpoint: '/first' }))
    const other = await postEvent(app, createSampleEvent({ traceId: 'other' }))
    const second = await postEvent(app, createSampleEvent({ endpoint: '/second' }))
    const page = await getPage(app, `/events/${first}`)
    const trace = between(page.html, 'id="trace-title"', '</section>')
    expect([...trace.matchAll(/href="([^"]+)"/g)].map(([, href]) => href)).toEqual([
      `/events/${first}`,
      `/events/${second}`,
    ])
    expect(trace).toContain(`href="/events/${first}" aria-current="page"`)
    const newer = page.tags.find(({ attributes }) => attributes['id'] === 'newer')?.attributes
    expect(newer).toMatchObject({ href: `/events/${other}` })
    expect(newer).not.toHaveProperty('hidden')
    const last = await getPage(app, `/events/${second}`)
    expect(last.tags.find(({ attributes }) => attributes['id'] === 'newer')?.attributes).toHaveProperty('hidden')
    expect((await getPage(app, `/events/${other}`)).html).not.toContain('trace-title')
  })

  it.each([
    ['http://127.0.0.1:45345/orders?a=1', 'http://127.0.0.1:45345'],
    ['http://localhost/orders', 'http://localhost'],
    ['https://api.example.com/orders', 'http://localhost:8787'],
    ['http://127.0.0.1.example.com/orders', 'http://localhost:8787'],
    ['http://127.0.0.1:8787@example.com/orders', 'http://localhost:8787'],
  ])('of %s offers to replay it to %s', async (requestUrl, target) => {
    const { html } = await showEvent({ ...createFullEvent(), requestUrl })
    const [input = ''] = /<input[^>]* id="replay-target"[^>]*>/.exec(html) ?? []
    expect(input).toContain(`value="${target}"`)
  })

  it('asks for each thing that a replay needs, and tells the command', async () => {
    const { id, tags, text } = await showEvent(
      createSampleEvent({
        requestUrl: 'http://localhost:8787/orders?token=[MASKED]',
        requestHeaders: { authorization: '[MASKED]', 'content-type': 'application/json' },
        requestPayload: { card: { number: '[MASKED]' } },
      }),
    )
    const needs = tags.flatMap(({ attributes }) => attributes['data-need'] ?? [])
    expect(needs.sort()).toEqual(['authorization', 'body.card.number', 'query.token'])
    expect(text).toMatch(
      new RegExp(`npx replaystack replay ${id} --to +http://localhost:8787 +--header 'authorization: …'`),
    )
    const links = tags.flatMap(({ attributes }) => attributes['href'] ?? [])
    expect(links).toContain(`/api/v1/events/${id}/test`)
    expect(text).toMatch(/curl .*\/orders/)
  })
})
