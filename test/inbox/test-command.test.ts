/**
 * Events kept as tests: generated from what the SDK really captured, and run by the real vitest in a process of its own. Long,
 * for each kind of event makes another file.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import fc from 'fast-check'
import { Hono } from 'hono'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { replaystack } from '../../src/adapters/hono.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import { writeTestFile } from '../../src/inbox/replay/test-file.ts'
import { type RunningInbox, startInbox } from '../../src/inbox/server.ts'
import type { JsonValue, ReplayStackEvent } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

async function openInbox(): Promise<RunningInbox> {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  return inbox
}

async function test(...args: string[]) {
  const running = runCommand(command.file, ['test', ...args])
  const { code } = await running.exit()
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

/** A shop whose orders fail while it is broken, recorded where a client is given. */
async function startShop(broken: boolean, client?: ReplayStackClient): Promise<string> {
  const app = new Hono()
  if (client) app.use(replaystack({ client }))
  app.post('/orders/:shop', async c => {
    if (c.req.header('authorization') !== 'Bearer the-real-token') return c.json({ error: 'Who are you?' }, 401)
    const { card, items } = await c.req.json<{ card: { cvv: string }; items: { price: number; count?: number }[] }>()
    const fallback = broken ? Number.NaN : 1
    const total = items.reduce((sum, item) => sum + item.price * (item.count ?? fallback), 0)
    if (Number.isNaN(total)) throw new TypeError(`The total of '${c.req.param('shop')}' is no number */ \${total}`)
    return c.json(
      { total, paidWith: card.cvv.length, accessToken: crypto.randomUUID(), currency: c.req.query('in') },
      201,
    )
  })
  app.onError((_error, c) => c.json({ error: 'Something went wrong' }, 500))
  return new Promise(resolve => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', overrideGlobalObjects: false }, address =>
      resolve(`http://127.0.0.1:${address.port}`),
    )
    onTestFinished(() => void server.close())
  })
}

/** Orders something of a shop that records, and answers the event's id. */
async function capture(inbox: RunningInbox, broken: boolean): Promise<string> {
  const client = new ReplayStackClient({ apiKey: 'k', endpoint: inbox.url })
  const shop = await startShop(broken, client)
  const response = await fetch(`${shop}/orders/caf%C3%A9?in=EUR`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer the-real-token' },
    body: JSON.stringify({ card: { cvv: '123' }, items: [{ price: 5, count: 2 }, { price: 7 }] }),
  })
  await response.text()
  expect(response.status).toBe(broken ? 500 : 201)
  expect(await client.flush()).toBe(true)
  const [event] = inbox.store.list().events
  return event?.id ?? ''
}

/** A folder where a test file finds the packages that this one has. */
function createProject(): string {
  const folder = createTemporaryFolder()
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}

/** Runs a project's tests with the real vitest. */
function runVitest(folder: string, env: Record<string, string>): Promise<{ passed: boolean; output: string }> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('VITEST') && name !== 'NODE_OPTIONS',
  )
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder],
      { env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env } },
      (error, stdout, stderr) => resolve({ passed: !error, output: stdout + stderr }),
    )
  })
}

const SECRETS = { AUTHORIZATION: 'Bearer the-real-token', BODY_CARD_CVV: '123' }

describe('an event that failed', () => {
  it('is a test that fails while the app is broken, and passes once it is repaired', async () => {
    const inbox = await openInbox()
    const id = await capture(inbox, true)
    const project = createProject()
    const file = join(project, 'order.test.ts')
    expect(await test(id, '--out', file, '--inbox', inbox.url)).toEqual({
      code: 0,
      stdout: `Written to ${file}; run it with: npx vitest run ${file}\nIt needs what was masked: set AUTHORIZATION, BODY_CARD_CVV\n`,
      stderr: '',
    })
    const code = readFileSync(file, 'utf8')
    expect(code).not.toContain('[MASKED]')
    expect(code).not.toContain('the-real-token')

    const broken = await runVitest(project, { ...SECRETS, APP_URL: await startShop(true) })
    expect(broken.output).toContain('{"error":"Something went wrong"}: expected 500 to be less than 500')
    expect(broken.passed).toBe(false)
    const repaired = await runVitest(project, { ...SECRETS, APP_URL: await startShop(false) })
    expect(repaired).toMatchObject({ passed: true, output: expect.stringContaining('1 passed') })
    const without = await runVitest(project, { APP_URL: await startShop(false) })
    expect(without.passed).toBe(false)
    expect(without.output).toContain('Set AUTHORIZATION: the event does not hold authorization')

    expect((await test(id, '--out', file, '--force', '--status', '202', '--inbox', inbox.url)).code).toBe(0)
    const other = await runVitest(project, { ...SECRETS, APP_URL: await startShop(false) })
    expect(other.passed).toBe(false)
    expect(other.output).toContain('expected 201 to be 202')
  })
})

describe('an event that succeeded', () => {
  it('is a test that expects the same answer, but for what was masked', async () => {
    const inbox = await openInbox()
    const id = await capture(inbox, false)
    const project = createProject()
    const { stdout } = await test(id, '--inbox', inbox.url)
    expect(stdout).toContain('accessToken: expect.anything(),')
    writeFileSync(join(project, 'order.test.ts'), stdout)
    const same = await runVitest(project, { ...SECRETS, APP_URL: await startShop(false) })
    expect(same).toMatchObject({ passed: true, output: expect.stringContaining('1 passed') })
    const other = await runVitest(project, { ...SECRETS, BODY_CARD_CVV: '1234', APP_URL: await startShop(false) })
    expect(other.passed).toBe(false)
    expect(other.output).toContain('"paidWith": 4')
  })
})

describe('replaystack test', () => {
  it('writes over no file without --force', async () => {
    const inbox = await openInbox()
    const event = createSampleEvent({ requestHeaders: {} })
    const { id } = inbox.store.insert({ event, json: JSON.stringify(event) }).summary
    const folder = createTemporaryFolder()
    const file = join(folder, 'kept.test.ts')
    writeFileSync(file, 'mine')
    const args = [id, '--inbox', inbox.url, '--out']
    expect(await test(...args, file)).toEqual({
      code: 2,
      stdout: '',
      stderr: `replaystack: ${file} exists already; --force writes over it\n`,
    })
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect(await test(...args, file, '--force')).toMatchObject({ code: 0 })
    expect(readFileSync(file, 'utf8')).toContain("test('POST /orders'")
    mkdirSync(join(folder, 'sub'))
    expect((await test(...args, join(folder, 'sub'), '--force')).stderr).toContain('cannot be written: EISDIR')
    expect((await test(...args, join(folder, 'none/a.ts'))).stderr).toContain('cannot be written: ENOENT')
  })

  it('exits with 2 and the reason for what is no request', async () => {
    const inbox = await openInbox()
    const event = createSampleEvent({ eventType: 'cron' })
    const { id } = inbox.store.insert({ event, json: JSON.stringify(event) }).summary
    expect(await test(id, '--inbox', inbox.url)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'replaystack: This is a cron event without an HTTP request to replay.\n',
    })
  })

  it.each([
    [[], "An event's ID is missing"],
    [['a', '--out', ''], '--out needs the path of a file'],
    [['a', '--status', '99'], '--status must be a status code, got 99'],
  ])('%j is refused in one line', async (args, message) => {
    expect(await test(...args)).toEqual({ code: 2, stdout: '', stderr: `replaystack: ${message}\n` })
  })
})

function writeCode(fields: Partial<ReplayStackEvent>): string {
  const event = createSampleEvent({ requestUrl: 'https://h/orders', requestHeaders: {}, ...fields })
  const file = writeTestFile({ id: 'event-1', receivedAt: '2026-03-01T10:00:00.000Z', event })
  if ('refusal' in file) throw new Error(file.refusal)
  return file.code
}

/** What the file sends and expects, with `expect` and `fetch` of our own in place of the imports. */
async function runCode(
  code: string,
  env: Record<string, string> = {},
): Promise<{ title: string; url: string; request: RequestInit; expected: unknown }> {
  const script = ts.transpile(code.replace(/^import .*$/m, ''), { target: ts.ScriptTarget.ES2022 })
  const seen = { title: '', url: '', request: {}, expected: undefined as unknown }
  let body = async (): Promise<void> => {}
  const expectation = {
    toBe() {},
    toBeLessThan() {},
    toEqual: (value: unknown) => Object.assign(seen, { expected: value }),
    not: { toBe() {} },
  }
  const expectStub = Object.assign(() => expectation, { anything: () => 'anything', any: () => 'any' })
  const testStub = (title: string, run: () => Promise<void>) => {
    seen.title = title
    body = run
  }
  const fetchStub = async (url: string, request: RequestInit) => {
    Object.assign(seen, { url, request })
    return { status: 200, text: async () => '{}' }
  }
  new Function('expect', 'test', 'fetch', 'process', script)(expectStub, testStub, fetchStub, { env })
  await body()
  return seen
}

/** What vitest obeys wherever it stands in a file: not to be written here as one word. */
const DIRECTIVE = ['@vitest', 'environment jsdom'].join('-')

const pieces = fc.oneof(
  fc.constantFrom(
    "'",
    '"',
    '`',
    '\\',
    '$',
    '{',
    '}',
    '*/',
    '/*',
    '//',
    '</script>',
    '<!--',
    '\u2028',
    '\u2029',
    '\n',
    '\r',
  ),
  fc.constantFrom(DIRECTIVE, '//# sourceMappingURL=x', '\u0000', '\u202e', '😀', '__proto__', '\\u0041'),
  fc.string({ maxLength: 4 }),
)
const text = fc.array(pieces, { maxLength: 8 }).map(parts => parts.join('').replace(/\p{Cs}/gu, ''))
const { value: json } = fc.letrec<{ value: JsonValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.constantFrom<JsonValue>(1, -0.5, true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 3 }).map(pairs => Object.fromEntries(pairs)),
  ),
}))

describe('the file', () => {
  it('says what any content says, and none of it runs', async () => {
    await fc.assert(
      fc.asyncProperty(text, json, json, text, async (line, payload, answer, error) => {
        const whole = JSON.stringify([line, payload, answer])
        fc.pre(!whole.includes('MASKED') && answer !== null && typeof answer === 'object')
        const code = writeCode({
          requestPayload: typeof payload === 'string' ? { payload } : payload === null ? [] : payload,
          requestHeaders: { 'content-type': 'application/json', 'x-line': line.replace(/[^\x20-\x7e]/g, '') },
          responseHeaders: { 'content-type': 'application/json' },
          responsePayload: answer,
          endpoint: `/${line}`,
          errorName: error,
          errorMessage: line,
        })
        expect(code).not.toMatch(/[\p{Zl}\p{Zp}\p{Cf}]|<\/script|<!--|[#@] sourceMappingURL/iu)
        expect(code).not.toContain('\0')
        expect(code).not.toContain(DIRECTIVE)
        const { title, request, expected } = await runCode(code)
        expect(title).toBe(`POST /${line}`)
        expect(JSON.parse(String(request.body))).toEqual(typeof payload === 'string' ? { payload } : (payload ?? []))
        expect(request.headers).toEqual({
          'content-type': 'application/json',
          'x-line': line.replace(/[^\x20-\x7e]/g, ''),
        })
        expect(expected).toEqual(answer)
      }),
      runs(200),
    )
  })

  it('puts what was masked between what is hostile', async () => {
    const code = writeCode({
      requestUrl: 'https://h/a?token=[MASKED]&b=$`{1}',
      requestHeaders: { 'content-type': 'application/json', authorization: '[MASKED]' },
      requestPayload: JSON.parse('{"__proto__":{"a":"$[MASKED]{x}`$\u007b`\\\\[MASKED]"},"b":"[MASKED]"}'),
    })
    const env = { AUTHORIZATION: 'Bearer x', BODY_PROTO_A: '1', BODY_PROTO_A_2: '2', BODY_B: '`', QUERY_TOKEN: 'é&' }
    const { url, request } = await runCode(code, { ...env, APP_URL: 'http://app' })
    expect(url).toBe('http://app/a?token=%C3%A9%26&b=$`{1}')
    expect(request).toMatchObject({
      headers: { authorization: 'Bearer x' },
      body: '{"__proto__":{"a":"$1{x}`$\u007b`\\\\2"},"b":"`"}',
    })
  })

  it('sends forms, texts and headers that repeat as they were', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const { request } = await runCode(writeCode({ requestPayload: { a: ['1', '2'], b: "it's" }, requestHeaders: form }))
    expect(request.body).toBe('a=1&a=2&b=it%27s')
    const other = await runCode(
      writeCode({
        requestPayload: '<a>\r\n`{1}$`',
        requestHeaders: { 'content-type': 'text/xml', accept: ['a/a', 'b/b'] },
      }),
    )
    expect(other.request).toMatchObject({
      body: '<a>\r\n`{1}$`',
      headers: [
        ['content-type', 'text/xml'],
        ['accept', 'a/a'],
        ['accept', 'b/b'],
      ],
    })
  })

  it('is refused for a GET with a body, which fetch does not send', () => {
    const event = createSampleEvent({
      method: 'GET',
      requestPayload: { a: 1 },
      requestHeaders: { 'content-length': '7' },
    })
    expect(writeTestFile({ id: 'e', receivedAt: 't', event })).toEqual({
      refusal: 'fetch sends no body with GET, so the event cannot be kept as a test.',
    })
  })

  it('has no type error, and is as the formatter writes it', async () => {
    const code = writeCode({
      requestUrl: 'https://h/orders?token=[MASKED]',
      requestHeaders: { 'content-type': 'application/json', authorization: '[MASKED]', accept: 'a/a' },
      requestPayload: {
        item: "it's",
        note: 'Bearer [MASKED]',
        tags: ['a', 'b'],
        items: [{ price: 1 }, { price: 2 }],
        none: {},
      },
      responseHeaders: { 'content-type': 'application/json' },
      responsePayload: { id: '[MASKED]', note: 'Bearer [MASKED]', ok: true },
    })
    const folder = createProject()
    const file = join(folder, 'kept.test.ts')
    writeFileSync(file, code)
    writeFileSync(
      join(folder, 'biome.json'),
      readFileSync(join(ROOT, 'build/biome.config.json'), 'utf8').replace('"enabled": true', '"enabled": false'),
    )
    const options = ts.parseConfigFileTextToJson(
      'tsconfig.json',
      readFileSync(join(ROOT, 'tsconfig/base.json'), 'utf8'),
    ).config
    const { compilerOptions } = options
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, types: ['node'], lib: ['ES2023'] }, include: ['*.ts'] }),
    )
    const node = (tool: string, ...args: string[]) =>
      new Promise<string>(resolve => {
        execFile(
          process.execPath,
          [join(ROOT, 'node_modules', tool), ...args],
          { cwd: folder },
          (error, stdout, stderr) => resolve(error ? stdout + stderr : ''),
        )
      })
    expect(await node('typescript/bin/tsc', '-p', '.')).toBe('')
    expect(await node('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', 'kept.test.ts')).toBe('')
  })
})
