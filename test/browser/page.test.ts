// Long: one browser and one way of looking for each thing a reader does, from the first event to its replay.
import { Hono } from 'hono'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { launchChromium } from '../../scripts/launch-chromium.ts'
import { startInbox } from '../../src/inbox/local/server.ts'
import { createMarkedEvent, createRichEvent, sendEvent } from './events.ts'
import { findAxeViolations, measureOverflow, openPage } from './open-page.ts'
import { holds, startShop, startTestInbox } from './running-inbox.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})

afterAll(() => browser.close())

const quick = (endpoint: string, fields = {}) =>
  createRichEvent({
    endpoint,
    traceId: `trace ${endpoint}`,
    status: 'success',
    statusCode: 200,
    errorName: '',
    errorMessage: '',
    ...fields,
  })

describe('the list', () => {
  it('goes from its welcome to its first event, and on, without a reload', async () => {
    const inbox = await startTestInbox()
    const { page, complaints } = await openPage(browser)
    await page.goto(inbox.url)
    await page.getByText('No events yet').waitFor()
    await page.locator('#live[data-state=live]').waitFor()
    await page.evaluate('window.sameDocument = true')
    await sendEvent(inbox.url, quick('/first'))
    await page.getByRole('link', { name: 'POST /first' }).waitFor()
    await sendEvent(inbox.url, createRichEvent({ endpoint: '/second' }))
    await page.getByRole('link', { name: 'POST /second' }).waitFor()
    const rows = page.locator('.row')
    expect(await rows.count()).toBe(2)
    expect(await rows.first().textContent()).toMatch(
      /failed.*500.*\/second.*PaymentError: The card could not be charged.*132 ms.*shop.*(now|\d+ s ago)/s,
    )
    expect(await page.locator('#volume strong').textContent()).toBe('2 events')
    expect(await page.locator('.tab').nth(1).textContent()).toMatch(/failed 1/)
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    expect(complaints).toEqual([])
  })

  it('shows a sample event to whoever has no application yet', async () => {
    const inbox = await startTestInbox()
    const { page } = await openPage(browser)
    await page.goto(inbox.url)
    await page.locator('#live[data-state=live]').waitFor()
    await page.getByRole('button', { name: 'Send a sample event instead' }).click()
    await page.locator('.row-error', { hasText: 'PaymentError: The card could not be charged' }).waitFor()
    await page.getByRole('link', { name: '1 open issue' }).waitFor()
  })

  it('misses nothing that came while the page was on its way', async () => {
    const inbox = await startTestInbox()
    const { page } = await openPage(browser)
    await sendEvent(inbox.url, quick('/first'))
    await page.goto(inbox.url)
    await page.locator('#live[data-state=live]').waitFor()
    let made = (): void => {}
    let go = (): void => {}
    const isMade = new Promise<void>(resolve => {
      made = resolve
    })
    const mayGo = new Promise<void>(resolve => {
      go = resolve
    })
    await page.route(`${inbox.url}/`, async route => {
      const response = await route.fetch()
      made()
      await mayGo
      await route.fulfill({ response })
    })
    await sendEvent(inbox.url, quick('/second'))
    await isMade
    await sendEvent(inbox.url, quick('/third'))
    await page.evaluate('new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve, 50)))')
    go()
    await page.getByRole('link', { name: 'POST /third' }).waitFor()
  })

  it('misses nothing that came while its connection was lost', async () => {
    const inbox = await startTestInbox()
    const { page } = await openPage(browser)
    await sendEvent(inbox.url, quick('/before'))
    await page.goto(inbox.url)
    await page.locator('#live[data-state=live]').waitFor()
    await inbox.close()
    await page.locator('#live[data-state=lost]').waitFor()
    const again = await startInbox({ port: inbox.port })
    onTestFinished(() => again.close())
    await sendEvent(again.url, quick('/while'))
    await page.getByRole('link', { name: 'POST /while' }).waitFor()
    await page.locator('#live[data-state=live]').waitFor()
    expect(await page.locator('#live-text').textContent()).toBe('live')
  })

  it('does not jump under a reader who has scrolled: a pill tells what is new', async () => {
    const inbox = await startTestInbox()
    for (let count = 0; count < 40; count++) await sendEvent(inbox.url, quick(`/old/${count}`))
    const { page } = await openPage(browser, { viewport: { width: 1280, height: 600 } })
    await page.goto(inbox.url)
    await page.locator('#live[data-state=live]').waitFor()
    await page.mouse.move(600, 400)
    await page.mouse.wheel(0, 700)
    await holds(page, 'scrollY > 500')
    const place = 'document.querySelectorAll(".row")[20].getBoundingClientRect().top'
    const before = await page.evaluate(place)
    for (const name of ['a', 'b', 'c']) await sendEvent(inbox.url, quick(`/new/${name}`))
    await page.getByRole('link', { name: '↑ 3 new events' }).waitFor()
    expect(await page.evaluate(place)).toBe(before)
    expect(await page.locator('.row').count()).toBe(40)
    await page.locator('#news').click()
    await page.getByRole('link', { name: 'POST /new/c' }).waitFor()
    await holds(page, 'scrollY === 0')
    expect(await page.locator('#news').isHidden()).toBe(true)
  })

  it('leaves a later page as it is, and respects the filter', async () => {
    const inbox = await startTestInbox()
    for (let count = 0; count < 55; count++) await sendEvent(inbox.url, quick(`/old/${count}`))
    const { page } = await openPage(browser)
    await page.goto(`${inbox.url}/?status=success`)
    await page.getByRole('link', { name: 'Older events' }).click()
    await page.locator('#live[data-state=live]').waitFor()
    await sendEvent(inbox.url, createRichEvent({ endpoint: '/not/this' }))
    await sendEvent(inbox.url, quick('/this'))
    await page.getByRole('link', { name: '↑ 1 new event', exact: true }).waitFor()
    expect(await page.locator('.row').count()).toBe(5)
    await page.locator('#news').click()
    await page.getByRole('link', { name: 'POST /this' }).waitFor()
    expect(page.url()).toBe(`${inbox.url}/?status=success`)
    expect(await page.getByText('/not/this').count()).toBe(0)
  })

  it('filters and searches in place, and the address says what is shown', async () => {
    const inbox = await startTestInbox()
    await sendEvent(inbox.url, quick('/a', { serviceName: 'auth' }))
    await sendEvent(inbox.url, quick('/b', { eventType: 'queue' }))
    await sendEvent(inbox.url, createRichEvent({ endpoint: '/c' }))
    const { page, complaints } = await openPage(browser)
    await page.goto(inbox.url)
    await page.evaluate('window.sameDocument = true')
    const names = async () =>
      (await page.locator('.row-link').allTextContents()).map(text => text.trim().split(/\s+/).at(-1))
    const shows = async (...expected: string[]) => {
      await holds(page, `document.querySelectorAll('.row-link').length === ${expected.length}`)
      expect(await names()).toEqual(expected)
    }
    await page.locator('.tab', { hasText: 'failed' }).click()
    await shows('/c')
    expect(new URL(page.url()).search).toBe('?status=failed')
    await page.locator('#clear-filters').click()
    await shows('/c', '/b', '/a')
    await page.getByLabel('Type').selectOption('queue')
    await shows('/b')
    await page.getByLabel('Type').selectOption('')
    await page.getByLabel('Service').selectOption('auth')
    await shows('/a')
    await page.goBack()
    await shows('/c', '/b', '/a')
    await page.keyboard.press('/')
    await page.keyboard.type('PAYMENT')
    await shows('/c')
    expect(await page.evaluate('document.activeElement.id')).toBe('search')
    // A new event is shown where it matches, and only there.
    await sendEvent(inbox.url, quick('/d'))
    await sendEvent(inbox.url, createRichEvent({ endpoint: '/e' }))
    await shows('/e', '/c')
    await page.keyboard.type(' nothing like it')
    await page.getByText('No event matches these filters').waitFor()
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    expect(complaints).toEqual([])
  })

  it('takes a query, completes its terms, says where it is wrong, and shows the time of a bar', async () => {
    const inbox = await startTestInbox()
    await sendEvent(inbox.url, quick('/fast', { executionTimeMs: 5 }))
    await sendEvent(inbox.url, createRichEvent({ endpoint: '/slow', executionTimeMs: 900 }))
    const { page, complaints } = await openPage(browser)
    await page.goto(inbox.url)
    const search = page.getByLabel('Search events')
    await search.fill('duration:>500 is:fa')
    expect(
      await page.evaluate('[...document.getElementById("query-terms").options].map(({ value }) => value)'),
    ).toEqual(['duration:>500 is:failed'])
    await page.locator('#query-error mark').waitFor()
    expect(await page.locator('#query-error mark').textContent()).toBe('is:fa')
    expect(await page.locator('#query-error').textContent()).toContain('at character 15')
    expect(await findAxeViolations(page)).toEqual([])
    await search.fill('duration:>500 is:failed')
    await holds(page, 'document.querySelectorAll(".row").length === 1')
    expect(new URL(page.url()).searchParams.get('query')).toBe('duration:>500 is:failed')
    await search.fill('endpoint:/fast')
    await page.getByRole('link', { name: 'POST /fast' }).waitFor()
    await holds(page, 'document.querySelectorAll(".row").length === 1')
    await page.locator('[data-since] .bar-passed').first().click()
    await page.waitForURL(url => /^endpoint:\/fast since:\S+Z until:\S+Z$/.test(url.searchParams.get('query') ?? ''))
    await holds(page, 'document.querySelectorAll(".row").length === 1')
    expect(complaints).toEqual([])
  })

  it('has a way back from each page, and stays where it is when it is filtered', async () => {
    const inbox = await startTestInbox()
    for (let count = 0; count < 110; count++) await sendEvent(inbox.url, quick(`/n/${count}`))
    const { page } = await openPage(browser)
    await page.goto(inbox.url)
    const top = 'document.querySelector("table.events").getBoundingClientRect().top'
    const before = await page.evaluate(top)
    await page.getByLabel('Type').selectOption('api')
    await page.waitForURL(url => url.search === '?type=api')
    await page.getByRole('link', { name: 'Clear filters' }).waitFor()
    expect(await page.evaluate(top)).toBe(before)
    const first = async () => (await page.locator('.row-link').first().textContent())?.trim()
    for (const name of ['POST /n/59', 'POST /n/9']) {
      await page.getByRole('link', { name: 'Older events' }).click()
      await page.getByRole('link', { name }).first().waitFor()
      expect(await first()).toBe(name)
    }
    for (const name of ['POST /n/59', 'POST /n/109']) {
      await page.getByRole('navigation', { name: 'Back' }).getByRole('link', { name: 'Newer events' }).click()
      await page.getByRole('link', { name }).first().waitFor()
      expect(await first()).toBe(name)
    }
    expect(new URL(page.url()).search).toBe('?type=api')
  })

  it('deletes all events also where the first came while the page was open', async () => {
    const inbox = await startTestInbox()
    const { page } = await openPage(browser)
    await page.goto(inbox.url)
    await page.locator('#live[data-state=live]').waitFor()
    await sendEvent(inbox.url, quick('/first'))
    await page.getByRole('link', { name: 'POST /first' }).waitFor()
    await page.getByRole('button', { name: 'Delete all events' }).click()
    await page.getByRole('dialog').getByText('1 event will be removed').waitFor()
    await page.getByRole('button', { name: 'Delete all', exact: true }).click()
    await page.getByText('No events yet').waitFor()
    expect(inbox.store.count()).toBe(0)
  })

  it('deletes all events, but only when it is told so twice', async () => {
    const inbox = await startTestInbox()
    await sendEvent(inbox.url, quick('/a'))
    const { page } = await openPage(browser)
    await page.goto(inbox.url)
    await page.getByRole('button', { name: 'Delete all events' }).click()
    await page.getByRole('dialog').getByText('1 event will be removed').waitFor()
    await page.getByRole('button', { name: 'Keep them' }).click()
    expect(inbox.store.list().events).toHaveLength(1)
    await page.getByRole('button', { name: 'Delete all events' }).click()
    await page.getByRole('button', { name: 'Delete all', exact: true }).click()
    await page.getByText('No events yet').waitFor()
    expect(inbox.store.list().events).toEqual([])
  })
})

describe('the keyboard', () => {
  it('walks the list, opens an event, goes to its neighbours and back to where it was', async () => {
    const inbox = await startTestInbox()
    for (const name of ['a', 'b', 'c']) await sendEvent(inbox.url, quick(`/${name}`))
    const { page } = await openPage(browser)
    await page.goto(`${inbox.url}/?status=success`)
    await page.locator('#live[data-state=live]').waitFor()
    const focused = () => page.evaluate('document.activeElement.textContent')
    await page.keyboard.press('j')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toContain('/b')
    await page.keyboard.press('k')
    expect(await focused()).toContain('/c')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'POST /b' }).waitFor()
    await page.keyboard.press('j')
    await page.getByRole('heading', { level: 1, name: 'POST /a' }).waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.getByRole('heading', { level: 1, name: 'POST /b' }).waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.getByRole('heading', { level: 1, name: 'POST /c' }).waitFor()
    await page.keyboard.press('r')
    await holds(page, 'document.activeElement.id === "replay-target"')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.waitForURL(url => url.search === '?status=success')
    await holds(page, 'document.activeElement.className === "row-link"')
    expect(await focused()).toContain('/c')
  })

  it('filters failures, and copies a request as cURL, from the list and from an event', async () => {
    const inbox = await startTestInbox()
    await sendEvent(inbox.url, createRichEvent({ endpoint: '/broken', requestUrl: 'http://localhost:8787/broken' }))
    await sendEvent(inbox.url, quick('/fine'))
    const { page } = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(inbox.url)
    await page.keyboard.press('f')
    await holds(page, 'document.querySelectorAll(".row").length === 1')
    await page.keyboard.press('j')
    await page.keyboard.press('c')
    await page.locator('.notice', { hasText: 'Copied as cURL' }).waitFor()
    const copied = async () => String(await page.evaluate('navigator.clipboard.readText()'))
    expect(await copied()).toMatch(/^curl .*http:\/\/localhost:8787\/broken/)
    await page.keyboard.press('f')
    await holds(page, 'document.querySelectorAll(".row").length === 2')
    await page.getByRole('link', { name: 'POST /broken' }).click()
    await page.getByRole('heading', { level: 1, name: 'POST /broken' }).waitFor()
    await page.evaluate('navigator.clipboard.writeText("")')
    await page.keyboard.press('c')
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await copied()).toMatch(/^curl .*http:\/\/localhost:8787\/broken/)
  })

  it('tells its shortcuts, and can be told to leave single keys alone', async () => {
    const inbox = await startTestInbox()
    await sendEvent(inbox.url, quick('/a'))
    const { page } = await openPage(browser)
    await page.goto(inbox.url)
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await dialog.waitFor()
    expect(await findAxeViolations(page)).toEqual([])
    await dialog.getByRole('checkbox').uncheck()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.keyboard.press('j')
    expect(await page.evaluate('document.activeElement.tagName')).not.toBe('A')
    await page.reload()
    await page.keyboard.press('?')
    expect(await dialog.isVisible()).toBe(false)
  })

  it('skips to the events first of all', async () => {
    const inbox = await startTestInbox()
    const { page } = await openPage(browser)
    await page.goto(inbox.url)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the events')
    await page.keyboard.press('Enter')
    await holds(page, 'document.activeElement.id === "content"')
  })
})

describe('an event', () => {
  it('is copied as cURL, by its trace id and body', async () => {
    const inbox = await startTestInbox()
    const id = await sendEvent(inbox.url, createRichEvent())
    const { page } = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${inbox.url}/events/${id}`)
    const copied = async (name: string) => {
      // The one before says so for a while.
      await page.getByRole('button', { name: 'Copied' }).waitFor({ state: 'detached' })
      const isSaid = page.getByRole('button', { name: 'Copied' }).waitFor()
      await page.getByRole('button', { name }).click()
      await isSaid
      return String(await page.evaluate('navigator.clipboard.readText()'))
    }
    expect(await copied('Copy trace id')).toBe('rich-trace')
    expect(await copied('Copy as cURL')).toMatch(/^curl .*\/orders\?ref=email&token=.*-X POST .*\$AUTHORIZATION/s)
    await page.getByRole('button', { name: 'Copy trace id' }).waitFor()
    expect(JSON.parse(await copied('Copy request body'))).toMatchObject({ sku: 'book', card: { number: '[MASKED]' } })
  })

  it('copies bodies whole that the page cuts', async () => {
    const inbox = await startTestInbox()
    const requestPayload = Array.from({ length: 1000 }, (_, index) => ({ index, text: 'x'.repeat(5000) }))
    const responsePayload = `first\n${'y\n'.repeat(50_000)}last`
    const id = await sendEvent(inbox.url, createRichEvent({ requestPayload, responsePayload }))
    const { page, complaints } = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${inbox.url}/events/${id}`)
    for (const [name, text] of [
      ['request', JSON.stringify(requestPayload, null, 2)],
      ['response', responsePayload],
    ] as const) {
      const isSaid = page.locator(`#${name}`).getByRole('button', { name: 'Copied' }).waitFor()
      await page.getByRole('button', { name: `Copy ${name} body` }).click()
      await isSaid
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text)
    }
    expect(complaints).toEqual([])
  })

  it('says what of a replay was not compared', async () => {
    const inbox = await startTestInbox()
    const {
      statusCode: _code,
      responsePayload: _payload,
      ...plain
    } = quick('/a', {
      requestHeaders: {},
      authMode: 'none',
      requestPayload: { a: 1 },
      requestUrl: 'http://h/orders',
    })
    const shop = await startShop(new Hono().post('/orders', c => c.text('fine', 202)))
    const { page } = await openPage(browser)
    for (const [event, verdict] of [
      [{ ...plain, statusCode: 202 }, '✓ The answers are the same: status; the body was not compared.'],
      [plain, '? Nothing was compared: the captured answer has no status, and no body to compare.'],
    ] as const) {
      await page.goto(`${inbox.url}/events/${await sendEvent(inbox.url, event)}`)
      await page.getByLabel('Send it to').fill(shop)
      await page.getByRole('button', { name: 'Send again' }).click()
      await page.locator('.verdict').waitFor()
      expect(await page.locator('.verdict').textContent()).toBe(verdict)
    }
  })

  it('copies a command that is too long for the page', async () => {
    const inbox = await startTestInbox()
    const text = 'x'.repeat(50_000)
    const id = await sendEvent(inbox.url, createRichEvent({ requestPayload: { text } }))
    const { page } = await openPage(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${inbox.url}/events/${id}`)
    await page.getByRole('button', { name: 'Copy as cURL' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain(text)
  })

  it('is replayed against an application: asks for what was masked, shows both answers and what differs', async () => {
    const inbox = await startTestInbox()
    const id = await sendEvent(inbox.url, createRichEvent())
    const seen: unknown[] = []
    let answer: { status: 200 | 500; body: object } = { status: 200, body: { ok: '<b>yes</b>' } }
    const shop = await startShop(
      new Hono().post('/orders', async c => {
        seen.push({ url: c.req.url, authorization: c.req.header('authorization'), body: await c.req.json() })
        return c.json(answer.body, answer.status)
      }),
    )
    const { page, complaints } = await openPage(browser)
    await page.goto(`${inbox.url}/events/${id}`)
    await page.getByLabel('Send it to').fill(shop)
    await page.getByLabel('authorization').fill('Bearer real')
    await page.getByLabel('body.card.number').fill('4242')
    await page.getByLabel('query.token').fill('t0ken')
    await page.getByRole('button', { name: 'Send again' }).click()
    await page.getByText('✓ Fixed: 200, where 500 was captured.').waitFor()
    expect(seen).toEqual([
      {
        url: `${shop}/orders?ref=email&token=t0ken`,
        authorization: 'Bearer real',
        body: { sku: 'book', quantity: 2, gift: false, note: null, card: { number: '4242' } },
      },
    ])
    const result = page.locator('#replay-result')
    const aligned = result.getByRole('table', { name: 'Both responses, side by side' })
    expect(await aligned.getByRole('row', { name: 'status' }).textContent()).toBe('status500200')
    expect(await aligned.locator('.line-removed td').allTextContents()).toEqual([
      '  "error": "Something went wrong",',
      '',
    ])
    expect(await aligned.locator('.line-added td').allTextContents()).toEqual(['', '  "ok": "<b>yes</b>"'])
    expect(await findAxeViolations(page)).toEqual([])

    answer = { status: 500, body: { error: 'Something went wrong' } }
    await page.getByRole('button', { name: 'Send again' }).click()
    await page.getByText('✓ The answers are the same: status and body.').waitFor()

    answer = {
      status: 500,
      body: { error: 'Something went wrong', toJSON: () => ({ error: 'Something went wrong', run: seen.length }) },
    }
    await page.getByText('Several times, or against another build').click()
    await page.getByLabel('Times').fill('2')
    await page.getByLabel('Baseline').fill(shop)
    await page.getByRole('button', { name: 'Send again' }).click()
    await page.getByText('Left out, for it differs between the 2 runs: body.run').waitFor()
    await page.getByText('✓ The answers are the same: status and body.').waitFor()
    await aligned.getByRole('columnheader', { name: 'Baseline' }).waitFor()
    expect(await aligned.locator('.line-noise > *').allTextContents()).toEqual(['noise', '  "run": 3', '  "run": 5'])
    expect(seen).toHaveLength(6)
    expect(await findAxeViolations(page)).toEqual([])

    // The target is remembered, what was filled in is not.
    await page.reload()
    expect(await page.getByLabel('Send it to').inputValue()).toBe(shop)
    expect(await page.getByLabel('authorization').inputValue()).toBe('')
    const stored = await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')
    expect(stored).not.toMatch(/4242|t0ken|Bearer real/)
    expect(complaints).toEqual([])
  })

  it('is pinned, noted and deleted, and shows its test', async () => {
    const inbox = await startTestInbox()
    const { requestHeaders: _headers, authMode: _mode, ...plain } = createRichEvent({ requestPayload: { sku: 'book' } })
    const id = await sendEvent(inbox.url, { ...plain, requestUrl: 'http://localhost:8787/orders' })
    const { page, complaints } = await openPage(browser)
    await page.goto(`${inbox.url}/events/${id}`)
    const code = await (await fetch(`${inbox.url}/api/v1/events/${id}/test`)).text()
    expect(await page.getByRole('region', { name: 'The test' }).textContent()).toBe(code)
    await page.getByRole('button', { name: 'Pin' }).click()
    await page.getByRole('button', { name: 'Pinned', pressed: true }).waitFor()
    await page.getByRole('textbox', { name: 'Note' }).fill('<b>The bank</b> was down')
    await page.getByRole('button', { name: 'Save note' }).click()
    await page.locator('.notice', { hasText: 'Note saved' }).waitFor()
    expect(inbox.store.get(id)?.summary).toMatchObject({ pinned: true, note: '<b>The bank</b> was down' })
    await page.reload()
    expect(await page.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('<b>The bank</b> was down')
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('button', { name: 'Keep it' }).click()
    expect(inbox.store.count()).toBe(1)
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('button', { name: 'Delete it' }).click()
    await page.getByText('No events yet').waitFor()
    expect(inbox.store.count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('says why a replay did not happen', async () => {
    const inbox = await startTestInbox()
    const id = await sendEvent(
      inbox.url,
      quick('/a', { requestHeaders: {}, authMode: 'none', requestPayload: { a: 1 }, requestUrl: 'http://h/a' }),
    )
    const { page } = await openPage(browser)
    await page.goto(`${inbox.url}/events/${id}`)
    const refused = page.locator('.verdict.refused')
    await page.getByLabel('Send it to').fill('https://192.0.2.1')
    await page.getByRole('button', { name: 'Send again' }).click()
    await refused.waitFor()
    expect(await refused.textContent()).toContain('192.0.2.1 is not loopback')
    expect(await refused.textContent()).toContain('npx replaystack replay … --allow-host 192.0.2.1')
    const gone = await startShop(new Hono())
    await page.getByLabel('Send it to').fill(gone)
    await inbox.close()
    await page.getByRole('button', { name: 'Send again' }).click()
    await page.getByText('The inbox did not respond').waitFor()
  })

  it('says why it cannot be replayed at all', async () => {
    const inbox = await startTestInbox()
    const id = await sendEvent(inbox.url, createMarkedEvent())
    const { page } = await openPage(browser)
    await page.goto(`${inbox.url}/events/${id}`)
    await page.getByText('The request body was too large to be captured whole').waitFor()
    expect(await page.getByRole('button', { name: 'Send again' }).count()).toBe(0)
  })
})

it('shows a replay that a terminal sends, from its beginning to its outcome', async () => {
  const inbox = await startTestInbox()
  const id = await sendEvent(inbox.url, createRichEvent())
  const { page } = await openPage(browser)
  await page.goto(`${inbox.url}/events/${id}`)
  await page.locator('#live[data-state=live]').waitFor()
  const send = async (path: string, method: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${inbox.url}/api/v1/events/${id}/replays${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    })
    const { data }: { data: { replayId: string } } = Object(await response.json())
    return data.replayId
  }
  const replayId = await send('', 'POST', { target: 'http://127.0.0.1:8787' })
  await page.getByText('Replaying to http://127.0.0.1:8787…').waitFor()
  await send(`/${replayId}`, 'PUT', { outcome: 'fixed', originalStatusCode: 500, statusCode: 201 })
  await page.locator('.replay-entry', { hasText: '500 → 201 fixed ✓' }).waitFor()
  expect(await page.getByText('Replaying to').count()).toBe(0)

  // What is under way stays when the page takes over what came meanwhile.
  await send('', 'POST', { target: 'http://127.0.0.1:8788' })
  await page.getByText('Replaying to http://127.0.0.1:8788…').waitFor()
  const other = { replayId: 'other', eventId: id, startedAt: new Date().toISOString(), target: 'http://127.0.0.1:8789' }
  inbox.store.addReplay({ ...other, outcome: 'same', originalStatusCode: 500, statusCode: 500 })
  await sendEvent(inbox.url, createRichEvent({ endpoint: '/other' }))
  await page.locator('.replay-entry', { hasText: '127.0.0.1:8789' }).waitFor()
  expect(await page.getByText('Replaying to http://127.0.0.1:8788…').isVisible()).toBe(true)
})

describe.each(['light', 'dark'] as const)('in a %s theme', scheme => {
  it('axe finds nothing on any page', async () => {
    const inbox = await startTestInbox()
    const { page } = await openPage(browser, { colorScheme: scheme })
    const check = async (path: string) => {
      await page.goto(inbox.url + path)
      // Live state and rows are there, and nothing is folded that could hide a fault.
      await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true')
      return (await findAxeViolations(page)).map(violation => `${path}: ${violation}`)
    }
    expect(await check('/')).toEqual([])
    await sendEvent(inbox.url, quick('/plain', { eventType: 'cron', method: '', status: 'pending' }))
    const plain = await sendEvent(inbox.url, { traceId: 't', eventType: 'custom', status: 'success' })
    const marked = await sendEvent(inbox.url, createMarkedEvent())
    const rich = await sendEvent(inbox.url, createRichEvent())
    await sendEvent(inbox.url, createRichEvent({ endpoint: '/same/trace' }))
    for (const outcome of ['fixed', 'same', 'different'] as const) {
      const replay = { replayId: outcome, eventId: rich, startedAt: new Date().toISOString(), outcome }
      inbox.store.addReplay({ ...replay, target: 'http://127.0.0.1:8787', originalStatusCode: 500, statusCode: 201 })
    }
    for (const path of [
      '/',
      '/?status=failed&q=order',
      '/?q=nowhere',
      '/?status=broken',
      `/events/${rich}`,
      `/events/${marked}`,
      `/events/${plain}`,
      `/events/${rich}/compare/${marked}`,
      `/events/${rich}/compare/${plain}`,
      '/events/nothing',
    ]) {
      expect(await check(path)).toEqual([])
    }
    expect(await page.evaluate('getComputedStyle(document.body).colorScheme || ""')).toContain(scheme)
  })
})

it('remembers a chosen theme and density, from the first paint on', async () => {
  const inbox = await startTestInbox()
  const { page } = await openPage(browser, { colorScheme: 'dark' })
  await page.goto(inbox.url)
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const dark = await ground()
  await page.locator('#theme-toggle').click()
  const light = await ground()
  expect(light).not.toBe(dark)
  await page.locator('#density-toggle').click()
  await page.reload({ waitUntil: 'commit' })
  // The script that applies it stands before the stylesheet and is not deferred.
  await page.locator('body').waitFor({ state: 'attached' })
  expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('light')
  await page.waitForLoadState()
  expect(await ground()).toBe(light)
  expect(await page.locator('#theme-name').textContent()).toBe('light')
  expect(await page.locator('#density-toggle').getAttribute('aria-pressed')).toBe('true')
  await page.locator('#theme-toggle').click()
  await page.locator('#theme-toggle').click()
  expect(await page.evaluate('localStorage.getItem("replaystack.theme")')).toBe(null)
})

it.each([320, 380, 1280])('is never wider than a window of %d pixels', async width => {
  const inbox = await startTestInbox()
  const { page } = await openPage(browser, { viewport: { width, height: 800 } })
  const measure = async (path: string) => {
    await page.goto(inbox.url + path)
    await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true')
    return measureOverflow(page)
  }
  expect(await measure('/'), 'welcome').toBe(0)
  const long = 'x'.repeat(300)
  const rich = await sendEvent(inbox.url, createRichEvent())
  const wide = await sendEvent(
    inbox.url,
    createRichEvent({
      endpoint: `/${long}`,
      serviceName: long,
      errorName: long,
      errorMessage: long,
      traceId: 'y'.repeat(128),
      requestUrl: `http://localhost/${long}`,
      requestHeaders: { [long]: long },
      responsePayload: { [long]: long },
      metadata: { [long]: long },
    }),
  )
  for (const path of ['/', `/?q=${long.slice(0, 200)}`, `/events/${rich}`, `/events/${wide}`, '/events/nothing']) {
    expect(await measure(path), path).toBe(0)
  }
})

it('can be read without a script', async () => {
  const inbox = await startTestInbox()
  for (let count = 0; count < 55; count++) await sendEvent(inbox.url, quick(`/n/${count}`))
  await sendEvent(inbox.url, createRichEvent())
  const { page } = await openPage(browser, { javaScriptEnabled: false })
  await page.goto(inbox.url)
  expect(await page.locator('.row').count()).toBe(50)
  expect(await page.locator('.scripted').first().isVisible()).toBe(false)
  await page.getByLabel('Search events').fill('PaymentError')
  await page.getByRole('button', { name: 'Filter' }).click()
  expect(await page.locator('.row').count()).toBe(1)
  await page.locator('.row-link').click()
  await page.getByRole('heading', { name: 'PaymentError' }).waitFor()
  await page.getByText('Headers', { exact: true }).first().click()
  expect(await page.getByRole('rowheader', { name: 'authorization' }).isVisible()).toBe(true)
  await page.locator('#back').click()
  await page.getByRole('link', { name: 'Older events' }).click()
  expect(await page.locator('.row').count()).toBe(6)
})

it('runs nothing that strangers sent', async () => {
  const inbox = await startTestInbox()
  const { page, complaints } = await openPage(browser)
  await page.goto(inbox.url)
  await page.locator('#live[data-state=live]').waitFor()
  const attacks = [
    '<script>window.attacked = 1</script>',
    '"><img src=x onerror="window.attacked = 1">',
    "'><svg onload=alert(1)>",
    'javascript:window.attacked=1',
    '</pre></title><iframe srcdoc="<script>parent.attacked=1</script>">',
  ]
  for (const text of attacks) {
    const id = await sendEvent(
      inbox.url,
      createRichEvent({
        traceId: text,
        endpoint: text,
        method: text,
        requestUrl: text,
        errorName: text,
        errorMessage: text,
        serviceName: text,
        environment: text,
        requestHeaders: { [text]: text },
        requestPayload: { [text]: [text] },
        responsePayload: text,
        stackFrames: [{ functionName: text, fileName: text, raw: text }],
        breadcrumbs: [
          { message: text, category: text, level: 'info', metadata: text, timestamp: '2026-03-01T10:00:00Z' },
        ],
        metadata: { [text]: text },
      }),
    )
    // Live, by the script's own hand, and as the server wrote it.
    await page.locator(`[id="event-${id}"]`).waitFor()
    const other = await page.context().newPage()
    await other.goto(`${inbox.url}/events/${id}`)
    await other.evaluate('for (const details of document.querySelectorAll("details")) details.open = true')
    for (const one of [page, other]) {
      expect(await one.evaluate('window.attacked')).toBeUndefined()
      expect(await one.locator('iframe, img, script:not([src]), [onerror], [onload]').count()).toBe(0)
    }
    await other.close()
  }
  expect(complaints).toEqual([])
})

it('shows 10 MB without freezing', async () => {
  const inbox = await startTestInbox()
  const id = await sendEvent(inbox.url, createRichEvent({ responsePayload: { text: '<&'.repeat(4_500_000) } }))
  const { page } = await openPage(browser)
  await page.goto(`${inbox.url}/events/${id}`)
  await page.getByRole('link', { name: 'Show all of it as raw JSON' }).first().waitFor()
  expect(await page.evaluate('document.documentElement.outerHTML.length')).toBeLessThan(500_000)
  // The page answers to the keyboard.
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
})
