/** Sizes on the wire are UTF-8 bytes; nothing is cut inside a code point. */
import type { TruncatedPayload } from '../types.ts'

/** Characters that are shown of a payload that is too large. */
const PREVIEW_CHARACTERS = 2000

/** Characters of the preview of a payload that may have `maxBytes`: a limit set for privacy shows no more than that. */
export const previewLength = (maxBytes: number): number => Math.min(PREVIEW_CHARACTERS, maxBytes)

/** The text's first `maxLength` UTF-16 units, one fewer where that would split a code point. */
export function cutText(text: string, maxLength: number): string {
  return text.length > maxLength ? text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, '') : text
}

/** What a text that was cut ends in, and its bytes in UTF-8. */
export const ELLIPSIS = '…'
const ELLIPSIS_BYTES = 3

/** {@link cutText} that says so: what was cut ends in `…`. */
export function shortenText(text: string, maxLength: number): string {
  return text.length > maxLength ? cutText(text, maxLength - 1) + ELLIPSIS : text
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

/** `text`, at most `maxBytes` in UTF-8: where it was cut it ends in `…`, for which there is room from 3 bytes on. */
export function truncateUtf8String(text: string, maxBytes: number): string {
  if (fitsUtf8(text, maxBytes)) return text
  const hasRoom = maxBytes >= ELLIPSIS_BYTES
  const bytes = new Uint8Array(Math.max(0, hasRoom ? maxBytes - ELLIPSIS_BYTES : maxBytes))
  const { read } = new TextEncoder().encodeInto(text, bytes)
  return text.slice(0, read) + (hasRoom ? ELLIPSIS : '')
}

/** What stands for a text that was too large; it is cut here. */
export function truncationMarker(
  maskedText: string,
  { originalSizeBytes, sizeIsMinimum }: Pick<TruncatedPayload, 'originalSizeBytes' | 'sizeIsMinimum'>,
  maxSizeBytes: number,
): TruncatedPayload {
  const preview = cutText(maskedText, previewLength(maxSizeBytes))
  return {
    __truncated: true,
    originalSizeBytes,
    maxSizeBytes,
    ...(sizeIsMinimum && { sizeIsMinimum }),
    preview,
  }
}

/** Characters of a marker's JSON at most: six for each of its preview's, and its numbers. */
export const MAX_MARKER_LENGTH: number = PREVIEW_CHARACTERS * 6 + 200

const MARKER_KEYS: readonly string[] = ['__truncated', 'originalSizeBytes', 'maxSizeBytes', 'preview', 'sizeIsMinimum']

/** Whether a plain value is a marker, and holds no more than one does: cut again, it would describe itself. */
export function isTruncationMarker(value: unknown): value is TruncatedPayload {
  const { __truncated, preview }: Partial<TruncatedPayload> = Object(value)
  if (__truncated !== true || typeof preview !== 'string' || preview.length > PREVIEW_CHARACTERS) return false
  return Object.entries(Object(value)).every(
    ([key, member]) => MARKER_KEYS.includes(key) && (key === 'preview' || typeof member !== 'string'),
  )
}

/**
 * `payload` itself where its JSON is at most `maxSizeBytes`, else its {@link TruncatedPayload}. It is not masked here:
 * mask first, for the preview shows what it is given.
 * @throws {TypeError} what `JSON.stringify` throws of a payload that has no JSON
 */
export function truncatePayload(payload: unknown, maxSizeBytes: number): unknown {
  const json: string | undefined = JSON.stringify(payload)
  if (json === undefined || fitsUtf8(json, maxSizeBytes)) return payload
  return truncationMarker(json, { originalSizeBytes: utf8Length(json) }, maxSizeBytes)
}
