import { describe, expect, it } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { createMarkupEvent, MARKUP_TEXTS } from './hostile-markup.ts'
import { findDanger, getPage, type HtmlPage, postEvent, readHtml } from './page-html.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp, type TestApp } from './test-app.ts'

/** Posts an event, resolves its issue, and posts it again. */
async function postRegression(app: TestApp, event: ReplayStackEvent): Promise<{ id: string; issueId: string }> {
  const id = await postEvent(app, event)
  const issueId = app.store.get(id)?.summary.issueId ?? ''
  app.store.setIssueState(issueId, 'resolved')
  await postEvent(app, event)
  return { id, issueId }
}

const page = async (event: ReplayStackEvent): Promise<HtmlPage> => {
  const app = createTestApp()
  return getPage(app, `/events/${await postEvent(app, event)}`)
}

describe('what strangers sent', () => {
  it.each(MARKUP_TEXTS)('never becomes markup: %j', async text => {
    const app = createTestApp()
    const { id, issueId } = await postRegression(app, createMarkupEvent(text))
    const query = encodeURIComponent(text)
    for (const path of [
      '/',
      `/?q=${query}`,
      `/?service=${query}`,
      `/events/${id}`,
      '/issues',
      `/issues/${issueId}`,
      '/routes',
    ]) {
      const shown = await getPage(app, path)
      expect(shown.status, path).toBe(200)
      expect(findDanger(shown.tags), path).toEqual([])
      expect(shown.text, path).not.toMatch(/[\p{Cc}\p{Cs}\u202e\u2028]/u)
    }
    // The same tags as with a harmless text: nothing was added, nothing ended early.
    const harmless = createTestApp()
    await postRegression(harmless, createMarkupEvent('x'.repeat(text.length)))
    const shape = ({ tags }: HtmlPage) => tags.map(({ name, attributes }) => [name, Object.keys(attributes)])
    expect(shape(await getPage(app, '/'))).toEqual(shape(await getPage(harmless, '/')))
  })

  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//evil.example',
    'http:/\\evil',
    'ftp://h/',
  ])('is no link: %j', async requestUrl => {
    const { tags } = await page(createSampleEvent({ requestUrl }))
    expect(tags.filter(({ attributes }) => attributes['target'] === '_blank')).toEqual([])
    expect(findDanger(tags)).toEqual([])
  })

  it('is a link when it is an http address, and tells it nothing', async () => {
    const { tags } = await page(createSampleEvent({ requestUrl: 'https://api.example.com/a?b=<c>' }))
    const links = tags.filter(({ attributes }) => attributes['target'] === '_blank')
    expect(links.map(({ attributes }) => attributes)).toEqual([
      { href: 'https://api.example.com/a?b=<c>', rel: 'noopener noreferrer nofollow', target: '_blank' },
    ])
  })

  it('would be seen by this test if it did', () => {
    expect(() => readHtml('<p>a < b</p>')).toThrow('Not a tag')
    expect(() => readHtml('<img src=x onerror=alert(1)>')).toThrow('Not a tag')
    expect(findDanger(readHtml('<script src="/x.js"></script><a href="javascript:x" onclick="y">z</a>').tags)).toEqual([
      'script',
      'onclick',
      'a to javascript:x',
    ])
  })
})

describe('a page', () => {
  it('allows nothing but what the inbox itself serves', async () => {
    const app = createTestApp()
    const id = await postEvent(app, createSampleEvent())
    for (const path of ['/', `/events/${id}`, '/events/nothing', '/?status=x']) {
      const { headers } = await getPage(app, path)
      expect(headers.get('content-security-policy'), path).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      )
      expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      expect(headers.get('referrer-policy'), path).toBe('no-referrer')
    }
  })

  it('loads its stylesheet, scripts and icon from the inbox, under an address that holds what they are', async () => {
    const app = createTestApp()
    const { tags } = await getPage(app, '/')
    const urls = tags.flatMap(({ name, attributes }) =>
      name === 'script' ? attributes['src'] : name === 'link' ? attributes['href'] : [],
    )
    expect(urls).toHaveLength(4)
    const types: (string | null)[] = []
    for (const url of urls) {
      expect(url).toMatch(/^\/assets\/\w+\.[\da-f]{12}\.\w+$/)
      const response = await app.app.request(url ?? '')
      expect(response.headers.get('cache-control')).toContain('immutable')
      types.push(response.headers.get('content-type'))
      // No other host is ever named: an icon's namespace aside.
      expect((await response.text()).replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
        /https?:\/\/|@import|url\(/,
      )
    }
    expect(types.sort()).toEqual([
      'image/svg+xml',
      'text/css; charset=utf-8',
      'text/javascript; charset=utf-8',
      'text/javascript; charset=utf-8',
    ])
  })

  it('is not for foreign hosts and origins', async () => {
    const { app } = createTestApp()
    for (const headers of [{ host: 'evil.example' }, { host: 'localhost', origin: 'https://evil.example' }]) {
      for (const path of ['/', '/events/x', '/assets/inbox.js']) {
        expect((await app.request(path, { headers: { accept: 'text/html', ...headers } })).status).toBe(403)
      }
    }
  })

  it('keeps what went wrong inside to itself', async () => {
    const errors: Error[] = []
    const app = createTestApp({ onError: error => errors.push(error) })
    app.store.close()
    const broken = await getPage(app, '/')
    expect(broken.status).toBe(500)
    expect(broken.text).toContain('Something went wrong inside the inbox')
    expect(errors).toHaveLength(1)
    expect(broken.html).not.toContain(errors[0]?.message)
  })
})

describe('what is large', () => {
  const raw = /Too long to be shown here\. +Show all of it as raw JSON/

  it.each<[string, Partial<ReplayStackEvent>]>([
    ['one string', { responsePayload: { text: 'x'.repeat(9_000_000) } }],
    ['a text', { responsePayload: '<'.repeat(9_000_000) }],
    ['a list', { responsePayload: Array.from({ length: 1_000_000 }, (_, index) => index) }],
    [
      'a map',
      { responsePayload: Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [`key ${index}`, 1])) },
    ],
    [
      'headers',
      { responseHeaders: Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`x-${index}`, 'y'])) },
    ],
    ['an error', { errorName: 'x'.repeat(4_000_000), errorMessage: 'x'.repeat(4_000_000) }],
    ['a stack', { stackTrace: 'at x\n'.repeat(1_000_000) }],
    [
      'breadcrumbs',
      {
        breadcrumbs: Array.from({ length: 50_000 }, () => ({
          message: 'm'.repeat(50),
          level: 'info' as const,
          timestamp: '2026-03-01T10:00:00.000Z',
        })),
      },
    ],
    ['names', { serviceName: 'x'.repeat(2_000_000), endpoint: 'y'.repeat(2_000_000), method: 'z'.repeat(2_000_000) }],
    ['a request', { requestPayload: { text: 'x'.repeat(9_000_000) } }],
  ])('is cut on both pages: %s', async (_what, fields) => {
    const app = createTestApp()
    const id = await postEvent(app, createSampleEvent(fields))
    const shown = await getPage(app, `/events/${id}`)
    expect(shown.status).toBe(200)
    expect(shown.html.length).toBeLessThan(700_000)
    expect(shown.text).toMatch(raw)
    expect(shown.tags.some(({ attributes }) => attributes['href'] === `/api/v1/events/${id}`)).toBe(true)
    expect((await getPage(app, '/')).html.length).toBeLessThan(100_000)
  })

  it('is cut when it is deep', async () => {
    const app = createTestApp()
    const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`
    const body = JSON.stringify(createSampleEvent({ responsePayload: 'HERE' })).replace('"HERE"', deep)
    const { json } = await app.post('events', body)
    const id = String(Object(Object(json).data).eventId)
    const shown = await getPage(app, `/events/${id}`)
    expect(shown.status).toBe(200)
    expect(shown.text).toContain('nested deeper')
    expect(shown.text).toMatch(raw)
  })
})

describe('a page is 1 MB at most', () => {
  const MASKED = '[MASKED]'
  const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, key) => [`k${key}`, MASKED]))
  const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
  const note = { message: MASKED.repeat(200), level: 'error', timestamp: '2026-03-01T10:00:00.000Z' } as const
  const frame = {
    raw: MASKED.repeat(300),
    fileName: MASKED.repeat(100),
    functionName: MASKED.repeat(100),
    lineNumber: 1,
  }
  const cases: [string, Partial<ReplayStackEvent>][] = [
    ['27,000 masked members', { requestPayload: members(27_000) }],
    ['a list of them', { requestPayload: times(27_000, MASKED), responsePayload: times(27_000, MASKED) }],
    ['a text of them', { requestPayload: MASKED.repeat(60_000), responsePayload: MASKED.repeat(60_000) }],
    ['headers', { requestHeaders: members(27_000), responseHeaders: members(27_000) }],
    ['breadcrumbs', { breadcrumbs: times(1_000, { ...note, metadata: members(200) }) }],
    ['log lines', { logs: times(1_000, { ...note, metadata: members(200) }) }],
    [
      'causes',
      {
        metadata: {
          causes: times(300, { errorName: 'E', errorMessage: MASKED.repeat(900), stackTrace: note.message }),
        },
      },
    ],
    ['frames', { errorMessage: MASKED.repeat(20_000), stackFrames: times(800, frame) }],
    [
      'markup and control characters',
      { requestPayload: { a: '<>&"\'\u0000'.repeat(40_000) }, metadata: members(5_000) },
    ],
  ]

  it.each(cases)('%s', async (_, fields) => {
    const { app, store, post } = createTestApp()
    expect((await post('events', createSampleEvent(fields))).status).toBe(200)
    const [event] = store.list({}).events
    for (const path of [`/events/${event?.id}`, '/']) {
      const html = await (await app.request(path, { headers: { accept: 'text/html' } })).text()
      expect(html.length).toBeLessThan(1_000_000)
    }
  })
})
