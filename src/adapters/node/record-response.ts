/** A response's head and body, recorded as they pass: every call goes on with the very same arguments. */
import type { HeaderParts } from '../../observe/parts.ts'
import { callMember } from '../../safe-read.ts'
import { BodyRecord } from './body-record.ts'
import { defineOwn, type NodeResponse, responseHeaders, wrapOwn } from './message.ts'
import { givenHeaders, headerEntries, TRACE_HEADER, withTraceHeader } from './response-head.ts'

/** What passed of a response. */
export class ResponseRecord {
  /** Its body; none where nothing was written, or it is not recorded. */
  body: BodyRecord | undefined
  #given: Record<string, unknown> = {}
  /** A call on its way: HTTP/2's `end` calls `write`, whose bytes have been seen. */
  #inside = false
  #held = false
  readonly #response: NodeResponse
  readonly #traceId: string
  readonly #maxBytes: number | undefined

  /**
   * @param maxBytes what is kept of its body; `undefined` for one that is not recorded
   * @param ending called when the response is about to end; what it answers is waited for
   */
  constructor(
    response: NodeResponse,
    traceId: string,
    maxBytes: number | undefined,
    ending: () => Promise<void> | undefined,
  ) {
    this.#response = response
    this.#traceId = traceId
    this.#maxBytes = maxBytes
    wrapOwn(response, 'writeHead', (method, self, args) =>
      this.#writeHead(args, given => Reflect.apply(method, self, given)),
    )
    wrapOwn(response, 'flushHeaders', (method, self, args) => {
      this.#identify()
      return Reflect.apply(method, self, args)
    })
    wrapOwn(response, 'write', (method, self, args) => this.#write(args, () => Reflect.apply(method, self, args)))
    wrapOwn(response, 'end', (method, self, args) => {
      return this.#end(args, () => Reflect.apply(method, self, args), ending)
    })
  }

  /** The headers that were set, and those that `writeHead` alone was given: Node does not keep these. */
  get headers(): HeaderParts {
    return { ...responseHeaders(this.#response), ...this.#given }
  }

  #writeHead(args: unknown[], call: (args: unknown[]) => unknown): unknown {
    if (this.#response.headersSent) return call(args)
    const isIdentified = callMember(this.#response, 'hasHeader', TRACE_HEADER) === true
    const identified = isIdentified ? args : withTraceHeader(args, this.#traceId)
    if (!identified) this.#identify()
    const result = call(identified ?? args)
    const { headers } = givenHeaders(identified ?? args)
    for (const [name, value] of headerEntries(headers)) {
      const key = name.toLowerCase()
      const known = this.#given[key]
      // A list repeats a name to send it twice.
      this.#given[key] = Array.isArray(headers) && known !== undefined ? [known, value].flat() : value
    }
    return result
  }

  #write(args: readonly unknown[], call: () => unknown): unknown {
    // After its end, as far as the application knows.
    if (this.#held) return false
    this.#note(args)
    return this.#pass(call)
  }

  #end(args: readonly unknown[], call: () => unknown, ending: () => Promise<void> | undefined): unknown {
    const response = this.#response
    if (this.#held) return response
    this.#note(args)
    const [chunk] = args
    // What `end` refuses, it refuses now.
    const isRefused =
      response.writableEnded || (Object(chunk) === chunk && typeof chunk !== 'function' && !ArrayBuffer.isView(chunk))
    const waiting = this.#inside || isRefused ? undefined : ending()
    if (!waiting) return this.#pass(call)
    this.#hold(true)
    waiting
      .then(() => {
        this.#hold(false)
        this.#pass(call)
      })
      .catch((thrown: unknown) => callMember(response, 'destroy', thrown))
    return response
  }

  /** While its end is held back, a response says that it has ended. */
  #hold(held: boolean): void {
    this.#held = held
    for (const name of ['headersSent', 'writableEnded']) {
      if (held) defineOwn(this.#response, name, { value: true })
      else Reflect.deleteProperty(this.#response, name)
    }
  }

  /** Calls on, and hears nothing of what that calls in turn. */
  #pass(call: () => unknown): unknown {
    const outer = this.#inside
    this.#inside = true
    try {
      return call()
    } finally {
      this.#inside = outer
    }
  }

  #note([chunk, encoding]: readonly unknown[]): void {
    if (this.#inside) return
    this.#identify()
    if (this.#maxBytes === undefined || this.#response.writableEnded) return
    if (typeof chunk !== 'string' && !ArrayBuffer.isView(chunk)) return
    this.body ??= new BodyRecord(this.headers, this.#maxBytes)
    this.body.add(chunk, encoding)
  }

  /** Sets the trace id when the head is about to leave: until then, the application may set its own. */
  #identify(): void {
    if (this.#response.headersSent || callMember(this.#response, 'hasHeader', TRACE_HEADER) === true) return
    callMember(this.#response, 'setHeader', TRACE_HEADER, this.#traceId)
  }
}
