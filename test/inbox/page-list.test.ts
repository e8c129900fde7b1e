import { describe, expect, it, onTestFinished } from 'vitest'
import { createLocalInboxApp } from '../../src/inbox/local/local-app.ts'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import { getPage, type HtmlPage, postEvent } from './page-html.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

/** Addresses of the rows' events, in their order. */
function rowLinks({ tags }: HtmlPage): string[] {
  return tags.flatMap(({ name, attributes }) =>
    name === 'a' && attributes['class'] === 'row-link' ? [attributes['href'] ?? ''] : [],
  )
}

describe('the list', () => {
  it('shows each event in a row: status as a word, method, endpoint, code, duration, service, error, time', async () => {
    const app = createTestApp()
    const id = await postEvent(
      app,
      createSampleEvent({
        status: 'failed',
        statusCode: 503,
        executionTimeMs: 1250,
        errorName: 'BankError',
        errorMessage: 'no\nanswer',
      }),
    )
    const page = await getPage(app, '/')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(rowLinks(page)).toEqual([`/events/${id}`])
    const row = page.text.slice(page.text.lastIndexOf('Received'))
    expect(row).toMatch(/failed +503 +POST +\/orders +BankError: no answer +1\.25 s +order-service +now /)
    const time = page.tags.find(({ name }) => name === 'time')
    expect(Date.now() - Date.parse(time?.attributes['datetime'] ?? '')).toBeLessThan(60_000)
    expect(time?.attributes['title']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (UTC|GMT[+-]\d+(:\d\d)?)$/)
  })

  it('calls an event without a method by its type', async () => {
    const app = createTestApp()
    await postEvent(app, { traceId: 't', eventType: 'cron', endpoint: '0 3 * * *', status: 'pending' })
    await postEvent(app, { traceId: 't', eventType: 'api', status: 'success' })
    const { text } = await getPage(app, '/')
    expect(text).toMatch(/pending +cron +0 3 \* \* \* /)
    expect(text).toContain('(no endpoint)')
  })

  it('is a form without a script: filters that are links and fields, with what was chosen', async () => {
    const app = createTestApp()
    await postEvent(app, createSampleEvent({ endpoint: '/a', serviceName: 'shop' }))
    const failed = await postEvent(
      app,
      createSampleEvent({ endpoint: '/b', status: 'failed', serviceName: 'auth', eventType: 'queue' }),
    )
    await postEvent(app, createSampleEvent({ endpoint: '/c', status: 'failed', serviceName: 'shop' }))
    const page = await getPage(app, '/?status=failed&service=auth&type=queue&q=%2Fb')
    expect(rowLinks(page)).toEqual([`/events/${failed}`])
    const form = page.tags.find(({ attributes }) => attributes['id'] === 'filters')
    expect(form?.attributes).toMatchObject({ action: '/', method: 'get' })
    const fields = page.tags.flatMap(({ name, attributes }) =>
      name === 'input' && attributes['name'] ? [[attributes['name'], attributes['value']]] : [],
    )
    expect(fields).toEqual([
      ['status', 'failed'],
      ['query', '/b'],
    ])
    const chosen = page.tags.filter(({ name, attributes }) => name === 'option' && 'selected' in attributes)
    expect(chosen.map(({ attributes }) => attributes['value'])).toEqual(['queue', 'auth'])
    const tabs = page.tags.filter(({ attributes }) => attributes['class'] === 'tab')
    expect(tabs.map(({ attributes }) => attributes['href'])).toContain('/?type=queue&service=auth&q=%2Fb')
    expect(tabs.find(({ attributes }) => 'aria-current' in attributes)?.attributes['href']).toMatch(/status=failed/)
  })

  it('counts each status past the status that is chosen', async () => {
    const app = createTestApp()
    for (const status of ['failed', 'failed', 'success'] as const) await postEvent(app, createSampleEvent({ status }))
    const { text } = await getPage(app, '/?status=success')
    expect(text).toMatch(/All 3 +failed +2 +warning +0 +success +1 /)
    expect(text).toContain('1 event in the last 5 minutes')
  })

  it('pages by links, and goes back to the newest', async () => {
    const app = createTestApp()
    for (let count = 0; count < 53; count++) await postEvent(app, createSampleEvent({ endpoint: `/n/${count}` }))
    const first = await getPage(app, '/?q=n')
    expect(rowLinks(first)).toHaveLength(50)
    const older = first.tags.find(({ attributes }) => attributes['rel'] === 'next')?.attributes['href'] ?? ''
    expect(older).toMatch(/^\/\?q=n&before=\d+$/)
    const second = await getPage(app, older)
    expect(rowLinks(second)).toHaveLength(3)
    expect(second.text).toContain('/n/0 ')
    expect(second.text).toContain('← Newer events')
    expect(second.tags.some(({ attributes }) => attributes['rel'] === 'next')).toBe(false)
  })

  it('says that no event matches, and offers to clear the filters', async () => {
    const app = createTestApp()
    await postEvent(app, createSampleEvent())
    const page = await getPage(app, '/?q=nowhere')
    expect(rowLinks(page)).toEqual([])
    expect(page.text).toContain('No event matches these filters')
    const clear = page.tags.find(({ attributes }) => attributes['id'] === 'clear-filters')
    expect(clear?.attributes).toMatchObject({ href: '/' })
    expect(clear?.attributes).not.toHaveProperty('hidden')
  })

  it('names a filter that there is none of', async () => {
    const page = await getPage(createTestApp(), '/?status=broken')
    expect(page.status).toBe(400)
    expect(page.text).toContain('status must be one of success, failed, warning, pending')
    expect(page.text).toContain('← All events')
  })

  it('tells an empty inbox’s reader the two lines to paste, and the code', async () => {
    const page = await getPage(createTestApp({ key: 'my-key' }), 'http://127.0.0.1:4319/')
    expect(page.text).toContain('REPLAYSTACK_ENDPOINT=http://127.0.0.1:4319 REPLAYSTACK_API_KEY=my-key ')
    expect(page.text).toContain("import { replaystack, type ReplayStackVariables } from '@replaystack/edge/hono'")
    expect(page.html).not.toContain('id="rows"')
    expect((await getPage(createTestApp(), '/')).text).toContain('REPLAYSTACK_API_KEY=local ')
  })

  it('has a sample event in its pocket that ingest takes', async () => {
    const app = createTestApp()
    const { tags } = await getPage(app, '/')
    const sample = tags.find(({ attributes }) => attributes['data-sample'])?.attributes
    expect(await app.post('events', sample?.['data-sample'])).toMatchObject({ status: 200 })
    expect((await getPage(app, '/')).text).toContain('PaymentError: The card could not be charged')
  })

  it('answers what does not ask for HTML with plain text', async () => {
    const app = createTestApp()
    const id = await postEvent(app, createSampleEvent())
    for (const path of ['/', `/events/${id}`]) {
      const response = await app.app.request(path, { headers: { accept: '*/*' } })
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
      expect(await response.text()).toContain('201 success')
    }
  })
})

describe('events from outside the time that the strip covers', () => {
  const DAY = 24 * 60 * 60 * 1000

  it.each([
    ['older than a year', -400 * DAY],
    ['later than now, by a clock that was set back', DAY],
  ])('are shown, and counted before they are deleted: %s', async (_when, offset) => {
    const store = openSqliteStore({ now: () => Date.now() + offset })
    onTestFinished(() => store.close())
    const event = createSampleEvent({ endpoint: '/elsewhen' })
    for (const json of [JSON.stringify(event), '{}']) store.insert({ event, json })
    expect(store.count()).toBe(2)
    const page = await getPage({ app: createLocalInboxApp({ store }) }, '/')
    expect(page.text).toContain('/elsewhen')
    expect(page.text).not.toContain('No events yet')
    expect(page.text).toContain('2 events will be removed')
  })
})

describe('the strip of volume', () => {
  it('covers the time since the first event, and tells it in words', async () => {
    let now = Date.parse('2026-03-01T10:00:00Z')
    const store = openSqliteStore({ now: () => now })
    const app = createTestApp({ store })
    await postEvent(app, createSampleEvent())
    now = Date.now()
    await postEvent(app, createSampleEvent({ status: 'failed' }))
    await postEvent(app, createSampleEvent({ status: 'warning' }))
    const page = await getPage(app, '/')
    store.close()
    expect(page.text).toMatch(/3 events in the last (1?\d\d days|365 days)/)
    const image = page.tags.find(({ attributes }) => attributes['class'] === 'chart')
    expect(image?.attributes['aria-label']).toMatch(
      /^Events over the last \d+ days: 1 succeeded, 1 warning, 1 failed; most failures at \d\d:\d\d:\d\d: 1$/,
    )
    const bars = page.tags.filter(({ name }) => name === 'rect').map(({ attributes }) => attributes['class'])
    expect(bars.filter(name => /^bar-(?!whole)/.test(name ?? ''))).toEqual(['bar-passed', 'bar-warned', 'bar-failed'])
    // Failures hang below the line: told without their colour.
    const top = (name: string) =>
      Number(page.tags.find(({ attributes }) => attributes['class'] === name)?.attributes['y'])
    expect(top('bar-failed')).toBe(40)
    expect(top('bar-warned')).toBeLessThan(40)
  })
})

describe('an address', () => {
  it('of nothing is not found, whatever tricks it tries', async () => {
    const app = createTestApp()
    for (const path of [
      '/events/nothing',
      '/events/nothing/curl',
      '/nowhere',
      '/events/%2e%2e%2f..%2fetc',
      '/events/%00',
      '/events/a%2Fb',
    ]) {
      const page = await getPage(app, path)
      expect(page.status, path).toBe(404)
      expect(page.text, path).toContain('There is nothing at this address')
    }
    expect((await app.app.request('/events/nothing')).headers.get('content-type')).toMatch(/json/)
    expect((await getPage(app, '/events')).status).toBe(302)
  })

  it('of the API answers in JSON, whoever asks', async () => {
    const app = createTestApp()
    for (const path of ['/api/v1/events/nothing', '/api/v1/nothing', '/api/v1/events?status=x']) {
      const response = await app.app.request(path, { headers: { accept: 'text/html' } })
      expect(response.headers.get('content-type'), path).toMatch(/^application\/json/)
    }
  })
})
