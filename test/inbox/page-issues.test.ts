import { describe, expect, it, onTestFinished } from 'vitest'
import { createLocalInboxApp } from '../../src/inbox/local/local-app.ts'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { getPage, type HtmlPage, postEvent } from './page-html.ts'
import { createFullEvent, createSampleEvent } from './sample-event.ts'
import { createTestApp, type TestApp } from './test-app.ts'

const ORIGIN = 'http://localhost'

function failure(fields: Partial<ReplayStackEvent> = {}): ReplayStackEvent {
  return createSampleEvent({
    status: 'failed',
    statusCode: 500,
    errorName: 'TypeError',
    errorMessage: 'No order 17',
    ...fields,
  })
}

/** Sends the form of a page that changes a state, as a browser without a script does. */
async function submitState({ app }: TestApp, issueId: string, fields: Record<string, string>, origin = ORIGIN) {
  return app.request(`/issues/${issueId}/state`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { accept: 'text/html', origin },
  })
}

async function failOnce(app: TestApp, fields: Partial<ReplayStackEvent> = {}): Promise<string> {
  await postEvent(app, failure(fields))
  return app.store.issues().issues[0]?.issueId ?? ''
}

const linksOf = ({ tags }: HtmlPage, name: string) =>
  tags.flatMap(({ attributes }) => (attributes['rel'] === name ? [attributes['href'] ?? ''] : []))

const titlesOf = ({ tags }: HtmlPage) =>
  tags.flatMap(({ attributes }) => (attributes['class']?.endsWith('issue-title') ? [attributes['title'] ?? ''] : []))

describe('the list of issues', () => {
  it('has a row for each kind of failure, with what is known of it', async () => {
    const app = createTestApp()
    for (const order of [17, 18, 19]) {
      await postEvent(app, failure({ errorMessage: `No order ${order}`, appVersion: order === 19 ? '1.1.0' : '1.0.0' }))
    }
    await postEvent(app, createSampleEvent())
    const page = await getPage(app, '/issues')
    expect(page.status).toBe(200)
    expect(titlesOf(page)).toEqual(['TypeError: No order 17'])
    expect(page.text).toMatch(/POST \/orders +order-service +test +1\.0\.0 +1\.1\.0 +3 +events +now +since +now/)
    expect(page.text).toMatch(/open +1 +resolved +0 +ignored +0 +all +1/)
    const histogram = page.tags.find(({ attributes }) => attributes['class'] === 'histogram')
    expect(histogram?.attributes['aria-label']).toMatch(
      /^3 failures in the last 24 hours, most in the hour from \d\d:00: 3$/,
    )
  })

  it('takes a query, a state and an order', async () => {
    const app = createTestApp()
    await failOnce(app, { errorName: 'BankError', serviceName: 'bank' })
    const ignored = await failOnce(app, { errorName: 'OldError' })
    await failOnce(app, { errorName: 'ShopError' })
    await failOnce(app, { errorName: 'BankError', serviceName: 'bank' })
    app.store.setIssueState(ignored, 'ignored')
    const titles = async (path: string) => (await getPage(app, path)).text.match(/\w+Error(?=: No order 17)/g)
    expect(await titles('/issues')).toEqual(['BankError', 'ShopError'])
    expect(await titles('/issues?sort=count')).toEqual(['BankError', 'ShopError'])
    expect(await titles('/issues?sort=firstSeen&state=all')).toEqual(['ShopError', 'OldError', 'BankError'])
    expect(await titles('/issues?state=ignored')).toEqual(['OldError'])
    expect(await titles('/issues?query=is:ignored')).toEqual(['OldError'])
    expect(await titles('/issues?query=service:bank')).toEqual(['BankError'])
    const wrong = await getPage(app, '/issues?query=status:x')
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('This query means nothing')
    expect((await getPage(app, '/issues?state=x')).text).toContain('state must be one of open, resolved, ignored, all')
    expect((await getPage(app, '/issues?before=x')).status).toBe(400)
  })

  it('is paged both ways', async () => {
    const app = createTestApp()
    for (let count = 0; count < 103; count++) {
      // Numbers do not tell kinds apart, letters do.
      const letters = [...String(count)].map(digit => 'abcdefghij'[Number(digit)]).join('')
      await postEvent(app, failure({ errorName: `Kind${letters}` }))
    }
    const first = await getPage(app, '/issues')
    const second = await getPage(app, linksOf(first, 'next')[0] ?? '')
    const third = await getPage(app, linksOf(second, 'next')[0] ?? '')
    const all = [first, second, third].flatMap(titlesOf)
    expect([first, second, third].map(page => titlesOf(page).length)).toEqual([50, 50, 3])
    expect(new Set(all).size).toBe(103)
    expect(linksOf(third, 'next')).toEqual([])
    const back = await getPage(app, linksOf(third, 'prev')[0] ?? '')
    expect(titlesOf(back)).toEqual(titlesOf(second))
    expect(linksOf(back, 'prev')[0]).toBe('/issues')
  })

  it('says what to do where there is nothing', async () => {
    const app = createTestApp()
    expect((await getPage(app, '/issues')).text).toMatch(/No events yet +Connect an application/)
    await postEvent(app, createSampleEvent())
    expect((await getPage(app, '/issues')).text).toContain('Failures appear here by themselves')
    const issueId = await failOnce(app)
    app.store.setIssueState(issueId, 'resolved')
    const page = await getPage(app, '/issues')
    expect(page.text).toMatch(/No open issues +1 +resolved/)
    expect(page.tags.some(({ attributes }) => attributes['href'] === '/issues?state=resolved')).toBe(true)
    expect((await getPage(app, '/issues?state=all&query=nowhere')).text).toContain(
      'No issue has an event that matches this query',
    )
  })

  it('is text for who does not ask for HTML, as an issue and the routes are', async () => {
    const app = createTestApp()
    const issueId = await failOnce(app)
    const read = async (path: string) => {
      const response = await app.app.request(path, { headers: { accept: '*/*' } })
      expect(response.headers.get('content-type'), path).toMatch(/^text\/plain/)
      return response.text()
    }
    expect(await read('/issues')).toMatch(/open issues\n\nTypeError: No order 17\n {2}in POST \/orders\n/)
    expect(await read(`/issues/${issueId}`)).toMatch(/^TypeError: No order 17\n.*TIME .*STATUS.*500 failed/s)
    expect(await read('/routes')).toMatch(/^ROUTE +EVENTS +FAILED .*\nPOST \/orders +1 +1 +1\d ms/)
    expect((await app.app.request('/issues?query=status:x', { headers: { accept: '*/*' } })).status).toBe(400)
  })
})

describe("an issue's page", () => {
  it('shows its latest event in its frames, what it is known by, and its events', async () => {
    const app = createTestApp()
    const first = await postEvent(app, createFullEvent())
    const latest = await postEvent(app, { ...createFullEvent(), appVersion: '1.1.0' })
    const issueId = app.store.issues().issues[0]?.issueId ?? ''
    const page = await getPage(app, `/issues/${issueId}`)
    expect(page.text).toMatch(/createOrder +\(src\/orders\.ts\) · POST \/orders/)
    expect(page.text).toMatch(/createOrder +src\/orders\.ts:18:7/)
    expect(page.text).toMatch(/Events +2 +Last seen +now +First seen +now +Versions +1\.0\.0 +1\.1\.0 +Services/)
    const hrefs = page.tags.flatMap(({ name, attributes }) => (name === 'a' ? [attributes['href']] : []))
    expect(hrefs).toContain(`/?query=issue%3A${issueId}+version%3A%221.1.0%22`)
    expect(hrefs).toContain(`/events/${latest}`)
    expect(hrefs).toContain(`/events/${first}/compare/${latest}`)
  })

  it('pages its events both ways, and leads from each to the next of its kind', async () => {
    const app = createTestApp()
    const ids: string[] = []
    for (let count = 0; count < 60; count++) {
      ids.push(await postEvent(app, failure({ errorMessage: `No order ${count}` })))
      await postEvent(app, createSampleEvent())
    }
    const issueId = app.store.issues().issues[0]?.issueId ?? ''
    const rows = ({ tags }: HtmlPage) => tags.filter(({ attributes }) => attributes['class'] === 'row-link').length
    const first = await getPage(app, `/issues/${issueId}`)
    const second = await getPage(app, linksOf(first, 'next')[0] ?? '')
    const third = await getPage(app, linksOf(second, 'next')[0] ?? '')
    expect([first, second, third].map(rows)).toEqual([25, 25, 10])
    expect((await getPage(app, linksOf(third, 'prev')[0] ?? '')).text).toBe(second.text)

    const event = await getPage(app, `/events/${ids[2]}`)
    expect(event.text).toContain('3rd of 60 in')
    const hrefOf = (id: string) => event.tags.find(({ attributes }) => attributes['id'] === id)?.attributes['href']
    expect(hrefOf('issue')).toBe(`/issues/${issueId}`)
    expect(hrefOf('issue-newer')).toBe(`/events/${ids[3]}`)
    expect(hrefOf('issue-older')).toBe(`/events/${ids[1]}`)
  })

  it('counts its place on from what was pruned', async () => {
    const store = openSqliteStore({ maxEvents: 2 })
    onTestFinished(() => store.close())
    const app = { app: createLocalInboxApp({ store }) }
    const [, , id] = [1, 2, 3].map(order => {
      const event = failure({ errorMessage: `No order ${order}` })
      return store.insert({ event, json: JSON.stringify(event) }).summary.id
    })
    expect((await getPage(app, `/events/${id}`)).text).toContain('3rd of 3 in')
    expect(store.issuePlace(id ?? '')).toMatchObject({ position: 3, count: 3, newerId: undefined })
    expect(store.issuePlace('nothing')).toBeUndefined()
  })

  it('is there without an event, and without an error', async () => {
    const app = createTestApp()
    const { errorName: _name, errorMessage: _message, ...silent } = failure()
    await postEvent(app, silent)
    const [issue] = app.store.issues().issues
    expect((await getPage(app, `/issues/${issue?.issueId}`)).text).toContain('These failures say no error')
    expect((await getPage(app, '/issues/0000000000000000')).status).toBe(404)
  })

  it('is small enough for a browser, whatever its latest event is', async () => {
    const app = createTestApp()
    const masked = '[MASKED]'
    const frame = { raw: masked.repeat(300), fileName: masked.repeat(100), functionName: masked.repeat(100) }
    const issueId = await failOnce(app, {
      errorMessage: masked.repeat(20_000),
      stackFrames: Array.from({ length: 800 }, () => frame),
      metadata: { causes: Array.from({ length: 300 }, () => ({ errorName: 'E', errorMessage: masked.repeat(900) })) },
    })
    for (const path of ['/issues', `/issues/${issueId}`, '/']) {
      const page = await getPage(app, path)
      expect(page.status, path).toBe(200)
      expect(page.html.length, path).toBeLessThan(1_000_000)
    }
  })
})

describe('the form of a state', () => {
  it('resolves, ignores and reopens, and goes back to where it was', async () => {
    const app = createTestApp()
    const issueId = await failOnce(app)
    const page = await getPage(app, '/issues?state=all')
    const form = page.tags.find(({ attributes }) => attributes['class'] === 'state-form')
    expect(form?.attributes).toMatchObject({ method: 'post', action: `/issues/${issueId}/state` })
    const back = page.tags.find(({ attributes }) => attributes['name'] === 'back')?.attributes['value'] ?? ''
    expect(back).toBe('/issues?state=all')
    // Without it a browser would send `Origin: null`.
    expect(page.headers.get('referrer-policy')).toBe('same-origin')
    const told: string[] = []
    app.feed.subscribeIssues(({ state }) => told.push(state))
    for (const state of ['resolved', 'ignored', 'open'] as const) {
      const response = await submitState(app, issueId, { state, back })
      expect([response.status, response.headers.get('location')]).toEqual([303, back])
      expect(app.store.issue(issueId)?.state).toBe(state)
    }
    expect(told).toEqual(['resolved', 'ignored', 'open'])
  })

  it('leads nowhere but to the inbox, and takes only what there is', async () => {
    const app = createTestApp()
    const issueId = await failOnce(app)
    for (const back of [
      '//evil.example',
      'https://evil.example',
      '/issues\\evil',
      '/events/1',
      '',
      '/issues?a=\r\nb',
    ]) {
      const response = await submitState(app, issueId, { state: 'open', back })
      expect(response.headers.get('location'), back).toBe(`/issues/${issueId}`)
    }
    expect((await submitState(app, issueId, { state: 'broken' })).status).toBe(400)
    expect((await submitState(app, 'nothing', { state: 'open' })).status).toBe(404)
    expect((await submitState(app, issueId, { state: 'open', back: 'x'.repeat(10_000) })).status).toBe(413)
  })

  it("is the inbox's own", async () => {
    const app = createTestApp()
    const issueId = await failOnce(app)
    const send = (headers: Record<string, string>) =>
      app.app.request(`/issues/${issueId}/state`, { method: 'POST', body: 'state=resolved', headers })
    for (const headers of [
      {},
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: 'http://localhost:9999' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' },
    ]) {
      expect((await send(headers)).status, JSON.stringify(headers)).toBe(403)
    }
    expect(app.store.issue(issueId)?.state).toBe('open')
    expect((await send({ 'sec-fetch-site': 'same-origin', origin: ORIGIN })).status).toBe(303)
  })

  it('says in which version a resolved issue came back', async () => {
    const app = createTestApp()
    const issueId = await failOnce(app, { appVersion: '1.0.0' })
    app.store.setIssueState(issueId, 'resolved')
    expect((await getPage(app, '/issues?state=resolved')).text).toMatch(/resolved +POST \/orders/)
    const id = await postEvent(app, failure({ appVersion: '2.0.0' }))
    for (const path of ['/issues', `/issues/${issueId}`, `/events/${id}`, '/']) {
      expect((await getPage(app, path)).text, path).toMatch(/regressed +in +2\.0\.0/)
    }
    expect((await getPage(app, `/issues/${issueId}`)).text).toMatch(/Regressed +now +in +2\.0\.0/)
  })
})

describe('the list of events', () => {
  it('begins with the open issues, where there are any', async () => {
    const app = createTestApp()
    await postEvent(app, createSampleEvent())
    const panelOf = ({ tags }: HtmlPage) => tags.find(({ attributes }) => attributes['id'] === 'open-issues')
    expect(panelOf(await getPage(app, '/'))?.attributes).toHaveProperty('hidden')
    for (const errorName of ['AError', 'BError', 'CError', 'DError']) await failOnce(app, { errorName })
    const page = await getPage(app, '/')
    expect(panelOf(page)?.attributes).not.toHaveProperty('hidden')
    expect(page.text).toMatch(/4 open issues +DError: No order 17 +POST \/orders +1× +now +CError/)
    expect(titlesOf(page)).toHaveLength(3)
  })

  it("shows a URL's query and what is pinned", async () => {
    const app = createTestApp()
    const id = await postEvent(
      app,
      createSampleEvent({ requestUrl: 'http://localhost/orders?ref=email&key=[MASKED]#x' }),
    )
    await postEvent(app, createSampleEvent({ endpoint: '/a?b=c', requestUrl: 'http://localhost/a?b=c' }))
    app.store.update(id, { pinned: true })
    const { text } = await getPage(app, '/')
    expect(text).toMatch(/\/orders +\?ref=email&key= +\[MASKED\] +pinned/)
    expect(text.match(/\?b=c/g)).toHaveLength(1)
    expect(Object(Object((await app.get('/api/v1/events')).json).events[1])).toMatchObject({
      urlQuery: 'ref=email&key=[MASKED]',
    })
  })
})

describe('the routes', () => {
  it('have their numbers, marks for slow ones, and lead to their events', async () => {
    const app = createTestApp()
    for (const executionTimeMs of [10, 20, 30]) await postEvent(app, createSampleEvent({ executionTimeMs }))
    const slow = await postEvent(app, failure({ endpoint: '/slow "one"', method: 'GET', executionTimeMs: 2000 }))
    const page = await getPage(app, '/routes')
    expect(page.text).toMatch(
      /POST +\/orders +3 +events +0 +failed +p50 +\d+ ms +p95 +\d+ ms +p99 +\d+ ms +slowest +event/,
    )
    expect(page.text).toMatch(/GET +\/slow "one" +slow +1 +event +1 +failed, +100 % +p50 +\d\.\d\d s/)
    const hrefs = page.tags.flatMap(({ name, attributes }) => (name === 'a' ? [attributes['href'] ?? ''] : []))
    expect(hrefs).toContain(`/events/${slow}`)
    const events = hrefs.filter(href => href.startsWith('/?query=method'))
    expect(events).toHaveLength(2)
    for (const [index, count] of [3, 1].entries()) {
      const { tags } = await getPage(app, events[index] ?? '')
      expect(tags.filter(({ attributes }) => attributes['class'] === 'row-link')).toHaveLength(count)
    }
  })

  it('are found by a query and sorted by a column', async () => {
    const app = createTestApp()
    for (const [endpoint, executionTimeMs] of [
      ['/a', 10],
      ['/b', 3000],
      ['/b', 3000],
      ['/c', 50],
    ] as const) {
      await postEvent(app, createSampleEvent({ endpoint, executionTimeMs, serviceName: endpoint.slice(1) }))
    }
    const routes = async (path: string) => (await getPage(app, path)).text.match(/(?<=POST +)\/[abc]/g)
    expect(await routes('/routes?sort=route')).toEqual(['/a', '/b', '/c'])
    expect(await routes('/routes?sort=p95')).toEqual(['/b', '/c', '/a'])
    expect(await routes('/routes?sort=p50&query=service:a+OR+service:c')).toEqual(['/c', '/a'])
    const page = await getPage(app, '/routes?sort=p95')
    const sorted = page.tags.filter(({ attributes }) => attributes['aria-sort'] === 'descending')
    expect(sorted.map(({ attributes }) => attributes['class'])).toEqual(['cell-p95'])
    const times = async (path: string) =>
      (await getPage(app, path)).tags
        .filter(({ attributes }) => attributes['class'] === 'tab')
        .map(({ attributes }) => [attributes['href'], 'aria-current' in attributes])
    expect(await times('/routes?query=since:24h+service:a&sort=p50')).toEqual([
      ['/routes?query=service%3Aa+since%3A1h&sort=p50', false],
      ['/routes?query=service%3Aa+since%3A24h&sort=p50', true],
      ['/routes?query=service%3Aa+since%3A7d&sort=p50', false],
      ['/routes?query=service%3Aa&sort=p50', false],
    ])
    expect((await times('/routes')).at(-1)).toEqual(['/routes', true])
    expect((await getPage(app, '/routes?sort=x')).status).toBe(400)
    expect((await getPage(app, '/routes?query=status:x')).text).toContain('This query means nothing')
    expect((await getPage(app, '/routes?query=nowhere')).text).toContain('No event with a route matches this query')
    expect((await getPage(createTestApp(), '/routes')).text).toContain('No routes yet')
  })
})
