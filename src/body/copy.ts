/**
 * The first bytes of a body, read from a clone of its message: never by `text()`, which on workerd and Deno holds a
 * stream back until its end, and never further than what is kept.
 */
export class BodyCopy {
  /** Settles when the copy is complete, over its bound, failed or cancelled. Never rejects. */
  readonly done: Promise<void>
  /** Bytes read, also those that were not kept. */
  sizeBytes = 0
  /** Whether the whole body was read. */
  complete = false
  #text = ''
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>

  /** @param maxBytes what is kept; the chunk that exceeds it is the last one read */
  constructor(body: ReadableStream<Uint8Array>, maxBytes: number) {
    this.#reader = body.getReader()
    this.done = this.#read(maxBytes).catch(() => {})
  }

  /** What was read, as text; bytes that are not UTF-8 show as U+FFFD. */
  get text(): string {
    return this.#text
  }

  /** Stops reading: the body itself goes on without the copy. */
  cancel(): void {
    this.#reader.cancel().catch(() => {})
  }

  async #read(maxBytes: number): Promise<void> {
    const decoder = new TextDecoder()
    for (let chunk = await this.#reader.read(); !chunk.done; chunk = await this.#reader.read()) {
      const room = maxBytes - this.sizeBytes
      this.sizeBytes += chunk.value.byteLength
      this.#text += decoder.decode(chunk.value.subarray(0, Math.max(0, room)), { stream: true })
      if (this.sizeBytes > maxBytes) return this.cancel()
    }
    this.#text += decoder.decode()
    this.complete = true
  }
}

/** Settles with `promise`, or after `ms`. Never rejects. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([promise.catch(() => {}), late])
  clearTimeout(timer)
}
