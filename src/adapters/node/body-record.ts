/** What is kept of a body on its way, and what stands for it in the event. */
import { type HeaderParts, type SeenBody, showsBody } from '../../observe/parts.ts'
import { decodeBody, decodedHeaders, isEncoded } from './decode.ts'
import { KeptBytes } from './kept-bytes.ts'
import { headerOf } from './message.ts'

/** A body that passes. */
export class BodyRecord {
  /** Whether its end has passed. */
  complete = false
  /** What its source failed by. */
  error: { thrown: unknown } | undefined
  readonly #headers: HeaderParts
  readonly #kept: KeptBytes
  readonly #maxBytes: number

  /** @param headers what they tell when the body begins */
  constructor(headers: HeaderParts, maxBytes: number) {
    this.#headers = headers
    this.#maxBytes = maxBytes
    // Of what no payload shows, nothing has to be kept.
    this.#kept = new KeptBytes(showsBody(headers) ? maxBytes : 0)
  }

  add(chunk: unknown, encoding?: unknown): void {
    this.#kept.add(chunk, encoding)
  }

  /**
   * What stands for the body in the event.
   * @param show makes a payload of what was seen and of headers that tell what it is
   */
  async payload(show: (seen: SeenBody, headers: HeaderParts) => unknown): Promise<unknown> {
    const { content, sizeBytes } = this.#kept
    const headers = this.#headers
    // All that was announced is there before its end has been said.
    const isWhole = this.complete || headerOf(headers, 'content-length') === String(sizeBytes)
    const seen: SeenBody = { content, sizeBytes, complete: isWhole, ...(this.error && { error: this.error }) }
    if (isEncoded(headers) && content.length > 0) {
      const decoded = await decodeBody(headers, seen, this.#maxBytes)
      if (decoded) return show(decoded, decodedHeaders(headers))
    }
    return show(seen, headers)
  }
}
