/**
 * The ways to respond of Node 22 and before: a callback, the third argument, and its elder forms on the context. The work
 * is over when the first of them is called, when the promise that was returned has settled, or when nothing is left that
 * could call one: there the runtime responds with `null`.
 */
import { type AnyFunction, callMember, isFunction, isThenable, read } from '../../safe-read.ts'

/** What a response's arguments say: what failed, or what came out. */
type Answer = { thrown: unknown } | { result: unknown }

const readCallback = ([error, result]: unknown[]): Answer =>
  (error ?? undefined) === undefined ? { result } : { thrown: error }

/** The context's own ways to respond. */
const CONTEXT_ANSWERS: Readonly<Record<string, (args: unknown[]) => Answer>> = {
  done: readCallback,
  succeed: ([result]) => ({ result }),
  fail: ([error]) => ({ thrown: error }),
}

/** Milliseconds between two looks at whether anything is left to do. */
const IDLE_POLL_MS = 5

/** What a process has open at all times: its standard streams, and handles that are closing. */
const STANDING_RESOURCES = ['TTYWrap', 'PipeWrap', 'CloseReq']

/** Whether the event loop would be empty but for one timer of ours. */
function isIdle(): boolean {
  const resources = callMember(read(globalThis, 'process'), 'getActiveResourcesInfo')
  // Where nobody can say, the work is over when the handler has returned.
  if (!Array.isArray(resources)) return true
  const left = resources.filter(name => !STANDING_RESOURCES.includes(name))
  return left.length === 0 || (left.length === 1 && left[0] === 'Timeout')
}

/** Whether a handler may respond otherwise than by what it returns. */
export function hasCallback(context: unknown, third: unknown): boolean {
  return isFunction(third) || isFunction(read(context, 'succeed'))
}

/** A call of a handler that may respond by a callback. */
export interface CallbackCall {
  context: unknown
  /** The runtime's own; some middleware passes the context alone. */
  callback: AnyFunction | undefined
  /** Observes what it runs; settles when the runtime may have the response. */
  observe: (run: (handle: object) => Promise<unknown>) => unknown
  /** Calls the handler with this callback. */
  call: (callback: AnyFunction | undefined, handle: object) => unknown
}

/** Calls a handler, and passes on what it returned; its response is passed on when delivery is over. */
export function observeCallback({ context, callback, observe, call }: CallbackCall): unknown {
  let returned: unknown
  let isOpen = false
  let isAnswered = false
  const observed = observe(
    handle =>
      new Promise((resolve, reject) => {
        const through =
          (answer: AnyFunction, self: unknown, readArguments: (args: unknown[]) => Answer): AnyFunction =>
          (...args) => {
            const given = readArguments(args)
            const isFirst = !isAnswered
            isAnswered = true
            if ('thrown' in given) reject(given.thrown)
            else resolve(given.result)
            // In a turn of its own, for it may be called before `observe` has returned.
            Promise.resolve()
              .then(() => observed)
              .then(
                result =>
                  isFirst && 'result' in given && given.result !== result
                    ? args.map(arg => (arg === given.result ? result : arg))
                    : args,
                () => args,
              )
              .then(passed => Reflect.apply(answer, self, passed))
          }
        for (const [name, readArguments] of Object.entries(CONTEXT_ANSWERS)) {
          const answer = read(context, name)
          if (isFunction(answer)) Reflect.set(Object(context), name, through(answer, context, readArguments))
        }
        returned = call(callback && through(callback, undefined, readCallback), handle)
        if (isThenable(returned)) {
          // Not `resolve(returned)`: an async handler may call `context.succeed` before its promise settles.
          Promise.resolve(returned).then(settled(resolve), settled(reject))
          return
        }
        isOpen = true
        // Without a callback what was returned is the result, unless the context is yet to be called.
        if (!callback && returned !== undefined) resolve(returned)
        else resolveWhenIdle()

        /** What a promise settles to counts where nothing was called before. */
        function settled(settle: (value: unknown) => void): (value: unknown) => void {
          return value => {
            isAnswered = true
            settle(value)
          }
        }
        function resolveWhenIdle(): void {
          setTimeout(() => {
            if (isAnswered) return
            if (isIdle()) resolve(null)
            else resolveWhenIdle()
          }, IDLE_POLL_MS)
        }
      }),
  )
  return isOpen ? returned : observed
}
