/** Streams that a call is given: noted while the platform reads them. */
import { read } from '../safe-read.ts'
import { type Copied, missing } from './call.ts'
import type { NotedCall } from './open-tape.ts'
import { copyStream, watchStream } from './record.ts'

/** What a console shows of a stream on workerd, its length among it, as members whose names are symbols. */
let lengthOnWorkers: symbol | undefined

/** Whether a stream says how long it is. `undefined` where the host may know, and does not say. */
function lengthOf(stream: ReadableStream): { length: number | undefined } | undefined {
  const prototype = ReadableStream.prototype
  lengthOnWorkers ??= Object.getOwnPropertySymbols(prototype).find(({ description }) => description === 'length')
  if (!lengthOnWorkers) return 'FixedLengthStream' in globalThis ? undefined : { length: undefined }
  const length: unknown = Reflect.get(stream, lengthOnWorkers)
  return { length: length === undefined ? undefined : Number(length) }
}

/**
 * The stream to hand on in place of one that was given. Where none has a length, it is noted as it is read, no faster and no
 * further. One of a known length is copied by the platform, which keeps the length (R2 asks for it), where all of it has room:
 * a larger one would be read ahead of its reader, so that it only leaves its size.
 */
function watchGiven(stream: ReadableStream, { tape }: NotedCall, mark: Copied): ReadableStream {
  const known = lengthOf(stream)
  if (stream.locked || !known) return stream
  const { length } = known
  // Not one of the bodies that a replay needs: an input that is missing is any.
  const noted = { tape, bodies: [] }
  if (length === undefined) return watchStream(stream, noted, mark, 'text')
  if (length <= tape.room) return copyStream(stream, noted, mark, 'text')
  mark['text'] = missing('too large', length)
  return stream
}

/** What stands on the tape for a stream that is an argument; nothing where it is hidden by its name. */
function markOf(copy: unknown): Copied | undefined {
  return read(copy, '$') === 'stream' ? Object(copy) : undefined
}

/** Arguments to hand on. @param copies of them, on the tape */
export function watchArguments(
  args: readonly unknown[],
  noted: NotedCall | undefined,
  copies: unknown,
): readonly unknown[] {
  if (!noted || !args.some(one => one instanceof ReadableStream)) return args
  return args.map((one, place) => {
    const mark = one instanceof ReadableStream ? markOf(read(copies, String(place))) : undefined
    return mark ? watchGiven(one as ReadableStream, noted, mark) : one
  })
}

/** The arguments of a `fetch` to hand on, where they have a stream as `body`. */
export function watchBody(args: readonly unknown[], noted: NotedCall | undefined): readonly unknown[] {
  const [input, init, ...more] = args
  const body = read(init, 'body')
  const mark = noted && markOf(read(noted.input, 'body'))
  if (!mark || !(body instanceof ReadableStream)) return args
  const prototype: unknown = Object.getPrototypeOf(init)
  // Another object's members may not be its own.
  if (prototype !== Object.prototype && prototype !== null) return args
  return [input, { ...Object(init), body: watchGiven(body, noted, mark) }, ...more]
}
