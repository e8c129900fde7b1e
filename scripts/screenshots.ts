/**
 * The pictures of the inbox and of a kept test: `npm run build && npm run docs:pictures`. The demo's own traffic, sent to
 * the Worker of `wrangler.toml` in workerd, and looked at in a real Chromium.
 */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { requireBuild } from './demo/build-package.ts'
import { Cleanup } from './demo/cleanup.ts'
import { fileOf, ROOT } from './demo/places.ts'
import { waitForEvents } from './demo/read-events.ts'
import { createSecrets } from './demo/secrets.ts'
import { sendTraffic } from './demo/send-traffic.ts'
import { startInbox } from './demo/start-inbox.ts'
import { startWorker } from './demo/start-worker.ts'
import { createTraffic } from './demo/traffic.ts'
import { runKeptTest } from './kept-test.ts'
import { launchChromium } from './launch-chromium.ts'
import { terminalPage } from './terminal-page.ts'

/** What a page loads in the README must stay small. */
const MAX_BYTES = 200_000

/** Shows files as they stand in the checkout: where that lies on this machine is nobody's affair. */
const HIDE_FOLDER = `{
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(${JSON.stringify(ROOT)}, '')
}`

/** An inbox with the demo's events. @returns its address */
async function startDemo(folder: string, cleanup: Cleanup, interrupted: AbortSignal): Promise<string> {
  const inbox = await startInbox(0, join(folder, 'events.db'), cleanup)
  const secrets = createSecrets()
  const variables = { REPLAYSTACK_API_KEY: secrets.apiKey, REPLAYSTACK_ENDPOINT: inbox.url }
  const worker = await startWorker({ port: 0, variables, folder, cleanup })
  const traffic = createTraffic(secrets, undefined)
  await sendTraffic(worker.url, traffic, interrupted)
  await waitForEvents(inbox.url, traffic.length, interrupted)
  return inbox.url
}

async function takePicture(page: Page, name: string): Promise<void> {
  const path = fileOf(`docs/images/${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  const { size } = statSync(path)
  if (size > MAX_BYTES) throw new Error(`${name}.png has ${size} bytes, more than ${MAX_BYTES}`)
  console.log(`docs/images/${name}.png  ${size} bytes`)
}

/** The failed request, sent to an application that is repaired: its difference, and its place in the history. */
async function takeReplay(page: Page, repaired: string): Promise<void> {
  await page.locator('#live[data-state=live]').waitFor()
  await page.getByLabel('Send it to').fill(repaired)
  for (const need of await page.locator('[data-need]').all()) await need.fill('any')
  await page.getByRole('button', { name: 'Send again' }).click()
  await page.getByText('✓ Fixed').waitFor()
  await page.locator('.replay-entry').waitFor()
  await page.evaluate('scrollTo(0, 0)')
  await takePicture(page, 'replay')
}

/** The failed order as a test, after the shop was repaired. */
async function takeTest(page: Page, inbox: string, folder: string): Promise<void> {
  const { pathname } = new URL(page.url())
  const shown = await runKeptTest(pathname.slice('/events/'.length), inbox, folder)
  // The inbox's pages refuse styles that are not their own.
  await page.goto('about:blank')
  await page.setContent(terminalPage(shown))
  await page.setViewportSize({ width: 880, height: await page.evaluate('document.body.offsetHeight') })
  await takePicture(page, 'test')
}

/** An application that answers every order. @returns its address */
async function startRepaired(cleanup: Cleanup): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(201, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ id: 'order_1042', total: 24.5 }))
  })
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  cleanup.add({ politely: close, atOnce: close })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

async function takePictures(browser: Browser, inbox: string, repaired: string, folder: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1120, height: 560 }, colorScheme: 'light' })
  await page.goto(inbox)
  await page.locator('#live[data-state=live]').waitFor()
  await page.getByRole('link', { name: 'POST /orders' }).first().waitFor()
  await takePicture(page, 'inbox')
  await page.locator('.row', { hasText: 'TypeError' }).first().getByRole('link').first().click()
  await page.getByRole('heading', { name: 'TypeError' }).first().waitFor()
  await page.setViewportSize({ width: 1120, height: 640 })
  await page.evaluate(HIDE_FOLDER)
  await takePicture(page, 'event')
  await takeReplay(page, repaired)
  await takeTest(page, inbox, folder)
}

requireBuild()
const folder = mkdtempSync(join(tmpdir(), 'replaystack-pictures-'))
const cleanup = new Cleanup()
const remove = () => rmSync(folder, { recursive: true, force: true })
cleanup.add({ politely: remove, atOnce: remove })
mkdirSync(fileOf('docs/images'), { recursive: true })
try {
  const inbox = await startDemo(folder, cleanup, AbortSignal.timeout(120_000))
  const browser = await launchChromium()
  try {
    await takePictures(browser, inbox, await startRepaired(cleanup), folder)
  } finally {
    await browser.close()
  }
} finally {
  await cleanup.run()
}
