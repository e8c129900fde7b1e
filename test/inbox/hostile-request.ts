/** Events whose request an attacker wrote: each text stands wherever one may. */
import type { JsonValue, ReplayStackEvent } from '../../src/types.ts'
import { createSampleEvent } from './sample-event.ts'

export const REQUEST_TEXTS = [
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
  'toString',
  '%',
  '%E0%A4%A',
  '../../etc/passwd',
  '/..',
  '//evil.example',
  '@evil.example',
  'http://[',
  'file:///etc/passwd',
  '-O',
  '\'$(id)`id`"',
  'a\r\nset-cookie: evil=1',
  '\u001b[2J\u202e',
  '[MASKED]',
  '[MASKED]'.repeat(5_000),
  '%5BMASKED%5D',
  '?#&=',
  '(a+)+$',
  '_%\\',
  'a'.repeat(100_000),
  '',
]

export const REQUEST_KINDS = ['GET', 'JSON', 'form', 'text'] as const

/** An event with the text wherever a text may be, told as a request of a kind. */
export function createHostileRequest(text: string, kind: (typeof REQUEST_KINDS)[number]): ReplayStackEvent {
  const json: JsonValue = { [text]: text, list: [text, [text]], ['__proto__']: { [text]: text } }
  const form = { [text]: text, list: [text, text] }
  const payload = kind === 'JSON' ? json : kind === 'form' ? form : text
  const type = { GET: undefined, JSON: 'application/json', form: 'application/x-www-form-urlencoded', text }[kind]
  return createSampleEvent({
    traceId: text || 'trace',
    method: kind === 'GET' ? 'GET' : 'POST',
    endpoint: `/${text}`,
    requestUrl: kind === 'text' ? text : `http://127.0.0.1:1/${text}?${text}=${text}`,
    authMode: 'api_key',
    authScheme: text,
    requestHeaders: { ...(type && { 'content-type': type }), 'x-text': text, [text]: text, ['__proto__']: text },
    ...(kind !== 'GET' && { requestPayload: payload }),
    responseHeaders: { 'content-type': 'application/json', [text]: text },
    responsePayload: json,
    errorName: text,
    errorMessage: text,
    stackTrace: text,
    stackFrames: [{ functionName: text, fileName: text, lineNumber: 1, columnNumber: 1, raw: text }],
    breadcrumbs: [{ message: text, level: 'info', metadata: json, timestamp: '2026-03-01T10:00:00.000Z' }],
    serviceName: text,
    metadata: {
      [text]: text,
      causes: [{ path: text, errorMessage: text, stackFrames: [{ raw: text, fileName: text }] }],
    },
  })
}
