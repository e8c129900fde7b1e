/** Events as an attacker would have an application record them: the inbox answers, and does nothing else. */
import { createServer } from 'node:http'
import { beforeEach, describe, expect, it } from 'vitest'
import { listen } from '../support/node-server.ts'
import { createHostileRequest, REQUEST_KINDS, REQUEST_TEXTS } from './hostile-request.ts'
import { postEvent } from './page-html.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp, type TestApp } from './test-app.ts'

/** All that is to be read of an event, and what searches for its text. */
function addressesOf(id: string, text: string): string[] {
  const query = encodeURIComponent(text.replace(/\p{Cs}/gu, '?').slice(0, 200))
  return [
    ...['/', `/?q=${query}`, `/?service=${query}`, `/?type=${query}`, `/?before=${query}`, `/?${query}=${query}`],
    ...[`/events/${id}`, `/events/${id}/curl`, `/events/${query}`, `/events/..%2f${query}`],
    ...[
      `/api/v1/events?q=${query}`,
      `/api/v1/events/${id}`,
      `/api/v1/events/${id}/test`,
      `/api/v1/events/${query}/test`,
    ],
  ]
}

let errors: Error[]
let test: TestApp

beforeEach(() => {
  errors = []
  test = createTestApp({ onError: error => errors.push(error) })
})

const ask = async (path: string, init?: RequestInit): Promise<{ status: number; json: unknown }> => {
  const response = await test.app.request(path, init)
  const body = await response.text()
  return {
    status: response.status,
    json: response.headers.get('content-type')?.includes('json') ? JSON.parse(body) : body,
  }
}

/** An application that answers what it can to make trouble. */
async function startTarget(answer: string): Promise<string> {
  const { url } = await listen(
    createServer((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/json', ['__proto__']: 'x' })
      response.end(answer)
    }),
  )
  return url
}

interface Plan {
  data?: { needs?: { name: string; where: string }[] }
}

describe('a hostile event', () => {
  it.each(REQUEST_TEXTS)('is shown, searched for, and kept as a test without a fault: %j', async text => {
    for (const kind of REQUEST_KINDS) {
      const id = await postEvent(test, createHostileRequest(text, kind))
      for (const path of addressesOf(id, text)) {
        for (const accept of ['text/html', '*/*']) {
          const { status } = await ask(path, { headers: { accept } })
          expect([200, 400, 404, 409], `${accept} ${path}`).toContain(status)
        }
      }
    }
    expect(errors).toEqual([])
  })

  it.each(REQUEST_TEXTS)('is replayed to the target that was given, or refused: %j', async text => {
    const target = await startTarget('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')
    for (const kind of REQUEST_KINDS) {
      const id = await postEvent(test, createHostileRequest(text, kind))
      const plan: Plan = Object((await ask(`/api/v1/events/${id}/replay`)).json)
      const needs = plan.data?.needs ?? []
      const give = (isHeader: boolean, value: string) =>
        Object.fromEntries(
          needs.filter(({ where }) => (where === 'header') === isHeader).map(({ name }) => [name, value]),
        )
      const body = JSON.stringify({ target, headers: give(true, 'v'), values: give(false, text) })
      const { status } = await ask(`/api/v1/events/${id}/replay`, { method: 'POST', body })
      expect([200, 409], kind).toContain(status)
    }
    expect(errors).toEqual([])
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it.each(['requestPayload', 'responsePayload', 'metadata', 'requestHeaders', 'breadcrumbs'])(
    'is as deep as it likes in its %s',
    async field => {
      const target = await startTarget(`${'['.repeat(50_000)}1${']'.repeat(50_000)}`)
      for (const depth of [400, 50_000]) {
        const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
        const note = `[{"message":"m","level":"info","timestamp":"2026-03-01T10:00:00.000Z","metadata":${deep}}]`
        const event = { ...createSampleEvent({ requestHeaders: {}, requestUrl: 'http://h/a' }), [field]: 'HERE' }
        const text = JSON.stringify(event).replace('"HERE"', field === 'breadcrumbs' ? note : `{"x":${deep}}`)
        const { json } = await test.post('events', text)
        const id = /"eventId":"([^"]+)"/.exec(JSON.stringify(json))?.[1] ?? ''
        for (const path of addressesOf(id, 'x')) {
          const { status } = await ask(path, { headers: { accept: 'text/html' } })
          expect([200, 400, 404, 409], path).toContain(status)
        }
        const init = { method: 'POST', body: JSON.stringify({ target }) }
        expect([200, 409]).toContain((await ask(`/api/v1/events/${id}/replay`, init)).status)
      }
      expect(errors).toEqual([])
    },
  )
})

describe('an address', () => {
  it.each([
    '/../../../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/../../package.json',
    '/assets/inbox.js%00.html',
    '//etc/passwd',
    '/events/%00',
    '/events/%E0%A4%A',
    '/events/__proto__',
    '/constructor',
    '/api/v1/events/%2e%2e%2f',
    '/api/v1/events/a/replay/..',
  ])('is a name, never a file: %s', async path => {
    for (const accept of ['text/html', '*/*']) {
      const { status, json } = await ask(path, { headers: { accept } })
      expect(status).toBe(404)
      expect(JSON.stringify(json)).not.toMatch(/root:|"dependencies"/)
    }
    expect(errors).toEqual([])
  })
})
