/** The first bytes of a copied body, as far as they come in time. */

/** What was read of a body. */
export interface SeenBody {
  /** Its first bytes, or all of it as text. */
  content: string | Uint8Array<ArrayBuffer>
  /** UTF-8 bytes, also those that were not kept. */
  sizeBytes: number
  /** Whether it was read to its end. */
  complete: boolean
}

/** When a copy is given up. */
export interface CopyLimits {
  /** Bytes that are kept; the chunk that exceeds them is the last one read. */
  maxBytes: number
  /** The body's bytes, where `content-length` tells: its end itself is not waited for then. */
  length: number | undefined
  /** Milliseconds for the whole body. Without it, two turns of the event loop that bring nothing are the end. */
  timeMs?: number | undefined
}

/** workerd's own reader: resolves when it has as much as it was asked for, or with the rest. */
interface PieceReader {
  readAtLeast(min: number, into: Uint8Array<ArrayBuffer>): Promise<{ value?: Uint8Array<ArrayBuffer> }>
  cancel(): Promise<void>
}

/** Bytes asked for at once on workerd, where each read takes a turn of the event loop, however little it brings. */
const PIECE_BYTES = 65_536

/** Room for a piece, kept for the next body: what is allocated outside the heap makes the collector run early. */
let spare: Uint8Array<ArrayBuffer> | undefined

/**
 * Reads the first bytes of a copy: never by `text()`, which on workerd and Deno holds a stream back until its end. The body
 * itself goes on without a copy that is given up. Never rejects.
 */
export async function readCopy(body: ReadableStream<Uint8Array>, limits: CopyLimits): Promise<SeenBody> {
  const copy = new Copy(limits)
  const reader = pieceReader(body) ?? body.getReader()
  const reading = 'readAtLeast' in reader ? copy.readPieces(reader) : copy.readChunks(reader)
  if (limits.timeMs !== undefined) await settledWithin(reading, limits.timeMs)
  else {
    let before: number
    let isOver: boolean
    do {
      before = copy.sizeBytes
      isOver = (await settledWithin(reading, 0)) || (await settledWithin(reading, 0))
    } while (!isOver && copy.sizeBytes > before)
  }
  const { sizeBytes, complete } = copy
  if (!complete) reader.cancel().catch(() => {})
  return { content: joinBytes(copy.chunks), sizeBytes, complete }
}

function pieceReader(body: ReadableStream<Uint8Array>): PieceReader | undefined {
  const { prototype } = globalThis.ReadableStreamBYOBReader ?? {}
  if (!prototype || !('readAtLeast' in prototype)) return undefined
  try {
    return body.getReader({ mode: 'byob' }) as ReadableStreamBYOBReader & PieceReader
  } catch {
    // A stream made by JavaScript has no such reader.
    return undefined
  }
}

class Copy {
  readonly chunks: Uint8Array<ArrayBuffer>[] = []
  sizeBytes = 0
  complete = false
  readonly #limits: CopyLimits

  constructor(limits: CopyLimits) {
    this.#limits = limits
  }

  async readChunks(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    let next = await reader.read()
    while (!next.done && this.#takes(next.value)) next = await reader.read()
    if (next.done) this.#end()
  }

  async readPieces(reader: PieceReader): Promise<void> {
    const { length = Number.POSITIVE_INFINITY } = this.#limits
    for (let isLast = false; !isLast; ) {
      const room = spare ?? new Uint8Array(PIECE_BYTES)
      spare = undefined
      const min = Math.min(PIECE_BYTES, length - this.sizeBytes)
      const { value } = await reader.readAtLeast(min, room)
      const isEnd = !value || value.byteLength < min
      isLast = !(value && this.#takes(value)) || isEnd
      if (isEnd) this.#end()
      // The reader hands the memory back that it was given.
      if (value) spare = new Uint8Array(value.buffer)
    }
  }

  /** Keeps a chunk, a copy of it: its owner may change it. Returns whether there is more to read. */
  #takes(chunk: Uint8Array): boolean {
    const { maxBytes, length } = this.#limits
    this.chunks.push(new Uint8Array(chunk.subarray(0, Math.max(0, maxBytes - this.sizeBytes))))
    this.sizeBytes += chunk.byteLength
    this.complete = this.sizeBytes === length && this.sizeBytes <= maxBytes
    return !this.complete && this.sizeBytes <= maxBytes
  }

  /** Nothing more comes. workerd says so too where a client has left: only its length tells a body that is whole. */
  #end(): void {
    const { maxBytes, length = this.sizeBytes } = this.#limits
    this.complete = this.sizeBytes === length && this.sizeBytes <= maxBytes
  }
}

/** One array of all. */
function joinBytes(chunks: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
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

/** Waits until `promise` has settled, or for `ms`; resolves to whether it has. Never rejects. */
async function settledWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  let settled = false
  const settle = (): void => {
    settled = true
  }
  const done = promise.then(settle, settle)
  for (let turn = 0; turn < CHEAP_TURNS && !settled; turn++) await undefined
  if (settled) return true
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms)
    done.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
  return settled
}
