/** One request on its way through a server: from where it is met until its response has gone, or its connection has. */

import { onWorkers, runInScope, type Scope } from '../../client/scope.ts'
import { ambientContext } from '../../observe/keep-alive.ts'
import { type Beginning, begin, observe } from '../../observe/lifecycle.ts'
import { type HeaderParts, partsEnding, partsWork, type SeenBody } from '../../observe/parts.ts'
import { markRecorded } from '../../observe/recorded-errors.ts'
import type { Setup } from '../../observe/setup.ts'
import type { Ending, Work } from '../../observe/work.ts'
import { callMember, hasWaitUntil, isFunction, read } from '../../safe-read.ts'
import type { WaitUntilLike } from '../../types.ts'
import { describeRequest, nextRoute, watchRoute } from './describe-request.ts'
import { defineOwn, type NodeRequest, type NodeResponse, wrapOwn } from './message.ts'
import { type RequestPayload, recordRequest } from './record-request.ts'
import { ResponseRecord } from './record-response.ts'
import { whenClosed } from './socket-close.ts'

/** Milliseconds after which what a handler threw counts as answered by nobody. A framework around it answers sooner. */
const ANSWER_GRACE_MS = 1_000

/** For what its client did not wait for: the log files' own number, as no response has one. */
const CLIENT_CLOSED_REQUEST = 499

/** Whether a request's socket is one: bridges from other hosts make requests that have come by none. unenv's are marked. */
const isConnection = (socket: unknown): boolean =>
  isFunction(read(socket, 'connect')) && read(socket, '__unenv__') === undefined

/** What keeps a Worker alive whose `node:http` server is its handler, or a Vercel function: the request's own context. */
function findContext(): WaitUntilLike | undefined {
  const workers = onWorkers() ? callMember(process, 'getBuiltinModule', 'cloudflare:workers') : undefined
  return hasWaitUntil(workers) ? workers : ambientContext()
}

/** By request. */
const visits: WeakMap<object, Visit> = new WeakMap()

/** By the scope that a recorded request runs in. */
const visitsByScope: WeakMap<Scope, Visit> = new WeakMap()

/** Something was thrown on the way of the request that runs in `scope`; whether it is its error, its response tells. */
export function noticeError(scope: Scope | undefined, thrown: unknown): void {
  if (scope) visitsByScope.get(scope)?.notice(thrown)
}

/** The visit of a request; the first who asks begins it. None for a request that cannot be read. */
export function enter(setup: Setup, request: NodeRequest, response: NodeResponse): Visit | undefined {
  let visit = visits.get(request)
  if (visit?.isOf(response)) return visit
  visit = undefined
  const { pipeline } = setup
  pipeline.attempt('meet a request', () => {
    visit = new Visit(setup, request, response)
    // A client that captures nothing decides for itself alone.
    if (pipeline.settings.enabled) visits.set(request, visit)
  })
  return visit
}

export class Visit {
  readonly beginning: Beginning
  #ended = false
  #error: { thrown: unknown } | undefined
  /** What was thrown and is an error if the response says so. */
  #noticed: { thrown: unknown } | undefined
  /** What its body failed by. */
  #failed: { thrown: unknown } | undefined
  /** No response tells of an error that came when the head had left. */
  #untold = false
  #requestPayload: RequestPayload | undefined
  #record: ResponseRecord | undefined
  #routeOf: () => string | undefined = () => undefined
  #unsubscribe: () => void = () => {}
  readonly #setup: Setup
  readonly #request: NodeRequest
  readonly #response: NodeResponse
  readonly #work: Work

  constructor(setup: Setup, request: NodeRequest, response: NodeResponse) {
    this.#setup = setup
    this.#request = request
    this.#response = response
    this.#work = this.#describe()
    this.beginning = begin(setup, this.#work)
    const { scope, handle, recorded } = this.beginning
    defineOwn(request, 'replaystack', { value: handle, writable: true })
    if (!setup.pipeline.settings.enabled) return
    // Node emits from where the connection was accepted: what listens would be outside any scope.
    for (const message of [request, response]) {
      wrapOwn(message, 'emit', (emit, self, args) => runInScope(scope, () => Reflect.apply(emit, self, args)))
    }
    if (!recorded) return
    visitsByScope.set(scope, this)
    this.#listen(handle.traceId ?? '')
  }

  #listen(traceId: string): void {
    const request = this.#request
    const response = this.#response
    const { captureRequestBody, captureResponseBody, pipeline } = this.#setup
    const { maxPayloadSizeBytes: maxBytes, asyncSend } = pipeline.settings
    this.#routeOf = watchRoute(request)
    if (captureRequestBody) this.#requestPayload = recordRequest(request, maxBytes)
    this.#record = new ResponseRecord(response, traceId, captureResponseBody ? maxBytes : undefined, () =>
      asyncSend ? undefined : this.#end(response.statusCode),
    )
    const isFinished = (): boolean => read(response, 'writableFinished') === true
    callMember(response, 'once', 'finish', () => this.#finish(this.#wasCut))
    // unenv's response has closed before it says that it has finished.
    callMember(response, 'once', 'close', () => this.#finish(!isFinished() || this.#wasCut))
    // Nor has it finished where a stream is left in it: then it is taken apart when its answer has been made.
    if (read(response, '__unenv__') !== undefined) {
      wrapOwn(response, 'destroy', (destroy, self, args) => {
        callMember(response, 'flushHeaders')
        this.#end(response.statusCode)
        return Reflect.apply(destroy, self, args)
      })
    }
    // Met when all was over, by an error that came late.
    if (isFinished() || read(response, 'destroyed') === true) {
      setImmediate(() => this.#finish(!response.writableEnded))
    }
    const socket = read(request, 'socket')
    // A pipelined request that waits for those before it hears nothing of its connection's end.
    if (read(response, 'socket') === null && typeof socket === 'object' && socket !== null) {
      this.#unsubscribe = whenClosed(socket, () => this.#finish(true))
    }
  }

  /** Whether `response` is what this visit waits for: a request whose visit is over may be handed on with another. */
  isOf(response: NodeResponse): boolean {
    return response === this.#response || !this.#ended
  }

  /** Runs `run` in the request's scope; what it throws is recorded and rethrown, the same object. */
  run(run: () => unknown): unknown {
    const { scope, recorded } = this.beginning
    if (!recorded || this.#ended) return runInScope(scope, run)
    const answerThrown = (thrown: unknown): undefined => {
      this.threw(thrown)
      markRecorded(thrown)
      // A process that dies of it still has its event.
      setTimeout(() => {
        if (!this.#response.headersSent) this.#end(500)
      }, ANSWER_GRACE_MS).unref()
    }
    return observe(this.#setup, { ...this.#work, answerThrown }, run, result => ({ result }))
  }

  /** Something was thrown on the way, and somebody may make a good response of it. */
  notice(thrown: unknown): void {
    this.#noticed = { thrown }
  }

  /** Something was thrown on the way. Where the event has left already, it becomes one of its own. */
  threw(thrown: unknown): void {
    if (!this.beginning.recorded || (this.#error && this.#error.thrown === thrown)) return
    if (!this.#error) {
      this.#error = { thrown }
      this.#untold = this.#response.headersSent
    }
    if (!this.#ended) return
    const { eventType, method, endpoint } = this.#work
    this.beginning.handle.captureException(thrown, { eventType, method, endpoint }).catch(() => {})
  }

  /** Whether a response that says to have finished was cut off: HTTP/2's says so even when its client has reset it. */
  get #wasCut(): boolean {
    return !this.#response.writableEnded || Number(read(this.#response, 'stream', 'rstCode')) > 0
  }

  /** What the application has cut its response off by: `destroy(error)`, or the source of a `pipeline` that failed. */
  get #cause(): unknown {
    const error = read(this.#response, 'errored') ?? undefined
    const socket = read(this.#request, 'socket')
    // Where the client has left, the connection's error is another, or none.
    if (error !== undefined) return !isConnection(socket) || read(socket, 'errored') === error ? error : undefined
    const streamError = read(this.#response, 'stream', 'errored') ?? undefined
    return String(read(streamError, 'code')).startsWith('ERR_HTTP2_') ? undefined : streamError
  }

  #finish(cut: boolean): void {
    const { headersSent, statusCode } = this.#response
    const thrown = cut ? this.#cause : undefined
    if (thrown !== undefined && !this.#ended) {
      this.threw(thrown)
      this.#failed = this.#error
    }
    if (headersSent || !cut) this.#end(statusCode, cut)
    // The answer to an upgrade goes past the response.
    else if (read(this.#request, 'upgrade') === true) this.#end(101)
    else this.#end(this.#error ? 500 : CLIENT_CLOSED_REQUEST, true)
  }

  #end(statusCode: number, aborted = false): Promise<void> | undefined {
    if (this.#ended) return undefined
    this.#ended = true
    this.#unsubscribe()
    if (statusCode >= 400) this.#error ??= this.#noticed
    let ending: Ending = { statusCode }
    this.#setup.pipeline.attempt('read the response', () => {
      ending = this.#tell(statusCode, aborted)
    })
    const hasNoResponse = this.#error !== undefined && !this.#response.headersSent
    return this.beginning.end({ ...ending, error: this.#error, hasNoResponse })
  }

  #tell(statusCode: number, aborted: boolean): Ending {
    const { headers = {}, body } = this.#record ?? {}
    const route = this.#routeOf() ?? nextRoute(this.#request, this.#response)
    const metadata = { ...(route && { route }), ...(aborted && !this.#failed && { aborted }) }
    const told = partsEnding({ statusCode, headers }, this.#setup)
    const fields = { ...told.fields, metadata, ...(this.#untold && { status: 'failed' as const }) }
    const isEmpty = this.#work.method === 'HEAD' || statusCode < 200 || statusCode === 204 || statusCode === 304
    if (!body || isEmpty) return { statusCode, fields }
    body.complete = !aborted
    if (this.#failed) body.error = this.#failed
    const show = (seen: SeenBody, headers: HeaderParts) =>
      partsEnding({ statusCode, headers, body: () => seen }, this.#setup).payload?.()
    return { statusCode, fields, payload: () => body.payload(show) }
  }

  #describe(): Work {
    const parts = describeRequest(this.#request)
    const work = partsWork(parts, this.#setup)
    const show = (seen: SeenBody, headers: HeaderParts) =>
      partsWork({ ...parts, headers, body: () => seen }, this.#setup)
        .describe?.()
        .payload?.()
    // A bridge from another host, from Lambda for one, makes a request that has come by no connection: it is that host's.
    const isMade = !isConnection(read(this.#request, 'socket')) && read(this.#request, 'stream') === undefined
    return {
      ...work,
      isOwn: !isMade,
      waitUntil: findContext(),
      describe: () => ({ ...work.describe?.(), payload: async () => this.#requestPayload?.(show) }),
    }
  }
}
