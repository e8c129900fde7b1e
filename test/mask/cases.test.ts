/** The tables of `cases.ts` on real requests: what a handler is sent, and what it sends, throws and says. */
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { replaystack } from '../../src/adapters/hono.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { expectNoSecrets, memoryTransport } from '../../src/testing.ts'
import { HEADERS, KEPT_PAYLOADS, KEPT_TEXTS, NAMES, OBJECTS, PAYLOADS, SECRET, TEXTS } from './cases.ts'

const SECRETS = [SECRET, '48213377', btoa(SECRET).slice(0, 14)]

function createClient() {
  const { events, post } = memoryTransport()
  const client = new ReplayStackClient({ apiKey: 'test', transport: { post }, logLevel: 'debug' }, {})
  return { client, events }
}

/** Sends a request to a Hono application and to a handler of the fetch adapter; each responds with what `run` returns. */
async function request(init: () => Request, run: () => Response | Promise<Response> = () => new Response('ok')) {
  const { client, events } = createClient()
  const app = new Hono()
  app.use(replaystack({ client }))
  app.all('*', run)
  // Hono prints an error that nobody handles.
  app.onError((_, c) => c.text('failed', 500))
  await app.request(init())
  try {
    await withReplayStack(async (_: Request) => run(), { client })(init())
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Error)
  }
  await client.flush()
  expect(events).toHaveLength(2)
  return events
}

const post = (body: string, type: string): Request =>
  new Request('https://shop.example/orders', { method: 'POST', headers: { 'content-type': type }, body })

describe('a secret never leaves', () => {
  it.each(NAMES)('under the name %s', async name => {
    const nested = { items: [{ [name]: SECRET, list: { [name]: [SECRET] } }] }
    const query = new URLSearchParams({ [name]: SECRET, page: '2' })
    const json = await request(
      () => post(JSON.stringify(nested), 'application/json'),
      () => Response.json(nested, { status: 400 }),
    )
    const form = await request(
      () => post(query.toString(), 'application/x-www-form-urlencoded'),
      () => new Response(null, { status: 302, headers: { location: `/next?${query}` } }),
    )
    const url = await request(() => new Request(`https://shop.example/a?${query}#${query}`))
    const { client, events } = createClient()
    await client.captureEvent({
      endpoint: `/a?${query}`,
      errorMessage: `sent ${JSON.stringify(nested)}`,
      metadata: nested,
    })
    for (const sent of [json, form, url, events]) {
      expectNoSecrets(sent, SECRETS)
      expect(JSON.stringify(sent)).toContain('[MASKED]')
    }
    expect(JSON.stringify(url)).toContain('page=2')
  })

  it.each(HEADERS)('in the header %s', async name => {
    const sent = await request(
      () => new Request('https://shop.example/', { headers: { [name]: SECRET, accept: 'text/plain' } }),
      () => new Response(null, { headers: { [name]: SECRET } }),
    )
    expectNoSecrets(sent, SECRETS)
    expect(sent[0]?.requestHeaders).toMatchObject({ [name]: '[MASKED]', accept: 'text/plain' })
  })

  it.each([...PAYLOADS, ...OBJECTS])('in %s', async (what, value) => {
    const { client, events } = createClient()
    client.addBreadcrumb('Given', { metadata: { value } })
    client.captureLog({ level: 'info', message: 'given', metadata: { value } })
    await client.captureEvent({ requestPayload: value, responsePayload: [value], metadata: { value } })
    expectNoSecrets(events, SECRETS)
    const json = JSON.stringify(value)
    if (!json.includes(SECRET) || OBJECTS.some(([one]) => one === what)) return
    const sent = await request(
      () => post(json, 'application/json'),
      () => new Response(json, { headers: { 'content-type': 'application/json' } }),
    )
    expectNoSecrets(sent, SECRETS)
  })

  it.each(TEXTS)('in %s', async (_, text) => {
    const { client, events } = createClient()
    client.addBreadcrumb(text, { metadata: { text } })
    client.captureLog({ level: 'info', message: text, metadata: [text] })
    await client.captureEvent({
      errorMessage: text,
      stackTrace: `Error: ${text}\n    at read (/app/a.js:1:2)`,
      requestPayload: text,
      responsePayload: { text },
      metadata: { list: [{ text }], json: JSON.stringify({ text }) },
      requestHeaders: /[^\t\x20-\x7e]/.test(text) ? {} : { 'x-note': text },
    })
    await client.captureException(new Error(text, { cause: new Error(text) }))
    const sent = await request(
      () => post(text, 'text/plain'),
      () => {
        throw new Error(text)
      },
    )
    expect(events).toHaveLength(2)
    expectNoSecrets([...events, ...sent], SECRETS)
    expect(events[0]?.errorMessage).toContain('[MASKED]')
  })
})

describe('what is no secret stays', () => {
  it.each(KEPT_TEXTS)('%s', async text => {
    const { client, events } = createClient()
    client.addBreadcrumb(text)
    await client.captureEvent({
      errorMessage: text,
      requestPayload: text,
      responsePayload: { list: [text] },
      metadata: { text },
    })
    expect(events[0]).toMatchObject({
      errorMessage: text,
      requestPayload: text,
      responsePayload: { list: [text] },
      metadata: { text },
      breadcrumbs: [{ message: text }],
    })
    const sent = await request(
      () => post(text, 'text/plain'),
      () => Response.json({ text }),
    )
    for (const event of sent) expect(event).toMatchObject({ requestPayload: text, responsePayload: { text } })
  })

  it.each(KEPT_PAYLOADS.map(value => [JSON.stringify(value), value]))('%s', async (json, value) => {
    const sent = await request(
      () => post(json as string, 'application/json'),
      () => Response.json(value, { status: 500 }),
    )
    for (const event of sent) expect(event).toMatchObject({ requestPayload: value, responsePayload: value })
  })
})
