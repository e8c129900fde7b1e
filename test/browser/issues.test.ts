import { Hono } from 'hono'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../../scripts/launch-chromium.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { createRichEvent, sendEvent } from './events.ts'
import { findAxeViolations, measureOverflow, openPage } from './open-page.ts'
import { holds, startShop, startTestInbox } from './running-inbox.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})

afterAll(() => browser.close())

/** A failure of a kind of its own, which can be replayed without anything to fill in. */
function failure(errorName: string, fields: Partial<ReplayStackEvent> = {}): ReplayStackEvent {
  return createRichEvent({
    errorName,
    errorMessage: 'No order 17',
    authMode: 'none',
    requestHeaders: { 'content-type': 'application/json' },
    requestPayload: { sku: 'book' },
    requestUrl: 'http://localhost:8787/orders?ref=email',
    metadata: { route: '/orders' },
    ...fields,
  })
}

const live = (page: Page) => page.locator('#live[data-state=live]').waitFor()
const titles = async (page: Page) =>
  (await page.locator('.issue-row .issue-title').allTextContents()).map(text => text.replace(/:.*/, ''))

const countOf = (page: Page, name: string, count: number) =>
  page
    .locator('.issue-row', { hasText: name })
    .locator('.cell-count', { hasText: `${count} events` })
    .waitFor()

describe('the list of issues', () => {
  it('goes on by itself: a new kind is a new row, one more of a kind is counted', async () => {
    const inbox = await startTestInbox()
    const { page, complaints } = await openPage(browser)
    await page.goto(`${inbox.url}/issues`)
    await page.getByText('No events yet').waitFor()
    await live(page)
    await page.evaluate('window.sameDocument = true')
    await sendEvent(inbox.url, failure('AError'))
    await page.getByRole('link', { name: 'AError: No order 17' }).waitFor()
    await sendEvent(inbox.url, failure('BError'))
    await page.getByRole('link', { name: 'BError: No order 17' }).waitFor()
    expect(await titles(page)).toEqual(['BError', 'AError'])
    await sendEvent(inbox.url, failure('AError', { errorMessage: 'No order 18' }))
    await countOf(page, 'AError', 2)
    expect(await titles(page)).toEqual(['AError', 'BError'])
    expect(await page.locator('.tab').first().textContent()).toMatch(/open +2/)
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    expect(complaints).toEqual([])
  })

  it('keeps its rows in place under a pointer, and tells what is new', async () => {
    const inbox = await startTestInbox()
    for (const name of ['A', 'B', 'C']) await sendEvent(inbox.url, failure(`${name}Error`))
    const { page } = await openPage(browser)
    await page.goto(`${inbox.url}/issues`)
    await live(page)
    await page.getByRole('link', { name: 'BError' }).hover()
    await sendEvent(inbox.url, failure('AError'))
    await countOf(page, 'AError', 2)
    await sendEvent(inbox.url, failure('DError'))
    await page.getByRole('link', { name: '↑ 1 new issue' }).waitFor()
    expect(await titles(page)).toEqual(['CError', 'BError', 'AError'])
    await page.locator('#news').click()
    await holds(page, 'document.querySelectorAll(".issue-row").length === 4')
    expect(await titles(page)).toEqual(['DError', 'AError', 'CError', 'BError'])
  })

  it('is filtered, sorted and searched in place', async () => {
    const inbox = await startTestInbox()
    await sendEvent(inbox.url, failure('AError', { serviceName: 'auth' }))
    await sendEvent(inbox.url, failure('AError', { serviceName: 'auth' }))
    await sendEvent(inbox.url, failure('BError'))
    const { page, complaints } = await openPage(browser)
    await page.goto(`${inbox.url}/issues`)
    await live(page)
    await page.evaluate('window.sameDocument = true')
    await page.getByLabel('Sort by').selectOption('events')
    await page.waitForURL(url => url.search === '?sort=count')
    await holds(page, 'document.querySelector(".issue-title").textContent.startsWith("AError")')
    await page.keyboard.press('Escape')
    await page.keyboard.press('/')
    await page.keyboard.type('service:au')
    expect(
      await page.evaluate('[...document.getElementById("query-terms").options].map(({ value }) => value)'),
    ).toEqual([])
    await page.keyboard.type('th')
    await holds(page, 'document.querySelectorAll(".issue-row").length === 1')
    await page.locator('.tab', { hasText: 'resolved' }).click()
    await page.getByText('No issue has an event that matches this query').waitFor()
    await page.getByRole('link', { name: '1 open', exact: true }).click()
    await holds(page, 'document.querySelectorAll(".issue-row").length === 1')
    await page.locator('#clear-filters').click()
    await holds(page, 'document.querySelectorAll(".issue-row").length === 2')
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    expect(complaints).toEqual([])
  })

  it('changes states by mouse and by keyboard, also on another page that is open', async () => {
    const inbox = await startTestInbox()
    for (const name of ['A', 'B', 'C']) await sendEvent(inbox.url, failure(`${name}Error`))
    const { page, complaints } = await openPage(browser)
    const { page: other } = await openPage(browser)
    for (const one of [page, other]) {
      await one.goto(`${inbox.url}/issues`)
      await live(one)
    }
    await page.getByRole('button', { name: 'Resolve: BError' }).click()
    await page.locator('.notice', { hasText: 'Resolved' }).waitFor()
    await holds(page, 'document.querySelectorAll(".issue-row").length === 2')
    await page.locator('.tab', { hasText: 'resolved' }).click()
    await holds(page, 'document.getElementById("announcer").textContent === "1 row"')
    expect(await page.locator('#announcer').getAttribute('class')).toBe('visually-hidden')
    await page.locator('.tab', { hasText: 'open' }).click()
    await holds(page, 'document.querySelectorAll(".issue-row").length === 2')
    await page.mouse.move(0, 0)
    await holds(other, 'document.querySelectorAll(".issue-row").length === 2')
    await page.keyboard.press('Escape')
    await page.keyboard.press('j')
    await page.keyboard.press('i')
    await page.locator('.notice', { hasText: 'Ignored' }).waitFor()
    // On from the row that came in its place.
    await holds(page, 'document.activeElement.textContent.startsWith("AError")')
    await page.keyboard.press('e')
    await page.getByText('No open issues').waitFor()
    const states = Object.fromEntries(inbox.store.issues().issues.map(({ title, state }) => [title.slice(0, 1), state]))
    expect(states).toEqual({ A: 'resolved', B: 'resolved', C: 'ignored' })
    await sendEvent(inbox.url, failure('BError', { appVersion: '2.0.0' }))
    await page.getByText('regressed in 2.0.0').waitFor()
    expect(complaints).toEqual([])
  })
})

describe('an issue', () => {
  it('goes on by itself, but leaves what is being read', async () => {
    const inbox = await startTestInbox()
    const first = await sendEvent(inbox.url, failure('AError'))
    const issueId = inbox.store.get(first)?.summary.issueId
    const { page, complaints } = await openPage(browser)
    await page.goto(`${inbox.url}/issues/${issueId}`)
    await live(page)
    const second = await sendEvent(inbox.url, failure('AError'))
    await holds(page, `document.getElementById('latest-event').pathname === '/events/${second}'`)
    await page.getByText('frame outside the application').click()
    await sendEvent(inbox.url, failure('AError', { appVersion: '1.5.0' }))
    await page.locator('#issue-facts').getByRole('link', { name: '1.5.0' }).waitFor()
    await holds(page, 'document.querySelectorAll(".row").length === 3')
    expect(await page.locator('#latest-event').getAttribute('href')).toBe(`/events/${second}`)
    expect(await page.locator('#latest details[open]').count()).toBe(1)
    await page.keyboard.press('e')
    await page.locator('.badge.resolved').waitFor()
    await page.getByRole('button', { name: 'Reopen' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Resolve' }).waitFor()
    await holds(page, 'document.activeElement.value === "resolved"')
    expect(inbox.store.issue(issueId ?? '')?.state).toBe('open')
    expect(complaints).toEqual([])
  })

  it('leads from event to event of its kind', async () => {
    const inbox = await startTestInbox()
    const ids: string[] = []
    for (const name of ['A', 'B', 'A', 'A']) ids.push(await sendEvent(inbox.url, failure(`${name}Error`)))
    const { page } = await openPage(browser)
    await page.goto(`${inbox.url}/events/${ids[2]}`)
    await page.getByText('2nd of 3 in').waitFor()
    for (const [key, id] of [
      ['[', ids[0]],
      [']', ids[2]],
      [']', ids[3]],
    ] as const) {
      await page.keyboard.press(key)
      await page.waitForURL(`${inbox.url}/events/${id}`)
    }
    await page.keyboard.press('u')
    await page.getByRole('heading', { level: 1, name: 'AError: No order 17' }).waitFor()
  })
})

describe('the keyboard alone', () => {
  it('goes from the issues to one, to its event, replays it and keeps it as a test', async () => {
    const inbox = await startTestInbox()
    const shop = await startShop(new Hono().post('/orders', c => c.json({ id: 1 }, 201)))
    await sendEvent(inbox.url, failure('BError'))
    const id = await sendEvent(inbox.url, failure('AError'))
    const { page, complaints } = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(inbox.url)
    await page.keyboard.press('g')
    await page.keyboard.press('i')
    await page.waitForURL(`${inbox.url}/issues`)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/issues\/[\da-f]+$/)
    await live(page)
    await page.keyboard.press('j')
    // A refresh does not take the focus away.
    await sendEvent(inbox.url, failure('AError'))
    await holds(page, 'document.querySelectorAll(".row").length === 2')
    await holds(page, `document.activeElement.pathname === '/events/${id}'`)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${inbox.url}/events/${id}`)
    await page.keyboard.press('r')
    await holds(page, 'document.activeElement.id === "replay-target"')
    await page.keyboard.press('Control+a')
    await page.keyboard.type(shop)
    await page.keyboard.press('Enter')
    await page.locator('#replay-result .verdict').waitFor()
    await page.keyboard.press('t')
    await holds(page, 'document.getElementById("test").contains(document.activeElement)')
    await page.keyboard.press('Enter')
    await holds(page, 'navigator.clipboard.readText().then(text => text.includes("vitest"))')
    const code = await (await fetch(`${inbox.url}/api/v1/events/${id}/test`)).text()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(code.trimEnd())
    // And all the way back, from row to row.
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { level: 1, name: 'AError: No order 17' }).waitFor()
    await holds(page, 'document.activeElement.className === "row-link"')
    await page.keyboard.press('Escape')
    await page.waitForURL(`${inbox.url}/issues`)
    await holds(page, 'document.activeElement.textContent.startsWith("AError")')
    expect(complaints).toEqual([])
  })

  it('goes straight from an issue to the replay and the test of its latest event', async () => {
    const inbox = await startTestInbox()
    const id = await sendEvent(inbox.url, failure('AError'))
    const { page } = await openPage(browser)
    for (const [key, hash] of [
      ['r', '#replay'],
      ['t', '#test'],
    ] as const) {
      await page.goto(`${inbox.url}/issues/${inbox.store.get(id)?.summary.issueId}`)
      await page.keyboard.press(key)
      await page.waitForURL(`${inbox.url}/events/${id}${hash}`)
    }
  })
})

describe('the routes', () => {
  it('are sorted and searched in place, and go on by themselves', async () => {
    const inbox = await startTestInbox()
    const route = (path: string, executionTimeMs: number) =>
      failure('AError', { endpoint: path, executionTimeMs, metadata: { route: path } })
    await sendEvent(inbox.url, route('/fast', 10))
    await sendEvent(inbox.url, route('/fast', 10))
    await sendEvent(inbox.url, route('/slow', 3000))
    const { page, complaints } = await openPage(browser)
    await page.goto(`${inbox.url}/routes`)
    await live(page)
    const names = () => page.locator('.row-link .endpoint').allTextContents()
    expect(await names()).toEqual(['/fast', '/slow'])
    await page.getByRole('link', { name: 'p95' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(url => url.search === '?sort=p95')
    await page.locator('.cell-p95[aria-sort=descending]').waitFor()
    expect(await names()).toEqual(['/slow', '/fast'])
    await holds(page, 'document.activeElement.id === "sort-p95"')
    await sendEvent(inbox.url, route('/new', 5000))
    await page.getByRole('link', { name: 'POST /new', exact: true }).waitFor()
    expect(await names()).toEqual(['/new', '/slow', '/fast'])
    await page.locator('.tab', { hasText: '24 hours' }).click()
    await page.locator('.tab[aria-current]', { hasText: '24 hours' }).waitFor()
    expect(await page.getByLabel('Search routes').inputValue()).toBe('since:24h')
    expect(await names()).toEqual(['/new', '/slow', '/fast'])
    await page.getByLabel('Search routes').fill('route:/slow')
    await holds(page, 'document.querySelectorAll("#rows > tr").length === 1')
    await page.getByRole('link', { name: 'POST /slow', exact: true }).click()
    await page.getByLabel('Search events').waitFor()
    expect(new URL(page.url()).searchParams.get('query')).toBe('route:/slow method:POST route:"/slow"')
    expect(await page.locator('.row').count()).toBe(1)
    expect(complaints).toEqual([])
  })
})

it('changes a state without a script', async () => {
  const inbox = await startTestInbox()
  const id = await sendEvent(inbox.url, failure('AError'))
  const issueId = inbox.store.get(id)?.summary.issueId ?? ''
  const { page } = await openPage(browser, { javaScriptEnabled: false })
  await page.goto(`${inbox.url}/issues`)
  await page.getByRole('button', { name: 'Resolve' }).click()
  await page.getByText('No open issues').waitFor()
  expect(page.url()).toBe(`${inbox.url}/issues`)
  await page.getByRole('link', { name: '1 resolved' }).click()
  await page.getByRole('link', { name: 'AError' }).click()
  await page.getByRole('button', { name: 'Reopen' }).click()
  await page.getByRole('button', { name: 'Ignore' }).waitFor()
  expect(inbox.store.issue(issueId)?.state).toBe('open')
  expect(page.url()).toBe(`${inbox.url}/issues/${issueId}`)
  await page.getByRole('link', { name: 'Routes' }).click()
  await page.getByRole('link', { name: 'POST /orders', exact: true }).waitFor()
})

it('axe finds nothing, in light and dark', async () => {
  const inbox = await startTestInbox()
  const check = async (page: Page, path: string) => {
    await page.goto(inbox.url + path)
    await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true')
    return (await findAxeViolations(page)).map(violation => `${path}: ${violation}`)
  }
  const pages: Page[] = []
  for (const colorScheme of ['light', 'dark'] as const) pages.push((await openPage(browser, { colorScheme })).page)
  for (const page of pages) {
    for (const path of ['/issues', '/routes']) expect(await check(page, path)).toEqual([])
  }
  const id = await sendEvent(inbox.url, failure('AError', { executionTimeMs: 3000 }))
  const issueId = inbox.store.get(id)?.summary.issueId ?? ''
  inbox.store.setIssueState(issueId, 'resolved')
  await sendEvent(inbox.url, failure('AError', { appVersion: '2.0.0' }))
  const resolved = await sendEvent(inbox.url, failure('BError'))
  inbox.store.setIssueState(inbox.store.get(resolved)?.summary.issueId ?? '', 'resolved')
  inbox.store.update(id, { pinned: true })
  for (const page of pages) {
    for (const path of [
      '/',
      '/issues',
      '/issues?state=all',
      '/issues?query=nowhere',
      '/issues?query=status:x',
      `/issues/${issueId}`,
      `/events/${id}`,
      '/routes',
      '/routes?sort=p95',
    ]) {
      expect(await check(page, path)).toEqual([])
    }
  }
})

it.each([320, 400, 1280])('is never wider than a window of %d pixels', async width => {
  const inbox = await startTestInbox()
  const { page } = await openPage(browser, { viewport: { width, height: 800 } })
  const long = 'x'.repeat(300)
  const id = await sendEvent(
    inbox.url,
    failure(long, { serviceName: long, appVersion: long, environment: long, method: long, metadata: { route: long } }),
  )
  const issueId = inbox.store.get(id)?.summary.issueId ?? ''
  inbox.store.setIssueState(issueId, 'resolved')
  await sendEvent(
    inbox.url,
    failure(long, { serviceName: long, appVersion: long, environment: long, method: long, metadata: { route: long } }),
  )
  await sendEvent(inbox.url, failure('AError', { executionTimeMs: 3000 }))
  for (const path of ['/', '/issues', `/issues/${issueId}`, `/events/${id}`, '/routes']) {
    await page.goto(inbox.url + path)
    expect(await measureOverflow(page), path).toBe(0)
  }
})
