import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HarValidator, OASValidator } from '@har-sdk/validator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { EXPORT_FORMATS, type ExportFormat, exportEvents } from '../../src/inbox/export/export-events.ts'
import { readRouteTemplate } from '../../src/inbox/export/route-template.ts'
import { startInbox } from '../../src/inbox/local/server.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { startReplayServer } from './replay-server.ts'
import { runCommand } from './running-command.ts'
import { createFullEvent, createSampleEvent } from './sample-event.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

const ORDER: Partial<ReplayStackEvent> = {
  endpoint: '/orders/42',
  requestUrl: 'https://shop.example/orders/42?dry=true&token=[MASKED]&page=2',
  authMode: 'bearer',
  requestHeaders: { ...JSON_TYPE, authorization: '[MASKED]', cookie: 'theme=dark; session=[MASKED]' },
  requestPayload: { item: 'book', pin: '[MASKED]', quantity: 2 },
  responseHeaders: { ...JSON_TYPE, location: '/orders/42' },
  responsePayload: { id: 42, total: 12.5, at: '2026-03-01T10:00:00Z', gift: null },
  metadata: { route: '/orders/:id{[0-9]+}' },
}

const keep = (fields: Fields, id = '1f3a9c2e-0000-4000-8000-000000000000') => {
  const event: ReplayStackEvent = JSON.parse(JSON.stringify({ ...createSampleEvent(), ...fields }))
  return { id, receivedAt: '2026-03-01T10:00:01.000Z', event, json: JSON.stringify(event) }
}

/** `undefined` takes a field away. */
type Fields = { [Name in keyof ReplayStackEvent]?: ReplayStackEvent[Name] | undefined }

function write(format: ExportFormat, ...events: readonly Fields[]): string {
  const file = exportEvents(
    events.map(event => keep(event)),
    format,
  )
  if ('refusal' in file) throw new Error(file.refusal)
  return file.text
}

/** Events of every kind that an inbox may have. */
const STRANGE: readonly Fields[] = [
  createFullEvent(),
  { endpoint: '/a b/%zz/{x}/é', requestUrl: 'http://[::1]:8787/a b/%zz/{x}/é?q={}&q=[1]&=&%5BMASKED%5D=1' },
  { method: 'get', requestPayload: undefined, responsePayload: 'plain', responseHeaders: undefined },
  { requestPayload: { a: ['1', '2'] }, requestHeaders: { 'content-type': 'application/x-www-form-urlencoded' } },
  {
    responsePayload: {
      captured: false,
      reason: 'Binary response body not captured',
      contentType: 'image/png',
      sizeBytes: 9,
    },
  },
  { requestPayload: { fields: { a: 1 }, files: [] }, requestHeaders: { 'content-type': 'multipart/form-data' } },
  { requestPayload: [1, 'x', null, { __proto__: 1, deep: [[[]]] }], responsePayload: [], executionTimeMs: undefined },
  { metadata: { route: '/files/:name.:ext/*' }, endpoint: '/files/a.b/c/d', statusCode: 404 },
  { metadata: { route: '/[lang]/[[...slug]]' }, endpoint: '/en/a/b', authMode: 'api_key', authScheme: 'x-api-key' },
]

describe('a HAR', () => {
  it('is valid, by the schema of HAR 1.2, whatever the events are', async () => {
    const har = JSON.parse(write('har', ORDER, ...STRANGE))
    expect(await new HarValidator().verify(har)).toEqual([])
    expect(har.log.entries).toHaveLength(1 + STRANGE.length)
    for (const { request } of har.log.entries)
      expect(request.url).toMatch(/^https?:\/\/[\w.:[\]]+\/[\w\-.~:/?@!$&'()*+,;=%]*$/)
    // The schema was asked.
    expect(await new HarValidator().verify({ ...har, log: { ...har.log, entries: [{}] } })).not.toEqual([])
  })

  it('has request, response and time, with the masks', () => {
    const { log } = JSON.parse(write('har', ORDER))
    expect(log).toMatchObject({ version: '1.2', creator: { name: '@replaystack/edge' } })
    expect(log.entries).toMatchObject([
      {
        startedDateTime: '2026-03-01T10:00:00.987Z',
        time: 12.5,
        request: {
          method: 'POST',
          url: 'https://shop.example/orders/42?dry=true&token=%5BMASKED%5D&page=2',
          queryString: [
            { name: 'dry', value: 'true' },
            { name: 'token', value: '[MASKED]' },
            { name: 'page', value: '2' },
          ],
          cookies: [
            { name: 'theme', value: 'dark' },
            { name: 'session', value: '[MASKED]' },
          ],
          postData: { mimeType: 'application/json', text: '{"item":"book","pin":"[MASKED]","quantity":2}' },
        },
        response: {
          status: 201,
          redirectURL: '/orders/42',
          content: { mimeType: 'application/json', size: 62 },
        },
        _replaystack: { id: '1f3a9c2e-0000-4000-8000-000000000000', traceId: 'trace-1' },
      },
    ])
  })

  it('leaves out what is no request, and says so; alone, it is refused', () => {
    const cron = { eventType: 'cron', method: undefined, endpoint: '0 3 * * *' } as const
    const { log } = JSON.parse(write('har', ORDER, cron))
    expect(log.entries).toHaveLength(1)
    expect(log.comment).toBe('Left out:\n1f3a9c2e: This is no HTTP request, but of the type cron.')
    for (const format of ['har', 'openapi', 'curl', 'fetch'] as const) {
      expect(exportEvents([keep(cron)], format)).toEqual({ refusal: expect.stringMatching(/cron/) })
    }
  })
})

describe('an OpenAPI document', () => {
  beforeEach(() => {
    // Ajv says that it has no check for OpenAPI's format media-range.
    vi.spyOn(console, 'warn').mockReturnValue()
  })

  afterEach(() => vi.restoreAllMocks())

  it('is valid, whatever the events are', async () => {
    const document = JSON.parse(write('openapi', ORDER, ...STRANGE))
    expect(await new OASValidator().verify(document)).toEqual([])
    expect(Object.keys(document.paths)).toContain('/files/{name}.{ext}/{wildcard}')
    expect(await new OASValidator().verify({ ...document, paths: { orders: 1 } })).not.toEqual([])
  })

  it('says what was seen, and holds no value of it', async () => {
    const text = write(
      'openapi',
      ORDER,
      { ...ORDER, endpoint: '/orders/43', requestPayload: { item: 'a secret book', quantity: 1.5 } },
      { ...ORDER, authMode: 'none', statusCode: 404, responsePayload: { error: 'no such order' } },
    )
    const document = JSON.parse(text)
    expect(await new OASValidator().verify(document)).toEqual([])
    expect(text).not.toMatch(/secret book|no such order|dark|12\.5/)
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'order-service' },
      servers: [{ url: 'https://shop.example' }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    })
    expect(document.paths).toEqual({
      '/orders/{id}': {
        post: {
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
            { name: 'dry', in: 'query', schema: { type: 'boolean' } },
            { name: 'token', in: 'query', schema: { type: 'string' } },
            { name: 'page', in: 'query', schema: { type: 'integer' } },
          ],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: {
                    item: { type: 'string' },
                    pin: { description: 'Masked wherever it was captured.' },
                    quantity: { type: 'number' },
                  },
                  required: ['item', 'quantity'],
                },
              },
            },
          },
          responses: {
            201: {
              description: 'Seen 2 times.',
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    properties: {
                      id: { type: 'integer' },
                      total: { type: 'number' },
                      at: { type: 'string', format: 'date-time' },
                      gift: { type: 'null' },
                    },
                    required: ['id', 'total', 'at', 'gift'],
                  },
                },
              },
            },
            404: {
              description: 'Seen once.',
              content: {
                'application/json': {
                  schema: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
                },
              },
            },
          },
          security: [{ bearer: [] }, {}],
        },
      },
    })
  })

  it.each([
    ['/orders/:id', '/orders/{id}'],
    ['/orders/:id{[0-9]+}/:part?', '/orders/{id}/{part}'],
    ['/a/:x/b/:x', '/a/{x}/b/{x_2}'],
    ['/files/*', '/files/{wildcard}'],
    ['/files/*path', '/files/{path}'],
    ['/:from-:to', '/{from}-{to}'],
    ['/[shop]/[...rest]', '/{shop}/{rest}'],
    ['/plain/{braces}', '/plain/%7Bbraces%7D'],
  ])('writes the route %s as %s', (route, path) => {
    expect(readRouteTemplate(route).path).toBe(path)
  })

  it('is made in linear time of any route', () => {
    const route = `/${':a'.repeat(50_000)}/${'{('.repeat(50_000)}`
    expect(write('openapi', { metadata: { route }, endpoint: `/${'a'.repeat(50_000)}` })).toContain('{a}')
  })
})

describe('a request as code', () => {
  it('is sent by fetch as it was captured, with what was masked given by its constants', async () => {
    const server = await startReplayServer()
    const code = write('fetch', { ...ORDER, requestUrl: `${server.url}/orders/42?token=[MASKED]` })
    expect(code).toContain("const AUTHORIZATION = '' // authorization: The header was masked")
    const filled = code
      .replace("AUTHORIZATION = ''", "AUTHORIZATION = 'Bearer a'")
      .replace("COOKIE = ''", "COOKIE = 'b=1'")
      .replace("BODY_PIN = ''", "BODY_PIN = '12'")
      .replace("QUERY_TOKEN = ''", "QUERY_TOKEN = 'a&b'")
    const folder = mkdtempSync(join(tmpdir(), 'replaystack-export-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'sent.mjs'), filled)
    const running = runCommand(join(folder, 'sent.mjs'), [])
    expect(await running.exit()).toMatchObject({ code: 0 })
    expect(server.requests).toMatchObject([
      { method: 'POST', url: '/orders/42?token=a%26b', body: '{"item":"book","pin":"12","quantity":2}' },
    ])
    expect(server.header('authorization')).toBe('Bearer a')
  })

  it('stands with others in one file that a shell and Node can read', () => {
    const hostile = { ...ORDER, endpoint: '/x\n$(rm -rf /)\u001b[2J\u2028`', requestPayload: { a: `\n*/ \`\${x}\`` } }
    const folder = mkdtempSync(join(tmpdir(), 'replaystack-export-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const module = join(folder, 'all.mjs')
    writeFileSync(module, write('fetch', hostile, ORDER, { method: undefined, eventType: 'queue' }))
    execFileSync(process.execPath, ['--check', module])
    const script = join(folder, 'all.sh')
    writeFileSync(script, write('curl', hostile, ORDER, { method: undefined, eventType: 'queue' }))
    execFileSync('sh', ['-n', script])
    expect(readFileSync(script, 'utf8').match(/^curl |^printf /gm)).toHaveLength(2)
    expect(readFileSync(script, 'utf8')).toContain('\n# 1f3a9c2e: This is a queue event')
  })

  it('is refused where fetch could not send it', () => {
    const file = exportEvents([keep({ method: 'GET', requestHeaders: JSON_TYPE, requestPayload: { a: 1 } })], 'fetch')
    expect(file).toEqual({ refusal: 'fetch sends no body with GET.' })
  })
})

describe('replaystack export', () => {
  let command: BuiltCommand

  beforeAll(async () => {
    command = await buildCommand()
  })

  afterAll(() => command.remove())

  it('prints each form, or writes it to a file that is not there yet', async () => {
    const inbox = await startInbox()
    onTestFinished(() => inbox.close())
    const event = createSampleEvent({ ...ORDER, responsePayload: 'x' })
    // More digits than a number of JavaScript keeps.
    const json = JSON.stringify(event).replace('"x"', '12345678901234567890')
    const { id } = inbox.store.insert({ event, json }).summary
    const run = async (...args: string[]) => {
      const running = runCommand(command.file, ['export', ...args, '--inbox', inbox.url])
      const { code } = await running.exit()
      return { code, stdout: running.stdout(), stderr: running.stderr() }
    }
    const starts = { curl: 'curl ', fetch: 'const ', har: '{\n  "log"', json: '{"id":', openapi: '{\n  "openapi"' }
    for (const format of EXPORT_FORMATS) {
      const { code, stdout } = await run(id.slice(0, 8), '--as', format)
      expect([code, stdout.slice(0, starts[format].length)]).toEqual([0, starts[format]])
      if (format === 'json') expect(stdout).toContain('12345678901234567890')
      if (format !== 'openapi') expect(stdout).toMatch(/\[MASKED\]|AUTHORIZATION/)
    }
    const folder = mkdtempSync(join(tmpdir(), 'replaystack-export-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const out = join(folder, 'order.har')
    expect(await run('trace-1', '--as', 'har', '--out', out)).toEqual({
      code: 0,
      stdout: `Written: ${out}\n`,
      stderr: '',
    })
    expect(await new HarValidator().verify(JSON.parse(readFileSync(out, 'utf8')))).toEqual([])
    expect(await run(id, '--as', 'har', '--out', out)).toMatchObject({
      code: 2,
      stderr: `replaystack: ${out} exists already; --force writes over it\n`,
    })
    const several = await run('--query', 'status:201', '--as', 'har', '--limit', '5')
    expect(JSON.parse(several.stdout).log.entries).toHaveLength(1)
    expect(await run('--query', 'is:failed', '--as', 'har')).toMatchObject({
      code: 2,
      stderr: 'replaystack: There are no events to export.\n',
    })
    expect(await run('--query', 'x', id, '--as', 'har')).toMatchObject({ code: 2 })
    expect(await run(id, '--as', 'xml')).toMatchObject({
      code: 2,
      stderr: 'replaystack: --as must be one of curl, fetch, har, json, openapi\n',
    })
  })
})

describe('the API', () => {
  it('writes one event or those of a list, oldest first, for a download', async () => {
    const inbox = await startInbox()
    onTestFinished(() => inbox.close())
    const ids = Array.from({ length: 450 }, (_, index) => {
      const event = createSampleEvent({ traceId: `trace-${index}`, status: index % 2 ? 'failed' : 'success' })
      return inbox.store.insert({ event, json: JSON.stringify(event) }).summary.id
    })
    const get = (path: string) => fetch(`${inbox.url}/api/v1/${path}`)
    const one = await get(`events/${ids[0]}/export?as=har`)
    expect(one.headers.get('content-disposition')).toMatch(/^attachment; filename="post-orders-[\da-f]{8}\.har"$/)
    expect(JSON.parse(await one.text()).log.entries).toHaveLength(1)
    const read = async (path: string) => JSON.parse(await (await get(path)).text())
    const all: { event: ReplayStackEvent }[] = await read('export?as=json')
    expect(all.map(({ event }) => event.traceId)).toEqual(ids.map((_, index) => `trace-${index}`))
    const failed = await read('export?as=har&status=failed&limit=201')
    expect(failed.log.entries.map((entry: { _replaystack: object }) => entry._replaystack)).toHaveLength(201)
    expect(failed.log.entries[200]._replaystack.traceId).toBe('trace-449')
    for (const [path, status] of [
      ['export?as=xml', 400],
      ['export?as=har&limit=1001', 400],
      ['export?as=har&service=nobody', 409],
      ['events/nothing/export?as=har', 404],
    ] as const) {
      expect([path, (await get(path)).status]).toEqual([path, status])
    }
  })
})
