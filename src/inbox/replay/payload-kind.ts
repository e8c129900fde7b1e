/** What stands in an event for a body, and what its content type says it was. */
import type { JsonValue, TruncatedPayload } from '../../types.ts'
import type { ReplayedAnswer } from './replayed-answer.ts'

export type JsonObject = { readonly [key: string]: JsonValue }

/** What stands for a body that was not captured. */
export interface UncapturedPayload {
  captured: false
  reason: string
  contentType?: string
  sizeBytes?: number
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The marker of a payload or header map that was too large; `undefined` for anything else. */
export function readTruncated(value: JsonValue | undefined): TruncatedPayload | undefined {
  if (!isJsonObject(value) || value['__truncated'] !== true) return undefined
  const { originalSizeBytes, maxSizeBytes, preview } = value
  return {
    __truncated: true,
    originalSizeBytes: typeof originalSizeBytes === 'number' ? originalSizeBytes : 0,
    maxSizeBytes: typeof maxSizeBytes === 'number' ? maxSizeBytes : 0,
    preview: typeof preview === 'string' ? preview : '',
  }
}

/** The marker of a body that was not captured; `undefined` for anything else. */
export function readUncaptured(value: JsonValue | undefined): UncapturedPayload | undefined {
  if (!isJsonObject(value) || value['captured'] !== false || typeof value['reason'] !== 'string') return undefined
  const { reason, contentType, sizeBytes } = value
  return {
    captured: false,
    reason,
    ...(typeof contentType === 'string' && { contentType }),
    ...(typeof sizeBytes === 'number' && { sizeBytes }),
  }
}

/** Whether a payload stands for a stream, which was not captured because it may have no end. */
export function isUncapturedStream(value: JsonValue | undefined): boolean {
  const uncaptured = readUncaptured(value)
  return /^streaming\b/i.test(uncaptured?.reason ?? '') || /^text\/event-stream\b/i.test(uncaptured?.contentType ?? '')
}

/** Whether this is how a multipart body is recorded: its field names and its files' sizes. */
export function isMultipartRecord(value: JsonValue | undefined): boolean {
  return (
    isJsonObject(value) &&
    Object.keys(value).length === 2 &&
    Array.isArray(value['fields']) &&
    Array.isArray(value['files'])
  )
}

/** The fields of an answer: its JSON, or its form; `undefined` for other texts, and for what is no text. */
export function readFields({ body, headers, isText }: ReplayedAnswer): JsonValue | undefined {
  if (!isText) return undefined
  const json = parseJson(body)
  return json === undefined ? parseForm(body, headers) : json
}

function parseForm(text: string, headers: Readonly<Record<string, string>>): JsonValue | undefined {
  if (contentKind(headers['content-type']) !== 'form') return undefined
  const form = new URLSearchParams(text)
  return Object.fromEntries(
    [...new Set(form.keys())].map(name => {
      const values = form.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

/** `undefined` for what is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export type ContentKind = 'json' | 'form' | 'multipart' | 'other'

/** What a body of this `content-type` is. */
export function contentKind(contentType: string | undefined): ContentKind {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (/^(application|text)\/([\w.+-]*\+)?json$|^application\/csp-report$/.test(type)) return 'json'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  return type.startsWith('multipart/') ? 'multipart' : 'other'
}
