/** Bodies and records that Lambda hands over in base64. */
import type { SeenBody } from '../../observe/parts.ts'

/** Characters that are decoded of a body over its limit: its preview needs no more. */
const PREVIEW_CHARACTERS = 12_288

/** Bytes that a base64 text stands for. */
function sizeOf(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  return Math.max(0, Math.floor((base64.length * 3) / 4) - padding)
}

/** Nothing for what is no base64. */
function decode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), character => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

/** A body as `observe` reads it: as text, or decoded, of one over `maxBytes` the beginning alone. */
export function seenBody(body: unknown, isBase64: unknown, maxBytes: number): SeenBody | undefined {
  if (typeof body !== 'string') return undefined
  if (isBase64 !== true) return { content: body, sizeBytes: new TextEncoder().encode(body).byteLength, complete: true }
  const sizeBytes = sizeOf(body)
  const content = decode(sizeBytes > maxBytes ? body.slice(0, PREVIEW_CHARACTERS) : body)
  return content ? { content, sizeBytes, complete: true } : { content: '', sizeBytes, complete: false }
}

/** A body that a middleware has parsed: what was made of it, to be shown as it is. */
export function parsedBody(body: unknown): object | undefined {
  return typeof body === 'object' && body !== null ? body : undefined
}

/** Nothing for what is no UTF-8. */
function textOf(bytes: Uint8Array | undefined): string | undefined {
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** What stands for data that is no text, or more than is wanted. */
const unread = (what: string, sizeBytes: number): object => ({
  captured: false,
  reason: `${what} record data not captured`,
  sizeBytes,
})

/**
 * Decodes the data of records, so that what is secret in them is masked: UTF-8 as its text, anything else as a marker.
 * @param maxBytes of all that one reader decodes
 */
export function recordReader(maxBytes: number): (data: unknown) => unknown {
  let left = maxBytes
  return data => {
    if (typeof data !== 'string') return undefined
    const sizeBytes = sizeOf(data)
    left -= sizeBytes
    if (left < 0) return unread('Large', sizeBytes)
    return textOf(decode(data)) ?? unread('Binary', sizeBytes)
  }
}
