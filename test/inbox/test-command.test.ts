/**
 * Events kept as tests: generated from what the SDK really captured, and run by the real vitest in a process of its own. Long,
 * for each kind of event makes another file.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTestFile } from '../../src/inbox/replay/test-file.ts'
import type { JsonValue, ReplayStackEvent } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { openInbox } from './open-inbox.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

async function test(...args: string[]) {
  const running = runCommand(command.file, ['test', ...args])
  const { code } = await running.exit()
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

/** A folder where a test file finds the packages that this one has. */
function createProject(): string {
  const folder = createTemporaryFolder()
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}

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
    expect(JSON.parse(readFileSync(join(folder, 'kept.tape.json'), 'utf8'))).toEqual({
      version: 1,
      complete: false,
      why: ['The event has no tape: the option recordCalls records one'],
      calls: [],
    })
    mkdirSync(join(folder, 'sub'))
    expect((await test(...args, join(folder, 'sub'), '--force')).stderr).toContain('cannot be written: EISDIR')
    expect((await test(...args, join(folder, 'none/a.ts'))).stderr).toContain('cannot be written: ENOENT')
  })

  it('exits with 2 and the reason for what no test can call', async () => {
    const inbox = await openInbox()
    const { method: _, ...event } = createSampleEvent({ eventType: 'custom', endpoint: 'Counter.add' })
    const { id } = inbox.store.insert({ event, json: JSON.stringify(event) }).summary
    expect(await test(id, '--inbox', inbox.url)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'replaystack: This is a custom event without a handler that a test can call.\n',
    })
    const lambda = createSampleEvent({ metadata: { functionName: 'orders', coldStart: false } })
    const of = inbox.store.insert({ event: lambda, json: JSON.stringify(lambda) }).summary.id
    expect(await test(of, '--harness', '--config', 'wrangler.toml', '--inbox', inbox.url)).toMatchObject({
      code: 2,
      stderr: 'replaystack: A harness runs a Worker, and this is an event of AWS Lambda.\n',
    })
    expect(await test(of, '--harness', '--config', 'none.toml', '--inbox', inbox.url)).toMatchObject({
      code: 2,
      stderr: 'replaystack: none.toml cannot be read: ENOENT\n',
    })
  })

  it('expects what the last success of the same method and path was responded with', async () => {
    const inbox = await openInbox()
    const insert = (fields: Partial<ReplayStackEvent>): string => {
      const event = createSampleEvent({ requestHeaders: {}, ...fields })
      return inbox.store.insert({ event, json: JSON.stringify(event) }).summary.id
    }
    const failed = { status: 'failed', statusCode: 500 } as const
    const id = insert(failed)
    const folder = createTemporaryFolder()
    const file = join(folder, 'kept.test.ts')
    const keep = async (...args: string[]): Promise<string> => {
      expect(await test(id, '--inbox', inbox.url, '--out', file, '--force', ...args)).toMatchObject({
        code: 0,
        stderr: '',
      })
      return readFileSync(file, 'utf8')
    }
    insert({ ...failed, endpoint: '/orders/7' })
    insert({ status: 'success', statusCode: 204, endpoint: '/orders/7' })
    expect(await keep()).toContain('expect(response.status, response.body).toBeLessThan(500)')
    insert({ status: 'success', statusCode: 200 })
    insert({ status: 'success', statusCode: 201 })
    expect(await keep()).toContain('expect(response.status, response.body).toBe(201)')
    expect(await keep('--expect', '402')).toContain('expect(response.status, response.body).toBe(402)')
  })

  it.each([
    [[], "An event's ID is missing"],
    [['a', '--out', ''], '--out needs the path of a file'],
    [['a', '--expect', '99'], '--expect must be a status code, got 99'],
    [['a', '--app', ''], '--app needs the path of a file'],
    [['a', '--harness', '--config', ''], '--config needs the path of a file'],
    [['a', '--config', 'wrangler.toml'], '--config is for --harness'],
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

interface Seen {
  title: string
  request: { url: string; headers?: unknown; body?: unknown }
  expected: unknown
}

/** What the file sends and expects, with what it imports put in place by us. */
async function runCode(code: string, env: Record<string, string> = {}): Promise<Seen> {
  const script = ts
    .transpile(code.replace(/^import .*$/gm, ''), { target: ts.ScriptTarget.ES2022 })
    .replace('await import(file)', 'file')
  const seen: Seen = { title: '', request: { url: '' }, expected: undefined }
  let body = async (): Promise<void> => {}
  const expectation = {
    toBe() {},
    toBeLessThan() {},
    toEqual: (value: unknown) => Object.assign(seen, { expected: value }),
  }
  const given = {
    expect: Object.assign(() => expectation, { anything: () => 'anything', any: () => 'any' }),
    test(title: string, run: () => Promise<void>) {
      seen.title = title
      body = run
    },
    vi: { stubGlobal() {}, setSystemTime() {} },
    app: {},
    loadTape: () => ({ expectKnown() {} }),
    replayFetch() {},
    maskedValue: (name: string) => env[name],
    async requestApp(_app: unknown, request: Seen['request']) {
      seen.request = request
      return { status: 200, body: '{}' }
    },
  }
  new Function(...Object.keys(given), script)(...Object.values(given))
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
    const { request } = await runCode(code, env)
    expect(request.url).toBe('https://h/a?token=%C3%A9%26&b=$`{1}')
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

  it('is as the formatter writes it', async () => {
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
    const node = (tool: string, ...args: string[]) =>
      new Promise<string>(resolve => {
        execFile(
          process.execPath,
          [join(ROOT, 'node_modules', tool), ...args],
          { cwd: folder },
          (error, stdout, stderr) => resolve(error ? stdout + stderr : ''),
        )
      })
    expect(await node('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', 'kept.test.ts')).toBe('')
  })
})
