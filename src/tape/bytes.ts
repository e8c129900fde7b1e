/** Bytes of any kind: as text, and by their hash. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: no text has these.
const CONTROL_CHARACTERS = /[\0-\x08\x0e-\x1a\x1c-\x1f]/

/** The bytes of a buffer or of a view of one. */
export function bytesOf(content: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(content)
    ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
    : new Uint8Array(content)
}

/** Bytes as text, where they are nothing else. */
export function textOf(bytes: ArrayBuffer | ArrayBufferView): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(bytes))
    return CONTROL_CHARACTERS.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** In hexadecimal digits. */
export async function hashOf(content: string | ArrayBuffer | ArrayBufferView): Promise<string> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(bytesOf(content))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}
