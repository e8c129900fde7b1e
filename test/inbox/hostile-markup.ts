/** Events that would become markup, or move a terminal's cursor, where they are shown as they are. */
import type { JsonValue, ReplayStackEvent } from '../../src/types.ts'

export const MARKUP_TEXTS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</pre></textarea></title><svg onload=alert(1)>',
  'javascript:alert(1)',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '`<!-- {{alert(1)}}',
  '\u202e\u0000\u001b[2J\u2028',
] as const

/** An event with the same hostile text wherever a text may be. */
export function createMarkupEvent(text: string): ReplayStackEvent {
  const json: JsonValue = { [text]: text, list: [text], ['__proto__']: text, isEscaped: true, callbacks: [text] }
  const timestamp = '2026-03-01T10:00:00.000Z'
  return {
    traceId: text,
    eventType: 'api',
    method: text,
    endpoint: text,
    requestUrl: text,
    authMode: 'other',
    authScheme: text,
    requestHeaders: { [text]: text, twice: [text, json] },
    requestPayload: json,
    responseHeaders: { [text]: { isEscaped: true, value: text } },
    responsePayload: text,
    status: 'failed',
    errorName: text,
    errorMessage: text,
    stackTrace: text,
    stackFrames: [{ functionName: text, fileName: text, lineNumber: 1, columnNumber: 1, raw: text }, { raw: text }],
    breadcrumbs: [{ message: text, category: text, level: 'error', metadata: json, timestamp }],
    logs: [{ message: text, level: 'error', metadata: text, timestamp }],
    serviceName: text,
    environment: text,
    appVersion: text,
    commitHash: text,
    sourceIp: text,
    userAgent: text,
    metadata: {
      [text]: json,
      route: text,
      causes: [{ path: text, errorName: text, errorMessage: text, stackFrames: [{ fileName: text, raw: text }] }],
    },
  }
}
