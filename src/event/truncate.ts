/** Sizes on the wire are UTF-8 bytes; nothing is cut inside a code point. */
import type { TruncatedPayload } from '../types.ts'

const PREVIEW_CHARACTERS = 2000

/** The UTF-8 bytes of a code unit at `index`, counting a surrogate pair's four on its first half. */
function unitBytes(text: string, index: number): number {
  const unit = text.charCodeAt(index)
  if (unit < 0x80) return 1
  if (unit < 0x800) return 2
  // Each half of a pair counts two; a lone one is encoded as U+FFFD, three bytes.
  if (unit < 0xd800 || unit > 0xdfff) return 3
  const pair = unit < 0xdc00 ? text.charCodeAt(index + 1) : text.charCodeAt(index - 1)
  return (unit < 0xdc00 ? pair >= 0xdc00 && pair <= 0xdfff : pair >= 0xd800 && pair <= 0xdbff) ? 2 : 3
}

/** How many bytes `text` is in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let index = 0; index < text.length; index++) bytes += unitBytes(text, index)
  return bytes
}

/** Whether `text` is at most `maxBytes` in UTF-8; counts only where the length alone does not tell. */
export function fitsUtf8(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return false
  return text.length * 3 <= maxBytes || utf8Length(text) <= maxBytes
}

/** Where `text` may be cut near `index` without splitting a surrogate pair. */
function codePointBoundary(text: string, index: number): number {
  const unit = text.charCodeAt(index - 1)
  return index < text.length && unit >= 0xd800 && unit <= 0xdbff ? index - 1 : index
}

/** The longest beginning of `text` that is at most `maxBytes` in UTF-8. */
export function truncateUtf8String(text: string, maxBytes: number): string {
  if (fitsUtf8(text, maxBytes)) return text
  let bytes = 0
  let end = 0
  for (; end < text.length; end++) {
    bytes += unitBytes(text, end)
    if (bytes > maxBytes) break
  }
  return text.slice(0, codePointBoundary(text, end))
}

/** What stands for a JSON text that was too large. */
export function truncationMarker(
  maskedJson: string,
  originalSizeBytes: number,
  maxSizeBytes: number,
): TruncatedPayload {
  const preview = maskedJson.slice(0, codePointBoundary(maskedJson, Math.min(PREVIEW_CHARACTERS, maskedJson.length)))
  return { __truncated: true, originalSizeBytes, maxSizeBytes, preview }
}

/**
 * `payload` itself where its JSON is at most `maxSizeBytes`, else its {@link TruncatedPayload}. It is not masked here:
 * mask first, for the preview shows what it is given.
 */
export function truncatePayload(payload: unknown, maxSizeBytes: number): unknown {
  const json = JSON.stringify(payload) ?? 'null'
  return fitsUtf8(json, maxSizeBytes) ? payload : truncationMarker(json, utf8Length(json), maxSizeBytes)
}
