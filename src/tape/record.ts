/** One call, made as it would be without us, and noted. */

import { isFunction, isThenable } from '../safe-read.ts'
import { textOf } from './bytes.ts'
import { type Call, type Copied, missing, Ready } from './call.ts'
import type { NotedCall, OpenTape } from './open-tape.ts'

/** Finds the tape of the work that this code runs for: a client that is kept between requests finds each one's own. */
export type FindTape = () => OpenTape | undefined

/** What the caller gets in place of a result, and what is noted of it. */
export type HandOver = (result: unknown, noted: NotedCall | undefined) => { given: unknown; noted: unknown }

/** Most results are handed over as they are; a stream is copied while it is read. */
export const asItIs: HandOver = (result, noted) => {
  if (noted && result instanceof ReadableStream) {
    const mark: Copied = { $: 'stream' }
    // What KV has stored has a length, which R2 wants to know of what it stores; all else comes as it is made.
    const watch = noted.call.kind === 'kv' ? copyStream : watchStream
    return { given: watch(result, noted, mark, 'text'), noted: new Ready(mark) }
  }
  return { given: result, noted: result }
}

/** Makes a call by `run`. What it returns is handed over at once, what it throws is thrown: the same object. */
export function recordCall(noted: NotedCall | undefined, run: () => unknown, handOver: HandOver = asItIs): unknown {
  const returned = (result: unknown): unknown => {
    const { given, noted: seen } = contained(() => handOver(result, noted)) ?? { given: result, noted: result }
    contained(() => noted?.end(seen))
    return given
  }
  const threw = (thrown: unknown): never => {
    contained(() => noted?.fail(thrown))
    throw thrown
  }
  let result: unknown
  try {
    result = run()
  } catch (thrown) {
    return threw(thrown)
  }
  if (!noted && handOver === asItIs) return result
  return isPromise(result) ? result.then(returned, threw) : returned(result)
}

/** Notes that a call is about to be made; what fails at that costs the tape alone. */
export function begin(find: FindTape, call: (tape: OpenTape) => Call): NotedCall | undefined {
  return contained(() => {
    const tape = find()
    return tape?.begin(call(tape))
  })
}

/** Runs what may fail at the cost of the tape alone. */
export function contained<Result>(run: () => Result): Result | undefined {
  try {
    return run()
  } catch {
    // What cannot be read is not on the tape; the call goes on.
    return undefined
  }
}

/** Of a foreign promise only `then` is known; what a library returned before it stays lazy. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise || (isThenable(value) && isFunction(Reflect.get(Object(value), 'finally')))
}

/** What a stream is noted for. */
type Watched = Pick<NotedCall, 'tape' | 'bodies'>

/**
 * Copies a stream's first bytes while its owner reads it. The copy is given up where there is no more room: the stream then
 * goes on without it.
 * @param name the member of `mark` that the text goes to
 * @returns the stream to hand over
 */
export function copyStream(stream: ReadableStream, noted: Watched, mark: Copied, name: string): ReadableStream {
  noted.bodies.push({ mark, name })
  mark[name] = missing('not recordable')
  if (stream.locked) return stream
  const [given, copy] = stream.tee()
  noted.tape.wait(readInto(copy, noted.tape, mark, name))
  return given
}

/**
 * Notes what is read of a stream: no faster than its owner reads it, and no longer, so that its source hears of whoever
 * leaves. Its length, where it has one, does not come through.
 * @returns the stream to hand over
 */
export function watchStream(stream: ReadableStream, noted: Watched, mark: Copied, name: string): ReadableStream {
  noted.bodies.push({ mark, name })
  const kept = new BodyCopy(noted.tape, mark, name)
  if (stream.locked) return stream
  const isOfBytes = hasBytes(stream)
  const reader = stream.getReader()
  let isWanted = true
  const end = (): void => {
    if (isWanted) kept.end()
    isWanted = false
  }
  const pull = async (controller: ReadableByteStreamController | ReadableStreamDefaultController): Promise<void> => {
    const { done, value } = await reader.read()
    if (!done) {
      isWanted &&= kept.add(value)
      return controller.enqueue(value)
    }
    end()
    controller.close()
    if ('byobRequest' in controller) controller.byobRequest?.respond(0)
  }
  const cancel = (reason: unknown): Promise<void> => {
    // What has been read is all that a replay needs.
    end()
    return reader.cancel(reason)
  }
  return isOfBytes
    ? new ReadableStream({ type: 'bytes', pull, cancel })
    : new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
}

/** Whether a stream can be read into memory of its reader's own. */
function hasBytes(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}

/** What is kept of a body while it is read. */
class BodyCopy {
  readonly #tape: OpenTape
  readonly #mark: Copied
  readonly #name: string
  readonly #chunks: Uint8Array[] = []
  #size = 0

  /** @param name the member of `mark` that the text goes to */
  constructor(tape: OpenTape, mark: Copied, name: string) {
    this.#tape = tape
    this.#mark = mark
    this.#name = name
    mark[name] = missing('not ended')
  }

  /** @returns whether more is wanted */
  add(chunk: unknown): boolean {
    if (!(chunk instanceof Uint8Array)) {
      this.#mark[this.#name] = missing('not recordable')
      return false
    }
    this.#size += chunk.byteLength
    if (!this.#tape.take(chunk.byteLength)) {
      this.#mark[this.#name] = missing('too large', this.#size)
      return false
    }
    // A copy of it: its owner may change it.
    this.#chunks.push(new Uint8Array(chunk))
    return true
  }

  end(): void {
    const whole = new Uint8Array(this.#size)
    let place = 0
    for (const chunk of this.#chunks) {
      whole.set(chunk, place)
      place += chunk.byteLength
    }
    this.#mark[this.#name] = textOf(whole) ?? missing('binary', this.#size)
  }
}

/** Reads a copy, as far as there is room. Never rejects: the stream's owner gets the error too. */
export async function readInto(copy: ReadableStream, tape: OpenTape, mark: Copied, name: string): Promise<void> {
  const kept = new BodyCopy(tape, mark, name)
  try {
    const reader: ReadableStreamDefaultReader<unknown> = copy.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return kept.end()
      if (!kept.add(value)) return void reader.cancel().catch(() => {})
    }
  } catch {
    // It stays as one that has not ended.
  }
}
