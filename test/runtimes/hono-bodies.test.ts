import { type Context, Hono } from 'hono'
import { validator } from 'hono/validator'
import { describe, expect, test } from 'vitest'
import { replaystack } from '../../src/adapters/hono.ts'
import { createMemoryHost } from './memory.ts'

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Posts a body to a handler that reads it in its own way. */
async function post(read: (c: Context) => unknown, body: string | FormData, type: string | undefined) {
  const host = createMemoryHost()
  const app = new Hono()
  app.use(replaystack({ apiKey: 'test-key', transport: host.transport }))
  app.post('/', async c => {
    const seen = await read(c)
    return c.json({ seen: seen === undefined ? 'nothing' : seen })
  })
  const headers = type ? { 'content-type': type } : {}
  const response = await app.request('https://shop.test/', { method: 'POST', body, headers }, {}, host.ctx)
  const { seen }: { seen: unknown } = JSON.parse(await response.text())
  const [event, ...more] = await host.events()
  expect(more).toEqual([])
  return { seen, event }
}

const textOf = (bytes: ArrayBuffer | Uint8Array): string => new TextDecoder().decode(bytes)

describe('a JSON body is captured, and its handler reads what was sent', () => {
  const order = { id: 7, note: 'héllo 🎉' }
  const text = JSON.stringify(order)

  const ways: Record<string, [read: (c: Context) => unknown, seen: unknown]> = {
    'by c.req.json()': [c => c.req.json(), order],
    'by c.req.text()': [c => c.req.text(), text],
    'by c.req.arrayBuffer()': [async c => textOf(await c.req.arrayBuffer()), text],
    'by c.req.blob()': [async c => (await c.req.blob()).text(), text],
    'twice, in two ways': [async c => [await c.req.text(), await c.req.json()], [text, order]],
    'from c.req.raw': [c => c.req.raw.json(), order],
    'from a clone of c.req.raw': [c => c.req.raw.clone().text(), text],
    'from a request made of c.req.raw': [c => new Request('https://other.test/', c.req.raw).text(), text],
    'from c.req.raw, spread': [c => ({ ...c.req }).raw.text(), text],
    'from c.req.raw, after its head': [
      c => {
        const head = [c.req.header('content-type'), c.req.method, c.req.url, c.req.query('a')]
        return c.req.raw.text().then(body => [...head, body])
      },
      [JSON_TYPE, 'POST', 'https://shop.test/', null, text],
    ],
    'from c.req.raw, after a look at what Hono keeps': [
      c => {
        const kept = Object.keys(c.req.bodyCache)
        return kept.length > 0 ? kept : c.req.header('content-type') && c.req.raw.text()
      },
      text,
    ],
    'from a request that replaces it': [
      c => {
        c.req.raw = new Request(c.req.raw)
        return c.req.json()
      },
      order,
    ],
    'from what replaces it untouched': [
      c => {
        c.req.raw = new Request(c.req.url, { method: c.req.method, body: '{"id":8}' })
        return c.req.json()
      },
      { id: 8 },
    ],
    'not at all': [() => undefined, 'nothing'],
  }

  for (const [way, [read, expected]] of Object.entries(ways)) {
    test(way, async () => {
      const { seen, event } = await post(read, text, JSON_TYPE)
      expect(JSON.stringify(seen)).toBe(JSON.stringify(expected))
      expect(event?.requestPayload).toEqual(order)
      expect(event?.responsePayload).toEqual({ seen: expected })
    })
  }

  test('by a validator', async () => {
    const host = createMemoryHost()
    const app = new Hono()
    app.use(replaystack({ apiKey: 'test-key', transport: host.transport }))
    app.post(
      '/',
      validator('json', value => value),
      c => c.json(c.req.valid('json')),
    )
    const init = { method: 'POST', body: text, headers: { 'content-type': JSON_TYPE } }
    const response = await app.request('https://shop.test/', init, {}, host.ctx)
    expect(await response.json()).toEqual(order)
    expect(await host.events()).toMatchObject([{ requestPayload: order, responsePayload: order }])
  })

  test('that is no JSON', async () => {
    const { seen, event } = await post(c => c.req.json().catch(() => 'refused'), '{"id":', JSON_TYPE)
    expect(seen).toBe('refused')
    expect(event?.requestPayload).toBe('{"id":')
  })

  test('that is larger than what is kept', async () => {
    const long = JSON.stringify('x'.repeat(2_000_000))
    const { event } = await post(async c => (await c.req.text()).length, long, JSON_TYPE)
    const marker: { __truncated?: boolean; originalSizeBytes?: number } = Object(event?.requestPayload)
    expect(marker.__truncated).toBe(true)
    // Without a length it is read no further than to be over the limit.
    expect(marker.originalSizeBytes).toBeGreaterThan(524_288)
    expect(event?.responsePayload).toEqual({ seen: 2_000_002 })
  })
})

describe('a form is captured by its fields', () => {
  const ways: Record<string, (c: Context) => unknown> = {
    'read by c.req.parseBody()': c => c.req.parseBody(),
    'read by c.req.formData()': async c => Object.fromEntries(await c.req.formData()),
    'read by c.req.text()': async c => Object.fromEntries(new URLSearchParams(await c.req.text())),
  }
  for (const [way, read] of Object.entries(ways)) {
    test(way, async () => {
      const { seen, event } = await post(read, 'a=1&b=two+words', FORM_TYPE)
      expect(seen).toEqual({ a: '1', b: 'two words' })
      expect(event?.requestPayload).toEqual({ a: '1', b: 'two words' })
    })
  }

  test('with files, by their names and sizes', async () => {
    const form = new FormData()
    form.append('title', 'A title')
    form.append('picture', new File(['12345'], 'picture.txt', { type: 'text/plain' }))
    const { seen, event } = await post(async c => [...(await c.req.formData()).keys()], form, undefined)
    expect(seen).toEqual(['title', 'picture'])
    expect(event?.requestPayload).toMatchObject({
      fields: ['title'],
      files: [{ name: 'picture', fileName: 'picture.txt', sizeBytes: 5 }],
    })
  })
})

/** What stands for a body: on Bun, which gives a copied text another type than it would have had, not for one without a type. */
const payloadOf = (response: Response, payload: unknown): unknown =>
  'Bun' in globalThis && !response.headers.has('content-type')
    ? { captured: false, reason: 'The response body cannot be copied' }
    : payload

describe('an answer is captured as it left', () => {
  const large = 'ü'.repeat(9_000)
  const answers: Record<string, [answer: (c: Context) => Response | Promise<Response>, payload: unknown]> = {
    'by c.json': [c => c.json({ ok: true }), { ok: true }],
    'by c.text': [c => c.text('héllo'), 'héllo'],
    'by c.html': [c => c.html('<p>Hi</p>'), '<p>Hi</p>'],
    'by c.json, in several pieces': [c => c.json({ large }), { large }],
    'by c.text, exactly one piece long': [c => c.text('x'.repeat(4096)), 'x'.repeat(4096)],
    'by c.text, empty': [c => c.text(''), ''],
    'by a Response of its own': [() => Response.json({ own: 1 }), { own: 1 }],
    'by c.json, after another was thrown away': [
      c => {
        c.json({ first: 1 })
        return c.json({ second: 2 })
      },
      { second: 2 },
    ],
    'by c.text, whose body became another': [
      async c => new Response((await c.text('a').text()).toUpperCase(), { headers: { 'content-type': 'text/plain' } }),
      'A',
    ],
  }
  for (const [way, [answer, payload]] of Object.entries(answers)) {
    test(way, async () => {
      const host = createMemoryHost()
      const app = new Hono()
      app.use(replaystack({ apiKey: 'test-key', transport: host.transport }))
      app.get('/', answer)
      const response = await app.request('https://shop.test/', {}, {}, host.ctx)
      const body = await response.text()
      expect(body).toBe(typeof payload === 'string' ? payload : JSON.stringify(payload))
      const [event] = await host.events()
      expect(event?.responsePayload).toEqual(payloadOf(response, payload))
    })
  }

  test('that is larger than what is kept, as its beginning', async () => {
    const host = createMemoryHost()
    const app = new Hono()
    app.use(replaystack({ apiKey: 'test-key', transport: host.transport, maxPayloadSizeBytes: 8 }))
    app.get('/', c => c.text('0123456789abcdef', 200, { 'content-type': 'text/plain' }))
    const response = await app.request('https://shop.test/', {}, {}, host.ctx)
    expect(await response.text()).toBe('0123456789abcdef')
    const [event] = await host.events()
    expect(event?.responsePayload).toMatchObject({ __truncated: true, maxSizeBytes: 8, preview: '01234567' })
  })
})
