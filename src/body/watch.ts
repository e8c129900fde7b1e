/**
 * A body that the application streams, watched to its end. Not by a copy: while one is read, the source does not hear that
 * its client has left. The stream that is sent instead asks the application's for a piece when it is asked for one, and
 * passes pieces, end, error and cancellation on as they are.
 */
import { callMember } from '../safe-read.ts'
import { FirstBytes, type SeenBody } from './copy.ts'
import { madeStreamOf, type Outgoing, readOutgoing, withStream } from './outgoing.ts'

/** How a streamed body ended. */
export interface StreamEnd {
  /** What its source failed by: its client's connection was cut. */
  error?: { thrown: unknown }
  /** What was sent. */
  seen: SeenBody
  /** Milliseconds. */
  durationMs: number
}

/** A stream on its way. */
export interface WatchedStream {
  /** Resolves at its first read. */
  readonly begun: Promise<void>
  /** Resolves at its end, also where its client has left. Never rejects; a stream that is not read never ends. */
  readonly ended: Promise<StreamEnd>
}

/** Milliseconds after which a body that still comes is a stream, of which no more than its beginning is kept; and its bytes. */
export const WHOLE_TIME_MS = 250
const BEGINNING_BYTES = 8192

/** By the stream that is sent, and by the responses that it is the body of. */
const watched: WeakMap<object, WatchedStream> = new WeakMap()

/** A response on its way, and its body where that is watched. */
export interface Watched {
  response: Response
  stream?: WatchedStream | undefined
}

/**
 * A response whose body is a stream of the application's, made anew around one that is watched; any other, as it is.
 * @param body its stream, where the application made it of one
 * @param maxBytes what is kept of it
 * @param isMadeOfWhole whether the new response is made of the old one: workerd's have more than status and headers. Node's
 * servers send one that is not made of another as the application's own: piece by piece
 */
export function watchStream(
  outgoing: Outgoing,
  body: ReadableStream<Uint8Array> | undefined,
  maxBytes: number,
  isMadeOfWhole: boolean,
): Watched {
  const { response } = outgoing
  const known = watched.get(response)
  // One of a class of its own has more than can be made anew.
  const isPassedOn = !known && body && !body.locked && Object.getPrototypeOf(response) === Response.prototype
  if (!isPassedOn) return { response, stream: known }
  const stream = watched.get(body)
  if (!stream) return passOn(outgoing, body, maxBytes, isMadeOfWhole)
  watched.set(response, stream)
  return { response, stream }
}

function passOn(
  outgoing: Outgoing,
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  isMadeOfWhole: boolean,
): Watched {
  const bytes = new FirstBytes()
  let started: number | undefined
  let begin = (): void => {}
  let finish: (end: StreamEnd) => void = () => {}
  const begun = new Promise<void>(resolve => {
    begin = resolve
  })
  const ended = new Promise<StreamEnd>(resolve => {
    finish = resolve
  })
  const elapsed = (): number => performance.now() - (started ?? performance.now())
  const end = (complete: boolean, error?: { thrown: unknown }): void => {
    const seen = { content: bytes.content, sizeBytes: bytes.sizeBytes, complete }
    finish({ ...(error && { error }), seen, durationMs: elapsed() })
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (started === undefined) begin()
        started ??= performance.now()
        try {
          const { done, value } = await reader.read()
          if (done) {
            end(true)
            controller.close()
          } else {
            const keptBytes = elapsed() > WHOLE_TIME_MS ? Math.min(BEGINNING_BYTES, maxBytes) : maxBytes
            if (ArrayBuffer.isView(value)) bytes.add(value, keptBytes)
            controller.enqueue(value)
          }
        } catch (thrown) {
          end(false, { thrown })
          throw thrown
        }
      },
      cancel(reason) {
        end(false)
        return reader.cancel(reason)
      },
    },
    // It asks for a piece only when it is asked for one.
    { highWaterMark: 0 },
  )
  const response = withStream(outgoing, stream, isMadeOfWhole)
  const reader = body.getReader()
  const one = { begun, ended }
  for (const sent of [response, madeStreamOf(readOutgoing(response))]) if (sent) watched.set(sent, one)
  return { response, stream: one }
}

/** Milliseconds that an event waits for a stream to be read at all, and then for its end. */
const UNREAD_STREAM_MS = 1_000
const STREAM_MS = 30_000

/** What a promise resolves with; nothing where it has not by then. */
async function resolvedWithin<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, ms, undefined)
    // A process that has nothing else to do has no stream to send.
    if (ms > UNREAD_STREAM_MS) callMember(timer, 'unref')
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** How a stream ended; nothing where it goes on, or is not read. */
export async function endOf({ begun, ended }: WatchedStream): Promise<StreamEnd | undefined> {
  const isRead = await resolvedWithin(
    Promise.race([begun, ended]).then(() => true),
    UNREAD_STREAM_MS,
  )
  return isRead ? resolvedWithin(ended, STREAM_MS) : undefined
}
