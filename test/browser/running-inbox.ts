import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'

/** An inbox that runs until the test is over. */
export async function startTestInbox(): Promise<RunningInbox> {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  return inbox
}

/** The user's own application, on a free port of this machine. */
export async function startShop(app: Hono): Promise<string> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())))
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

/** Waits until an expression is true in the page. The page's own policy keeps Playwright from asking there. */
export async function holds(page: Page, expression: string): Promise<void> {
  await expect.poll(() => page.evaluate(expression), { timeout: 20_000, message: expression }).toBe(true)
}
