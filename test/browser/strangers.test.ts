/** A page of an attacker's, in a real browser on the developer's machine, against a real inbox. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { launchChromium } from '../../scripts/launch-chromium.ts'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'
import { assets } from '../../src/inbox/page/assets.ts'
import { startReplayServer } from '../inbox/replay-server.ts'
import { listen } from '../support/node-server.ts'
import { createRichEvent, sendEvent } from './events.ts'
import { openPage } from './open-page.ts'

let browser: Browser

beforeAll(async () => {
  // What DNS rebinding comes to: the attacker's name is this machine's address.
  browser = await launchChromium(['--host-resolver-rules=MAP evil.example 127.0.0.1'])
})

afterAll(() => browser.close())

interface Attack {
  inbox: RunningInbox
  id: string
  page: Page
  /** Status and path of all that the inbox has answered. */
  answers: string[]
  /** Where a replay would go. */
  target: { url: string; requests: unknown[] }
}

/** An attacker's page at a host that leads to this machine, and an inbox with one event. */
async function openAttack(host: string): Promise<Attack> {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  // It needs nothing to be replayed: only who asks decides.
  const fields = {
    requestUrl: 'http://h/orders',
    requestHeaders: {},
    requestPayload: { a: 1 },
    authMode: 'none',
  } as const
  const id = await sendEvent(inbox.url, createRichEvent(fields))
  const target = await startReplayServer()
  const { port } = await listen(
    createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<!doctype html><title>Evil</title><body>')
    }),
  )
  const { page } = await openPage(browser)
  const answers: string[] = []
  // The browser itself keeps some of them from whoever looks on.
  const note = (message: unknown): void => {
    const { request, response }: { request: IncomingMessage; response: ServerResponse } = Object(message)
    if (request.socket.localPort === inbox.port) answers.push(`${response.statusCode} ${request.method} ${request.url}`)
  }
  subscribe('http.server.response.finish', note)
  onTestFinished(() => void unsubscribe('http.server.response.finish', note))
  await page.goto(`http://${host}:${port}/`)
  return { inbox, id, page, answers, target }
}

/** Runs a function of the page's own with arguments. As text: these tests have no types of a browser's. */
const run = (page: Page, code: string, ...args: unknown[]): Promise<string> =>
  page.evaluate(`(${code})(...${JSON.stringify(args)})`)

/** What a page can send, and whether it could read what came back. */
const send = (page: Page, url: string, init: object): Promise<string> =>
  run(
    page,
    `async (url, init) => {
      try {
        const response = await fetch(url, init)
        return response.type === 'opaque' ? 'unread' : 'read ' + (await response.text())
      } catch {
        return 'refused'
      }
    }`,
    url,
    init,
  )

/** Loads an address in a tag, and tells whether it did. */
const load = (page: Page, tag: string, attribute: string, url: string): Promise<string> =>
  run(
    page,
    `(tag, attribute, url) => new Promise(resolve => {
      const element = document.createElement(tag)
      if (tag === 'link') element.rel = 'stylesheet'
      element.onload = () => resolve('loaded')
      element.onerror = () => resolve('failed')
      element[attribute] = url
      document.body.append(element)
    })`,
    tag,
    attribute,
    url,
  )

/** Sends a form with one field, as a page does that goes there. In plain text, what separates name and value is a `=`. */
const submit = (page: Page, url: string, enctype: string, name: string, value: string): Promise<string> =>
  run(
    page,
    `(action, enctype, name, value) => {
      const form = Object.assign(document.createElement('form'), { method: 'post', enctype, action })
      form.append(Object.assign(document.createElement('input'), { name, value }))
      document.body.append(form)
      form.submit()
    }`,
    url,
    enctype,
    name,
    value,
  )

describe.each(['evil.example', '127.0.0.1', 'localhost'])('a page at %s', host => {
  it('writes nothing, whatever it sends', async () => {
    const { inbox, id, page, target } = await openAttack(host)
    const [before] = inbox.store.list().events
    const replay = `${inbox.url}/api/v1/events/${id}/replay`
    const body = JSON.stringify({ target: target.url })
    const event = JSON.stringify(createRichEvent())
    for (const mode of ['cors', 'no-cors'] as const) {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
        const headers = { 'content-type': type }
        expect(await send(page, replay, { method: 'POST', mode, headers, body })).not.toContain('read ')
        const ingest = `${inbox.url}/api/v1/ingest/events`
        expect(await send(page, ingest, { method: 'POST', mode, headers, body: event })).not.toContain('read ')
      }
    }
    expect(await send(page, `${inbox.url}/api/v1/events`, { method: 'DELETE' })).toBe('refused')
    await submit(page, replay, 'text/plain', `${body.slice(0, -1)},"x":"`, '"}')
    await page.waitForURL(replay)
    expect(await page.content()).toContain('Origin must be')
    await page.goBack()
    const issueId = before?.issueId ?? ''
    const state = `${inbox.url}/issues/${issueId}/state`
    await submit(page, state, 'application/x-www-form-urlencoded', 'state', 'resolved')
    await page.waitForURL(state)
    expect(await page.content()).toContain('Origin must be')
    expect(inbox.store.issue(issueId)?.state).toBe('open')
    expect(target.requests).toEqual([])
    expect(inbox.store.list().events).toEqual([before])
  })

  it('reads nothing, and hears nothing', async () => {
    const { inbox, id, page } = await openAttack(host)
    for (const path of [
      '/',
      '/?q=orders',
      `/events/${id}`,
      '/api/v1/events',
      `/api/v1/events/${id}`,
      '/api/v1/stream',
    ]) {
      expect(await send(page, inbox.url + path, {}), path).toBe('refused')
    }
    const heard = await run(
      page,
      `url => new Promise(resolve => {
        const source = new EventSource(url)
        source.onerror = () => resolve('error, ' + (source.readyState === EventSource.CLOSED ? 'closed' : 'open'))
        source.onopen = () => resolve('open')
      })`,
      `${inbox.url}/api/v1/stream`,
    )
    expect(heard).toBe('error, closed')
    expect(inbox.feed.listenerCount).toBeLessThanOrEqual(2)
    expect(await load(page, 'script', 'src', `${inbox.url}/api/v1/events`)).toBe('failed')
    expect(await load(page, 'script', 'src', `${inbox.url}/events/${id}`)).toBe('failed')
    expect(await load(page, 'img', 'src', `${inbox.url}/events/${id}`)).toBe('failed')
  })
})

describe('a page of another site', () => {
  it('cannot even ask: how long a search takes would tell what it found', async () => {
    const { inbox, id, page, answers } = await openAttack('evil.example')
    for (const [tag, attribute] of [
      ['img', 'src'],
      ['script', 'src'],
      ['link', 'href'],
      ['iframe', 'src'],
    ] as const) {
      await load(page, tag, attribute, `${inbox.url}/?q=${tag}`)
      await load(page, tag, attribute, `${inbox.url}/events/${id}`)
      await load(page, tag, attribute, `${inbox.url}${assets.script.path}`)
    }
    await send(page, `${inbox.url}/api/v1/events?q=x`, { mode: 'no-cors' })
    expect(answers.length).toBeGreaterThan(10)
    expect(answers.filter(answer => !answer.startsWith('403 '))).toEqual([])
  })

  it('may link to the inbox', async () => {
    const { inbox, page } = await openAttack('evil.example')
    await run(page, 'url => void (location.href = url)', inbox.url)
    await page.getByRole('link', { name: 'POST /orders' }).waitFor()
  })

  it('that takes this machine’s address for its own finds nobody there', async () => {
    const { inbox, page, answers } = await openAttack('evil.example')
    await page.goto(`http://evil.example:${inbox.port}/`)
    expect(await page.content()).toContain('Host must be a loopback address')
    expect(await send(page, '/api/v1/events', {})).toContain('read {"success":false')
    expect(answers.filter(answer => !answer.startsWith('403 '))).toEqual([])
  })
})
