/** Sizes on the wire are UTF-8 bytes; nothing is cut inside a code point. */
import type { TruncatedPayload } from '../types.ts'

const PREVIEW_CHARACTERS = 2000

/**
 * The text's first `maxLength` UTF-16 units, one fewer where that would split a code point.
 */
export function cutText(text: string, maxLength: number): string {
  return text.length > maxLength ? text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, '') : text
}

/** How many bytes `text` is in UTF-8. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}

/** Whether `text` is at most `maxBytes` in UTF-8; counts only where the length alone does not tell. */
export function fitsUtf8(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return false
  return text.length * 3 <= maxBytes || utf8Length(text) <= maxBytes
}

/** The longest beginning of `text` that is at most `maxBytes` in UTF-8. */
export function truncateUtf8String(text: string, maxBytes: number): string {
  if (fitsUtf8(text, maxBytes)) return text
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(Math.max(0, maxBytes)))
  return text.slice(0, read)
}

/** What stands for a JSON text that was too large. */
export function truncationMarker(
  maskedJson: string,
  originalSizeBytes: number,
  maxSizeBytes: number,
): TruncatedPayload {
  return { __truncated: true, originalSizeBytes, maxSizeBytes, preview: cutText(maskedJson, PREVIEW_CHARACTERS) }
}

/** Whether a JSON text is a {@link TruncatedPayload} by itself, and no larger than one is: cut again, it would tell of itself. */
export function isTruncationMarker(json: string): boolean {
  const [, preview] =
    /^\{"__truncated":true,"originalSizeBytes":\d+,"maxSizeBytes":\d+,"preview":(".*")\}$/s.exec(json) ?? []
  // Twelve characters of JSON are the most that one code point takes.
  return preview !== undefined && preview.length <= PREVIEW_CHARACTERS * 6 + 2 && isJsonString(preview)
}

function isJsonString(json: string): boolean {
  try {
    return typeof JSON.parse(json) === 'string'
  } catch {
    return false
  }
}

/**
 * `payload` itself where its JSON is at most `maxSizeBytes`, else its {@link TruncatedPayload}. It is not masked here:
 * mask first, for the preview shows what it is given.
 * @throws {TypeError} what `JSON.stringify` throws of a payload that has no JSON
 */
export function truncatePayload(payload: unknown, maxSizeBytes: number): unknown {
  const json: string | undefined = JSON.stringify(payload)
  if (json === undefined || fitsUtf8(json, maxSizeBytes)) return payload
  return truncationMarker(json, utf8Length(json), maxSizeBytes)
}
