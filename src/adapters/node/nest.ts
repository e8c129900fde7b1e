/** Nest on Node, by what its interceptors and filters are made of: nothing of Nest or RxJS is imported. */
import type { IncomingMessage } from 'node:http'
import { currentScope, type Scope } from '../../client/scope.ts'
import { callMember, isFunction, read } from '../../safe-read.ts'
import type { AdapterConfiguration } from '../../types.ts'
import { nodeSetup } from './flusher.ts'
import { isNodeRequest, isNodeResponse, type NodeRequest } from './message.ts'
import { recorderOf } from './middleware.ts'
import { noticeError } from './visit.ts'

/** What is read of Nest's `ExecutionContext` and `ArgumentsHost`. */
export interface NestContext {
  /** `http`, `graphql`, `ws` or `rpc`. */
  getType(): string
  /** The arguments of a controller. */
  switchToHttp(): {
    /** Express's request, or Fastify's around Node's. */
    getRequest(): unknown
    /** Express's response, or Fastify's reply around Node's. */
    getResponse(): unknown
  }
}

/** Nest's `CallHandler`. */
export interface NestCallHandler<Result> {
  /** The stream of what the controller returns. */
  handle(): Result
}

/** An interceptor, as Nest knows one. */
export interface ReplayStackNestInterceptor {
  /** Records an HTTP request; GraphQL, WebSocket and microservice contexts pass through. */
  intercept<Result>(context: NestContext, next: NestCallHandler<Result>): Result
}

/** A filter, as Nest knows one. */
export interface ReplayStackNestExceptionFilter {
  /** Throws the exception on. Nest never calls it. */
  catch(exception: unknown, host: NestContext): never
}

/** An RxJS observable, by what is called here. */
interface ObservableLike {
  subscribe(observer: { next(value: unknown): void; error(thrown: unknown): void; complete(): void }): unknown
}

const isObservable = (value: unknown): value is ObservableLike => isFunction(read(value, 'subscribe'))

/** The same stream, made by its own class; `watch` is called with what it fails with. */
function watchErrors<Result>(stream: Result, watch: (thrown: unknown) => void): Result {
  const Observable: unknown = read(stream, 'constructor')
  if (!isObservable(stream) || !isFunction(Observable)) return stream
  const subscribe = (subscriber: Parameters<ObservableLike['subscribe']>[0]): unknown =>
    stream.subscribe({
      next: value => subscriber.next(value),
      error(thrown) {
        watch(thrown)
        subscriber.error(thrown)
      },
      complete: () => subscriber.complete(),
    })
  const watched: Result = Reflect.construct(Observable, [subscribe])
  return watched
}

/**
 * An interceptor that records each HTTP request from where it reaches its controller, with what the controller throws. What
 * guards refuse comes before any interceptor: `app.use(replaystack())` of `…/node` records that too, and a request that
 * passes both is one event. GraphQL, WebSocket and microservice contexts pass through.
 * @param options the client's and the adapter's, or a function that makes them from `process.env`
 * @throws {TypeError} naming an option that is wrong
 * @example
 * app.useGlobalInterceptors(createReplayStackNestInterceptor())
 */
export function createReplayStackNestInterceptor<Request extends NodeRequest = IncomingMessage>(
  options?: AdapterConfiguration<Request>,
): ReplayStackNestInterceptor {
  const setupFor = nodeSetup(options)
  // An interceptor has to call its handler at once: tapes are played back by middleware.
  const recorder = recorderOf(() => ({ ...setupFor(), findReplay: undefined }))
  return {
    intercept<Result>(context: NestContext, next: NestCallHandler<Result>): Result {
      if (callMember(context, 'getType') !== 'http') return next.handle()
      const http = callMember(context, 'switchToHttp')
      const [request, response] = ['getRequest', 'getResponse'].map(name => {
        const given = callMember(http, name)
        return read(given, 'raw') ?? given
      })
      if (!isNodeRequest(request) || !isNodeResponse(response)) return next.handle()
      let begun: { stream: Result; scope: Scope | undefined } | undefined
      // Nest binds what runs in the controller to where `handle` is called: in the request's scope.
      recorder(request, response, () => {
        begun = { scope: currentScope(), stream: next.handle() }
      })
      if (!begun) return next.handle()
      const { scope, stream } = begun
      return watchErrors(stream, thrown => noticeError(scope, thrown))
    },
  }
}

/** Where Nest keeps which exceptions a filter is for. */
const CATCHES = '__filterCatchExceptions__'

/**
 * A filter that sees what is thrown on the way of a recorded request, by guards, pipes and controllers, and leaves it to
 * Nest and to the application's own filters: it is for no exception at all, and looks at each when Nest asks whether it is
 * for that one. An exception counts where the response says so, by a status from 400 up: what a GraphQL resolver throws
 * leaves its request as it is. Something else records the request: `app.use(replaystack())` of `…/node`, or the interceptor.
 * @param _options as the interceptor's; what records the request decides
 * @example
 * app.useGlobalFilters(createReplayStackNestExceptionFilter())
 */
export function createReplayStackNestExceptionFilter<Request extends NodeRequest = IncomingMessage>(
  _options?: AdapterConfiguration<Request>,
): ReplayStackNestExceptionFilter {
  class ReplayStackExceptionFilter implements ReplayStackNestExceptionFilter {
    catch(exception: unknown): never {
      throw exception
    }
  }
  const none = {
    [Symbol.hasInstance](exception: unknown): boolean {
      noticeError(currentScope(), exception)
      return false
    },
  }
  // As Nest's `@Catch(…)` does, by the `reflect-metadata` that Nest has loaded.
  callMember(Reflect, 'defineMetadata', CATCHES, [none], ReplayStackExceptionFilter)
  return new ReplayStackExceptionFilter()
}
