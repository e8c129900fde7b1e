/** R2: objects with their bodies as far as they are read, and uploads in parts. */

import { MASKED } from '../mask/text.ts'
import { isFunction, read } from '../safe-read.ts'
import { textOf } from './bytes.ts'
import { type Copied, missing, Ready } from './call.ts'
import { watchArguments } from './given-stream.ts'
import type { NotedCall } from './open-tape.ts'
import { isStored } from './platform-objects.ts'
import { begin, contained, copyStream, type FindTape, type HandOver, recordCall } from './record.ts'
import { type Members, unwrap, wrapFunction, wrapObject } from './wrap.ts'

/** A bucket whose calls are noted. */
export function wrapBucket(bucket: object, name: string, find: FindTape, lacks: (method: string) => void): object {
  const note =
    (method: string, handOver?: HandOver) =>
    (original: unknown): unknown =>
      isFunction(original)
        ? wrapFunction(original, args => {
            const noted = begin(find, ({ rules }) => {
              const [key] = args
              const isHidden = typeof key === 'string' && rules.names.hides(key) !== false
              const input = isHidden && method === 'put' ? [key, MASKED, ...args.slice(2)] : args
              return { kind: 'r2', target: name, method, input, isHidden: false }
            })
            const given = contained(() => watchArguments(args, noted, noted?.input)) ?? args
            return recordCall(
              noted,
              () =>
                Reflect.apply(
                  original,
                  bucket,
                  given.map(one => unwrap(one)),
                ),
              handOver,
            )
          })
        : original
  const members: Members = {
    head: note('head'),
    get: note('get', handOverObject),
    put: note('put'),
    delete: note('delete'),
    list: note('list'),
    createMultipartUpload: note('createMultipartUpload', upload => handOverUpload(upload, name, find)),
    resumeMultipartUpload: note('resumeMultipartUpload', upload => handOverUpload(upload, name, find)),
  }
  return wrapObject(bucket, members, lacks)
}

/** How each method of an object's body becomes the body's text. */
const READERS: Readonly<Record<string, (read: unknown) => string | undefined | Promise<string | undefined>>> = {
  text: String,
  json: value => JSON.stringify(value),
  arrayBuffer: bytes => textOf(Object(bytes)),
  bytes: bytes => textOf(Object(bytes)),
  blob: async blob => textOf(await new Response(blob as Blob).arrayBuffer()),
}

const handOverObject: HandOver = (result, noted) => {
  // A condition that failed leaves an object without a body.
  if (!noted || typeof result !== 'object' || result === null || !isStored(result) || !('body' in result)) {
    return { given: result, noted: result }
  }
  const mark = Object(noted.tape.copy(result, noted))
  mark.body = missing('not read')
  noted.bodies.push({ mark, name: 'body' })
  const [key] = Object(noted.call.input)
  const isHidden = noted.tape.rules.names.hides(String(key)) !== false
  if (isHidden) mark.body = MASKED
  return { given: isHidden ? result : wrapStored(result, noted, mark), noted: new Ready(mark) }
}

/** An object whose body is noted while it is read, by whichever method. */
function wrapStored(stored: object, noted: NotedCall, mark: Copied): object {
  /** Around the stream that was handed over, where one was. */
  let streamed: Response | undefined
  const members: Record<string, (original: unknown) => unknown> = {
    body: original => {
      if (streamed) return streamed.body
      if (!(original instanceof ReadableStream) || original.locked) return original
      streamed = new Response(copyStream(original, noted, mark, 'body'))
      return streamed.body
    },
    bodyUsed: original => streamed?.bodyUsed ?? original,
  }
  for (const [method, textFrom] of Object.entries(READERS)) {
    members[method] = original =>
      isFunction(original)
        ? wrapFunction(original, args => {
            if (streamed) return Reflect.apply(Object(read(streamed, method)), streamed, args)
            const result = Reflect.apply(original, stored, args)
            return Promise.resolve(result).then(async value => {
              noteText(noted, mark, textFrom(value), Number(read(stored, 'size')))
              return value
            })
          })
        : original
  }
  return wrapObject(stored, members)
}

/** Puts the text of a body that was read where it belongs. */
function noteText(noted: NotedCall, mark: Copied, read: ReturnType<(typeof READERS)[string]>, size: number): void {
  if (size > noted.tape.room) {
    mark['body'] = missing('too large', size)
    return
  }
  const put = (text: string | undefined): void => {
    mark['body'] =
      text !== undefined && noted.tape.take(text.length)
        ? text
        : missing(text === undefined ? 'binary' : 'too large', size)
  }
  if (read instanceof Promise) noted.tape.wait(read.then(put))
  else put(read)
}

/** An upload in parts, which other requests may resume. */
function handOverUpload(result: unknown, name: string, find: FindTape): ReturnType<HandOver> {
  if (typeof result !== 'object' || result === null) return { given: result, noted: result }
  const key = String(read(result, 'key'))
  const uploadId = String(read(result, 'uploadId'))
  const note =
    (method: string) =>
    (original: unknown): unknown =>
      isFunction(original)
        ? wrapFunction(original, args => {
            const noted = begin(find, () => ({ kind: 'r2', target: name, method, input: { key, uploadId, args } }))
            const given = contained(() => watchArguments(args, noted, read(noted?.input, 'args'))) ?? args
            return recordCall(noted, () =>
              Reflect.apply(
                original,
                result,
                given.map(one => unwrap(one)),
              ),
            )
          })
        : original
  const members = { uploadPart: note('uploadPart'), complete: note('complete'), abort: note('abort') }
  return { given: wrapObject(result, members), noted: new Ready({ $: 'upload', key, uploadId }) }
}
