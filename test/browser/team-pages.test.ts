/** The pages of a team's inbox in a real browser: from an empty account to an event, and to a key that is revoked. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { launchChromium } from '../../scripts/launch-chromium.ts'
import { ADMIN_TOKEN, startTeamInbox, type TeamInbox } from '../inbox/start-team-inbox.ts'
import { sendEvents } from '../inbox/team-events.ts'
import { createRichEvent } from './events.ts'
import { findAxeViolations, measureOverflow, openPage } from './open-page.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})

afterAll(() => browser.close())

async function signIn(page: Page, inbox: TeamInbox, token: string): Promise<void> {
  await page.goto(inbox.url)
  await page.getByLabel('Your token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Projects' }).waitFor()
}

describe.each([true, false])('an admin’s browser with scripts: %s', javaScriptEnabled => {
  it('makes the first project, shows its event, and revokes its key', async () => {
    const inbox = await startTeamInbox()
    const { page, complaints } = await openPage(browser, { javaScriptEnabled })
    await signIn(page, inbox, ADMIN_TOKEN)
    await page.getByRole('heading', { name: 'Make the first project' }).waitFor()
    await page.getByLabel('Name').fill('shop')
    await page.getByRole('button', { name: 'Make it, and show its key' }).click()
    await page.getByRole('heading', { name: 'Project shop is made' }).waitFor()
    const lines = (await page.locator('#made').textContent()) ?? ''
    expect(lines).toContain(`REPLAYSTACK_ENDPOINT=${inbox.url}\n`)
    const [, first = ''] = /^REPLAYSTACK_API_KEY=(\S+)$/m.exec(lines) ?? []

    // A second key, for another application, which nobody can read again.
    await page.getByRole('link', { name: 'keys and limits' }).click()
    await page.getByRole('button', { name: 'Make a key' }).click()
    await page.getByRole('heading', { name: 'A new key of shop' }).waitFor()
    const [, second = ''] = /(rs_live_shop_\w+)/.exec((await page.locator('#made').textContent()) ?? '') ?? []
    expect(new Set([first, second]).size).toBe(2)
    await page.getByRole('link', { name: 'keys and limits' }).click()
    expect(await page.content()).not.toContain(second)
    expect(await page.getByText('Revoke…').count()).toBe(2)

    expect((await sendEvents(inbox, second, createRichEvent({ endpoint: '/first' }))).status).toBe(200)
    await page.getByRole('link', { name: 'Its events' }).click()
    const event = page.getByRole('link', { name: 'POST /first' })
    await expect
      .poll(
        async () => {
          if (!javaScriptEnabled) await page.reload()
          return event.count()
        },
        { timeout: 20_000 },
      )
      .toBe(1)

    await page.getByTitle('All projects').click()
    await page.getByText('1 event this month').waitFor()
    await page.getByRole('link', { name: 'Keys and limits of shop' }).click()
    await page.getByText('Revoke…').last().click()
    await page
      .getByRole('button', { name: /^Revoke key / })
      .last()
      .click()
    await page.getByText('The key is revoked').waitFor()
    expect(await page.getByText('Revoke…').count()).toBe(1)
    const statuses = await Promise.all(
      [first, second].map(async key => (await sendEvents(inbox, key, createRichEvent())).status),
    )
    expect(statuses.sort()).toEqual([200, 401])
    expect(complaints).toEqual([])
  })
})

describe('the pages for admins', () => {
  it('limit a project, disable it, and let people in, by the keyboard alone', async () => {
    const inbox = await startTeamInbox()
    const key = await inbox.addProject('shop')
    await inbox.addProject('blog')
    const { page } = await openPage(browser)
    await signIn(page, inbox, ADMIN_TOKEN)
    /** Goes on by the Tab key until an element has the focus. */
    const reach = async (name: string) => {
      for (let steps = 0; steps < 60; steps++) {
        await page.keyboard.press('Tab')
        const text = await page.evaluate(
          'document.activeElement === document.body || (document.activeElement.labels?.[0] ?? document.activeElement).textContent',
        )
        if (typeof text === 'string' && text.includes(name)) return
      }
      throw new Error(`The Tab key does not lead to ${name}`)
    }
    await reach('of shop')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'shop', exact: true }).waitFor()
    await reach('Events a month')
    await page.keyboard.type('1')
    await page.keyboard.press('Enter')
    await page.getByText('The limits are saved').waitFor()
    expect((await sendEvents(inbox, key, createRichEvent())).status).toBe(200)
    expect((await sendEvents(inbox, key, createRichEvent())).status).toBe(429)
    await expect
      .poll(
        async () => {
          await page.reload()
          return page.getByText('The limit is reached').count()
        },
        { timeout: 20_000 },
      )
      .toBe(1)
    await reach('Disable…')
    await page.keyboard.press('Enter')
    await reach('Disable shop')
    await page.keyboard.press('Enter')
    await page.getByText('The project is disabled').waitFor()
    expect((await sendEvents(inbox, key, createRichEvent())).status).toBe(403)

    await page.getByRole('link', { name: 'People' }).click()
    await page.getByLabel('Whose it is').fill('Ada <Lovelace>')
    await page.getByLabel('only these:').first().check()
    await page.getByLabel('blog').first().check()
    await page.getByRole('button', { name: 'Make it, and show it' }).click()
    await page.getByRole('heading', { name: 'A token for Ada <Lovelace>' }).waitFor()
    const token = ((await page.locator('#made').textContent()) ?? '').trim()
    const reader = await openPage(browser)
    await signIn(reader.page, inbox, token)
    expect(await reader.page.locator('.projects h2').allTextContents()).toEqual([expect.stringMatching(/^blog\s*$/)])
    expect(await reader.page.getByText('Keys and limits').count()).toBe(0)
    for (const path of ['/admin/people', '/admin/projects/blog']) {
      expect((await reader.page.goto(inbox.url + path))?.status()).toBe(403)
      await reader.page.getByText('may not do this').waitFor()
    }
  })

  it.each([true, false])('make an alert, try it and remove it, with scripts: %s', async javaScriptEnabled => {
    const inbox = await startTeamInbox()
    await inbox.addProject('shop')
    const heard: string[] = []
    const server = createServer((request, response) => {
      heard.push(request.url ?? '')
      response.writeHead(heard.length === 1 ? 200 : 500).end()
    })
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/own-path`
    const { page, complaints } = await openPage(browser, { javaScriptEnabled })
    await signIn(page, inbox, ADMIN_TOKEN)
    await page.getByRole('link', { name: 'shop', exact: true }).click()
    await page.getByRole('link', { name: 'Alerts' }).click()
    await page.getByRole('heading', { name: 'Alerts of shop' }).waitFor()
    await page.getByLabel('Name').fill('Failures <b>')
    await page.getByLabel('Query').fill('is:nothing')
    await page.getByLabel('Webhook').fill(webhook)
    await page.getByRole('button', { name: 'Make the alert' }).click()
    await page.getByRole('alert').getByText('is:nothing at character 1').waitFor()
    // What was written is still there.
    expect(await page.getByLabel('Webhook').inputValue()).toBe(webhook)
    await page.getByLabel('Query').fill('is:failed')
    await page.getByRole('button', { name: 'Make the alert' }).click()
    await page.getByRole('heading', { name: 'Alert Failures <b> is made' }).waitFor()
    const secret = ((await page.locator('#made').textContent()) ?? '').trim()
    expect(secret).toMatch(/^whsec_/)
    await page.getByRole('link', { name: 'Alerts of shop' }).click()
    expect(await page.content()).not.toContain(secret)
    expect(await page.content()).not.toContain('/own-path')
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('The webhook took the test').waitFor()
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByRole('alert').getByText('The webhook responded 500').waitFor()
    expect(heard).toEqual(['/own-path', '/own-path'])
    await page.getByRole('button', { name: 'Switch off' }).click()
    await page.getByText('The alert is off').waitFor()
    await page.getByText('Remove…').click()
    await page.getByRole('button', { name: 'Remove Failures' }).click()
    await page.getByText('There is none yet').waitFor()
    expect(complaints.filter(complaint => !complaint.includes('400'))).toEqual([])
  })

  it.each(['light', 'dark'] as const)('have nothing that axe finds in %s, and fit a phone', async colorScheme => {
    const inbox = await startTeamInbox()
    const key = await inbox.addProject('shop')
    await inbox.addProject('a-project-with-a-rather-long-name')
    const post = (path: string, body: object, method = 'POST') =>
      inbox.ask(`/api/v1/admin${path}`, { method, body: JSON.stringify(body) })
    await post('/projects/shop', { limits: { month: 2 }, enabled: true }, 'PATCH')
    await post('/tokens', { name: 'Ada', role: 'write', projects: ['shop'] })
    await post('/people', { identity: 'a-rather-long-name@of-a-rather-long-domain.example.com' })
    await sendEvents(inbox, key, createRichEvent())
    const { page } = await openPage(browser, { colorScheme, viewport: { width: 390, height: 800 } })
    await page.goto(`${inbox.url}/sign-in`)
    expect(await findAxeViolations(page)).toEqual([])
    await signIn(page, inbox, ADMIN_TOKEN)
    const alert = { name: 'Failures', query: 'is:failed', threshold: 1, windowMinutes: 5, url: 'http://127.0.0.1:1/' }
    await inbox.ask('/projects/shop/api/v1/alerts', { method: 'POST', body: JSON.stringify(alert) })
    const paths = [
      '/',
      '/admin/projects/shop',
      '/admin/people',
      '/admin/audit',
      '/projects/shop/',
      '/projects/shop/alerts',
      '/admin/nothing',
    ]
    for (const path of paths) {
      await page.goto(inbox.url + path)
      for (const summary of await page.locator('main summary').all()) await summary.click()
      expect([path, await findAxeViolations(page)]).toEqual([path, []])
      expect([path, await measureOverflow(page)]).toEqual([path, 0])
    }
    await page.goto(`${inbox.url}/admin/projects/shop`)
    await page.getByRole('button', { name: 'Make a key' }).click()
    await page.getByRole('heading', { name: 'A new key of shop' }).waitFor()
    expect(await findAxeViolations(page)).toEqual([])
    expect(await measureOverflow(page)).toBe(0)
  })
})
