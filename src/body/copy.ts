/** The first bytes of a copied body, as far as they come in time. */

/** What was read of a body. */
export interface SeenBody {
  /** Its first bytes, or all of it as text. */
  content: string | Uint8Array<ArrayBuffer>
  /** UTF-8 bytes, also those that were not kept. */
  sizeBytes: number
  /** Whether it was read to its end. */
  complete: boolean
  /** What its source failed by. */
  error?: { thrown: unknown }
}

/** When a copy is given up. */
export interface CopyLimits {
  /** Bytes that are kept; the chunk that exceeds them is the last one read. */
  maxBytes: number
  /** Bytes of the whole, where they are known: the end itself is not waited for then. */
  length: number | undefined
  /**
   * Milliseconds for the whole body. Without it, two turns of the event loop that bring nothing are the end, and so is
   * a piece that comes after {@link STREAM_TIME_MS}.
   */
  timeMs?: number | undefined
}

/**
 * Milliseconds after which a body that still comes is a stream. While its copy is read, its source does not hear that
 * the client has left.
 */
export const STREAM_TIME_MS = 250

/** Bytes that a read brings at most on workerd, where each takes a turn of the event loop; and with room for more. */
const READ_BYTES = 4096
const PIECE_BYTES = 65_536

/** Room for a piece, kept for the next body: what is allocated outside the heap makes the collector run early. */
let spare: Uint8Array<ArrayBuffer> | undefined

/** The first bytes of a body, gathered as its pieces come. */
export class FirstBytes {
  /** Bytes of all pieces, also those that were not kept. */
  sizeBytes = 0
  #kept = 0
  readonly #chunks: Uint8Array<ArrayBuffer>[] = []

  /** @param maxBytes kept of the whole body */
  add({ buffer, byteOffset, byteLength }: ArrayBufferView, maxBytes: number): void {
    const length = Math.min(byteLength, maxBytes - this.#kept)
    // A copy of it: its owner may change it.
    if (length > 0) this.#chunks.push(new Uint8Array(new Uint8Array(buffer, byteOffset, length)))
    this.#kept += Math.max(0, length)
    this.sizeBytes += byteLength
  }

  /** What was kept, in one array. */
  get content(): Uint8Array<ArrayBuffer> {
    const [only] = this.#chunks
    if (only && this.#chunks.length === 1) return only
    const joined = new Uint8Array(this.#kept)
    let place = 0
    for (const chunk of this.#chunks) {
      joined.set(chunk, place)
      place += chunk.byteLength
    }
    return joined
  }
}

/** What is read so far, and by what. */
interface Copy {
  reader: ChunkReader
  readonly bytes: FirstBytes
  /** Whether all of the body was read. */
  complete: boolean
  /** Whether no more of it is read. */
  isOver: boolean
  error?: { thrown: unknown }
}

interface ChunkReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>
  cancel(): Promise<void>
  releaseLock(): void
}

/**
 * Reads the first bytes of a copy: never by `text()`, which on workerd and Deno holds a stream back until its end. The body
 * itself goes on without a copy that is given up. Never rejects.
 */
export async function readCopy(body: ReadableStream<Uint8Array>, limits: CopyLimits): Promise<SeenBody> {
  const { timeMs } = limits
  const started = performance.now()
  const bytes = new FirstBytes()
  const copy: Copy = { reader: body.getReader(), bytes, complete: false, isOver: false }
  const reading = readInto(copy, limits, body)
  await waitFor(reading, copy, timeMs ?? 0)
  for (let before = -1; !copy.isOver && timeMs === undefined && bytes.sizeBytes > before; ) {
    if (performance.now() - started > STREAM_TIME_MS) break
    before = bytes.sizeBytes
    for (let turns = 0; turns < 2; turns++) await waitFor(reading, copy, 0)
  }
  const { complete, error } = copy
  if (!complete) copy.reader.cancel().catch(() => {})
  return { content: bytes.content, sizeBytes: bytes.sizeBytes, complete, ...(error && { error }) }
}

/** Never rejects. */
async function readInto(copy: Copy, { maxBytes, length }: CopyLimits, body: ReadableStream<Uint8Array>): Promise<void> {
  const { bytes } = copy
  try {
    while (!copy.isOver) {
      const { done, value } = await copy.reader.read()
      if (value) bytes.add(value, maxBytes)
      const isTooLarge = bytes.sizeBytes > maxBytes
      // Where a client has left, workerd says that the body is done: only its length shows whether it is whole.
      if (!isTooLarge) copy.complete = length === undefined ? done : bytes.sizeBytes === length
      copy.isOver = done || copy.complete || isTooLarge
      if (value?.byteLength === READ_BYTES && !copy.isOver) copy.reader = roomierReader(copy.reader, body)
    }
  } catch (thrown) {
    copy.error = { thrown }
    copy.isOver = true
  }
}

/** A reader that brings as much as it has room for. Only workerd needs one; streams made by JavaScript have none. */
function roomierReader(reader: ChunkReader, body: ReadableStream<Uint8Array>): ChunkReader {
  const { prototype } = globalThis.ReadableStreamBYOBReader ?? {}
  if (!prototype || !('readAtLeast' in prototype)) return reader
  reader.releaseLock()
  try {
    const roomier = body.getReader({ mode: 'byob' })
    return {
      read: () => readPiece(roomier),
      cancel: () => roomier.cancel(),
      releaseLock: () => roomier.releaseLock(),
    }
  } catch {
    return body.getReader()
  }
}

async function readPiece(reader: ReadableStreamBYOBReader): ReturnType<ChunkReader['read']> {
  const room = spare ?? new Uint8Array(PIECE_BYTES)
  spare = undefined
  const { done, value } = await reader.read(room)
  // The reader hands the memory back that it was given.
  const piece = value && new Uint8Array(value)
  if (value) spare = new Uint8Array(value.buffer)
  return { done, value: piece }
}

/** Turns of waiting that cost less than a timer. */
const CHEAP_TURNS = 8

/** Waits until a copy is over, or for `ms`. */
async function waitFor(reading: Promise<void>, copy: Copy, ms: number): Promise<void> {
  for (let turns = 0; turns < CHEAP_TURNS && !copy.isOver; turns++) await undefined
  if (copy.isOver) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms)
    reading.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
