import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

export interface OpenedPage {
  page: Page
  /** What a page must never have: dialogs, uncaught errors, refusals of its own content security policy. */
  complaints: string[]
}

/** A page with a fresh profile, which ends with the test. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenedPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  onTestFinished(() => context.close())
  const complaints: string[] = []
  context.on('page', page => {
    page.on('dialog', dialog => {
      complaints.push(`dialog: ${dialog.message()}`)
      dialog.dismiss().catch(() => {})
    })
    page.on('pageerror', error => complaints.push(`error: ${error.message}`))
    page.on('console', message => {
      if (/Content[- ]Security[- ]Policy/i.test(message.text())) complaints.push(`policy: ${message.text()}`)
    })
  })
  return { page: await context.newPage(), complaints }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds wrong with the page as it is now: rules and where they are broken. */
export async function findAxeViolations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(AXE)
  const violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] = await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} (${failureSummary.replace(/\s+/g, ' ')})`),
  )
}

/** How many pixels a page is wider than its window. */
export async function measureOverflow(page: Page): Promise<number> {
  const overflow: number = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  return Math.max(0, overflow)
}
