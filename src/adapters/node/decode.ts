/** Compressed bodies, decoded for the event: after the response has gone, and never further than what is shown. */
import type { Duplex } from 'node:stream'
import zlib from 'node:zlib'
import type { HeaderParts, SeenBody } from '../../observe/parts.ts'
import { callMember } from '../../safe-read.ts'
import { KeptBytes } from './kept-bytes.ts'
import { headerOf } from './message.ts'

/** By its `content-encoding`, what of `node:zlib` decodes it; older Nodes have no zstd. */
const DECODERS: Readonly<Record<string, string>> = {
  gzip: 'createGunzip',
  'x-gzip': 'createGunzip',
  deflate: 'createInflate',
  br: 'createBrotliDecompress',
  zstd: 'createZstdDecompress',
}

function isStream(value: unknown): value is Duplex {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function createDecoder(encoding: string, { content }: SeenBody): Duplex | undefined {
  // Some servers send deflate without its zlib header, whose first byte ends in 8.
  const isRaw = encoding === 'deflate' && typeof content !== 'string' && ((content[0] ?? 0) & 0x0f) !== 8
  const decoder = callMember(zlib, isRaw ? 'createInflateRaw' : (DECODERS[encoding] ?? ''))
  return isStream(decoder) ? decoder : undefined
}

/** The headers of a body that was decoded. */
export function decodedHeaders(headers: HeaderParts): HeaderParts {
  const { 'content-encoding': _encoding, 'content-length': _length, ...rest } = headers
  return rest
}

/** Whether a body with these headers is to be decoded before it can be shown. */
export function isEncoded(headers: HeaderParts): boolean {
  const encoding = headerOf(headers, 'content-encoding').trim().toLowerCase()
  return encoding !== '' && encoding !== 'identity'
}

/**
 * What a compressed body holds, as far as `maxBytes`: what is over it is not decoded, so that a bomb does not go off.
 * `undefined` where it cannot be told: an encoding that is not known, a body that is not whole or not what it says.
 */
export async function decodeBody(
  headers: HeaderParts,
  seen: SeenBody,
  maxBytes: number,
): Promise<SeenBody | undefined> {
  const decoder = createDecoder(headerOf(headers, 'content-encoding').trim().toLowerCase(), seen)
  if (!decoder) return undefined
  const decoded = new KeptBytes(maxBytes)
  const told = (): SeenBody => ({ content: decoded.content, sizeBytes: decoded.sizeBytes, complete: true })
  try {
    decoder.end(seen.content)
    for await (const chunk of decoder) {
      decoded.add(chunk)
      // Leaving the loop ends the decoder.
      if (decoded.sizeBytes > maxBytes) return told()
    }
  } catch {
    return undefined
  }
  return seen.complete && seen.sizeBytes === seen.content.length ? told() : undefined
}
