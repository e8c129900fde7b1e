/** The first bytes of a body on its way past, copied: whose they are may change them later. The rest is counted. */
export class KeptBytes {
  /** Bytes that passed, also those that were not kept. */
  sizeBytes = 0
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  #length = 0
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** What was kept. */
  get content(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  /** What a stream was given: text in its encoding, or bytes. Anything else it refuses. */
  add(chunk: unknown, encoding?: unknown): void {
    const room = this.#maxBytes - this.#length
    if (typeof chunk === 'string') {
      const known = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'
      // No encoding has more than two characters a byte.
      if (room > 0) this.#keep(Buffer.from(chunk.slice(0, room * 2), known), room)
      this.sizeBytes += Buffer.byteLength(chunk, known)
    } else if (ArrayBuffer.isView(chunk) && chunk.byteLength > 0) {
      if (room > 0) this.#keep(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength), room)
      this.sizeBytes += chunk.byteLength
    }
  }

  #keep(bytes: Uint8Array, room: number): void {
    const kept = bytes.subarray(0, room)
    const length = this.#length + kept.byteLength
    if (length > this.#bytes.byteLength) {
      // Doubled, so that a body of single bytes costs no more than one of large chunks.
      const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(length, this.#bytes.byteLength * 2)))
      grown.set(this.content)
      this.#bytes = grown
    }
    this.#bytes.set(kept, this.#length)
    this.#length = length
  }
}
