import { MASKED } from '../../mask/text.ts'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { writeComment, writeJson, writeParts, writeString } from './code-text.ts'
import { hasMask } from './masked-text.ts'
import { contentKind, readTruncated, readUncaptured } from './payload-kind.ts'
import { createTemplate, type Placeholder, type RequestTemplate } from './placeholders.ts'
import { findHeader, readHeaderPairs } from './request-headers.ts'

/** An event as the inbox has it. */
export interface KeptEvent {
  id: string
  /** ISO 8601, UTC. */
  receivedAt: string
  event: ReplayStackEvent
}

export interface TestFileOptions {
  /** What the repaired app answers. @default below 500 for an event that failed, else what was captured */
  statusCode?: number | undefined
}

/** Characters of a captured answer that a test still expects word for word. */
const MAX_EXPECTED_CHARACTERS = 20_000

/** An event as a vitest file that sends its request to the user's app, and expects the repaired answer. */
export function writeTestFile(kept: KeptEvent, options: TestFileOptions = {}): { code: string } | { refusal: string } {
  const { event } = kept
  const template = createTemplate(event)
  if ('refusal' in template) return template
  const { method, path, body } = template.request
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    return { refusal: `fetch sends no body with ${method}, so the event cannot be kept as a test.` }
  }
  const title = `${method} ${event.endpoint ?? path.replace(/\?.*$/s, '')}`
  const lines = [
    "import { expect, test } from 'vitest'",
    '',
    ...describeEvent(kept, title).map(line => `// ${writeComment(line)}`),
    ...template.notes.map(note => `// ${writeComment(note)}`),
    '',
    '// Where the app listens. To call a Hono app or a Worker in this process instead, import it here,',
    "//   import app from '../src/index'",
    '// and in the test: const response = await app.request(path, request)',
    "const app = process.env.APP_URL ?? 'http://127.0.0.1:8787'",
    '',
    ...writeVariables(template),
    `const path = ${writeParts(template.split(path), ({ variable }) => `encodeURIComponent(${variable})`)}`,
    '',
    `const request: RequestInit = ${writeRequest(template)}`,
    '',
    `test(${writeString(title)}, async () => {`,
    ...template.placeholders.map(writeCheck),
    '  const response = await fetch(app + path, request)',
    '  const answer = await response.text()',
    ...writeExpectations(event, options),
    '})',
    '',
  ]
  return { code: lines.join('\n') }
}

function describeEvent({ id, receivedAt, event }: KeptEvent, title: string): string[] {
  const outcome = event.statusCode === undefined ? event.status : `${event.statusCode} ${event.status}`
  const [error = ''] = [event.errorName, event.errorMessage]
    .filter(part => part)
    .join(': ')
    .split('\n')
  return [
    `Kept from ReplayStack's event ${id} of ${receivedAt}:`,
    `${title} → ${outcome}`,
    ...(error ? [`It failed with ${error}`] : []),
  ]
}

function writeVariables({ placeholders }: RequestTemplate): string[] {
  if (placeholders.length === 0) return []
  return [
    '// What the event does not hold, because it is secret. Set these where the test runs.',
    ...placeholders.map(({ variable }) => `const ${variable} = process.env.${variable} ?? ''`),
    '',
  ]
}

function writeCheck({ variable, name }: Placeholder): string {
  const message = `Set ${variable}: the event does not hold ${name}`
  return `  expect(${variable}, ${writeString(message)}).not.toBe('')`
}

function writeRequest({ request, split }: RequestTemplate): string {
  const { method, headers, body } = request
  const writeText = (text: string) => writeParts(split(text), ({ variable }) => variable)
  const members = [
    `method: ${writeString(method)}`,
    ...(headers.length > 0 ? [`headers: ${writeJson(nestHeaders(headers), 2, writeText)}`] : []),
    ...(body === undefined ? [] : [`body: ${writeBody(body, writeText)}`]),
    "redirect: 'manual'",
  ]
  return `{\n${members.map(member => `  ${member},\n`).join('')}}`
}

function nestHeaders(headers: readonly [string, string][]): JsonValue {
  return new Set(headers.map(([name]) => name)).size === headers.length ? Object.fromEntries(headers) : headers
}

/** As the value it says, where that gives the same text. */
function writeBody(body: string, writeText: (text: string) => string): string {
  const value = parseJson(body)
  if (typeof value === 'object' && value !== null && JSON.stringify(value) === body) {
    return `JSON.stringify(${writeJson(value, 2, writeText)})`
  }
  const fields = new URLSearchParams(body)
  if (body.includes('=') && fields.toString() === body) {
    return `new URLSearchParams(${writeJson([...fields], 2, writeText)}).toString()`
  }
  return writeText(body)
}

function writeExpectations(event: ReplayStackEvent, { statusCode }: TestFileOptions): string[] {
  const failed = event.status === 'failed' || (event.statusCode ?? 0) >= 500
  const expected = statusCode ?? (failed ? undefined : event.statusCode)
  if (expected === undefined) {
    return [
      '  // It failed when it was captured; repaired, it is answered with less than 500.',
      '  expect(response.status, answer).toBeLessThan(500)',
    ]
  }
  const status = `  expect(response.status, answer).toBe(${expected})`
  return failed || expected !== event.statusCode ? [status] : [status, ...writeExpectedBody(event)]
}

function writeExpectedBody({ responsePayload: payload, responseHeaders }: ReplayStackEvent): string[] {
  if (payload === undefined) return []
  const json = stringify(payload)
  const isWhole = json !== undefined && !readTruncated(payload) && !readUncaptured(payload)
  if (!isWhole || json.length > MAX_EXPECTED_CHARACTERS) {
    return ['  // The captured body is not whole, or too large to stand here: only the status is expected.']
  }
  const isJson = contentKind(findHeader(readHeaderPairs(responseHeaders), 'content-type')) === 'json'
  // JSON that is one string, and JSON that could not be parsed, are captured alike. A masked name is not known at all.
  if (typeof payload === 'string' ? isJson || hasMask(payload) : /\[MASKED\][^"]*":/.test(json)) {
    return ['  // The captured body cannot be told exactly: only the status is expected.']
  }
  if (typeof payload === 'string') return [`  expect(answer).toBe(${writeString(payload)})`]
  return [
    '  // What changes from one answer to the next can be expect.anything(), as what was masked is.',
    `  expect(JSON.parse(answer)).toEqual(${writeJson(payload, 2, writeExpectedText)})`,
  ]
}

function writeExpectedText(text: string): string {
  if (text === MASKED) return 'expect.anything()'
  return hasMask(text) ? 'expect.any(String)' : writeString(text)
}

function stringify(value: JsonValue): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
