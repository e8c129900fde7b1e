/** What is known of a body before it is read: each spares a wait for the runtime, where a read costs more than all else. */
export interface BodyHints {
  /** Its bytes, where `content-length` tells: after them the end itself is not waited for. */
  length?: number | undefined
  /** It is there whole, made of a text: reading much of it at once holds nothing back. */
  whole?: boolean | undefined
}

/** workerd's own reader: answers at once with all it was asked for, or with the rest. */
interface PatientReader {
  readAtLeast?: (min: number, into: Uint8Array) => Promise<{ value?: Uint8Array }>
}

/** Bytes asked for at once of a body that is there whole. */
const PIECE_BYTES = 4096

/** Room for a piece, kept for the next body: what is allocated outside the heap makes the collector run early. */
let spare: Uint8Array<ArrayBuffer> | undefined

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
  #text: string | undefined
  readonly #chunks: Uint8Array<ArrayBuffer>[] = []
  #cancel: () => Promise<void> = async () => {}
  #cancelled = false

  /** @param maxBytes what is kept; the chunk that exceeds it is the last one read */
  constructor(body: ReadableStream<Uint8Array>, maxBytes: number, { length, whole }: BodyHints = {}) {
    this.done = (whole ? this.#readWhole(body, maxBytes) : this.#read(body, maxBytes, length)).catch(() => {})
  }

  /** What was read, within the bound. */
  get content(): string | Uint8Array<ArrayBuffer> {
    return this.#text ?? joinBytes(this.#chunks)
  }

  /** Stops reading: the body itself goes on without the copy. */
  cancel(): void {
    this.#cancelled = true
    this.#cancel().catch(() => {})
  }

  async #read(body: ReadableStream<Uint8Array>, maxBytes: number, length?: number): Promise<void> {
    const reader = body.getReader()
    this.#cancel = () => reader.cancel()
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      this.#keep(chunk.value, maxBytes)
      if (this.sizeBytes > maxBytes) return this.cancel()
      if (this.sizeBytes === length) break
    }
    // To its reader, a body that is cancelled has come to its end.
    this.complete = !this.#cancelled
  }

  async #readWhole(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<void> {
    const { readAtLeast }: PatientReader = Object(globalThis.ReadableStreamBYOBReader?.prototype)
    if (!readAtLeast) return this.#read(body, maxBytes)
    const reader = body.getReader({ mode: 'byob' })
    this.#cancel = () => reader.cancel()
    for (let end = false; !end; ) {
      const room = spare ?? new Uint8Array(PIECE_BYTES)
      spare = undefined
      const { value } = await readAtLeast.call(reader, PIECE_BYTES, room)
      end = !value || value.byteLength < PIECE_BYTES
      if (end && this.sizeBytes === 0 && value && value.byteLength <= maxBytes) {
        this.#text = decodeText(value)
        this.sizeBytes = value.byteLength
      } else if (value) this.#keep(value, maxBytes)
      if (this.sizeBytes > maxBytes) return this.cancel()
      // A reader hands the memory back that it was given.
      if (value?.buffer instanceof ArrayBuffer) spare = new Uint8Array(value.buffer)
    }
    this.complete = !this.#cancelled
  }

  #keep(chunk: Uint8Array, maxBytes: number): void {
    // A copy: whoever reads the body itself may be given the same chunk, and change it.
    this.#chunks.push(new Uint8Array(chunk.subarray(0, Math.max(0, maxBytes - this.sizeBytes))))
    this.sizeBytes += chunk.byteLength
  }
}

let decoder: InstanceType<typeof TextDecoder> | undefined

/** Bytes as text: one that is not UTF-8 shows as U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  decoder ??= new TextDecoder()
  return decoder.decode(bytes)
}

/** One array of all. */
export function joinBytes(chunks: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first] = chunks
  if (first && chunks.length === 1) return first
  const joined = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0))
  let place = 0
  for (const chunk of chunks) {
    joined.set(chunk, place)
    place += chunk.byteLength
  }
  return joined
}

/** Turns of waiting that cost less than a timer. */
const CHEAP_TURNS = 8

/** Settles with `promise`, or after `ms`. Never rejects. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  let settled = false
  const settle = (): void => {
    settled = true
  }
  const done = promise.then(settle, settle)
  for (let turn = 0; turn < CHEAP_TURNS && !settled; turn++) await undefined
  if (settled) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms)
    done.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
