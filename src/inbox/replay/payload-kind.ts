/** What stands in an event for a body, and what its content type says it was. */
import type { JsonValue, TruncatedPayload } from '../../types.ts'

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

export type ContentKind = 'json' | 'form' | 'multipart' | 'other'

/** What a body of this `content-type` is. */
export function contentKind(contentType: string | undefined): ContentKind {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (/^(application|text)\/([\w.+-]*\+)?json$|^application\/csp-report$/.test(type)) return 'json'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  return type.startsWith('multipart/') ? 'multipart' : 'other'
}
