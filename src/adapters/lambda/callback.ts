/**
 * The ways to answer of Node 22 and before: a callback, the third argument, and its elder forms on the context. The work
 * is over when the first of them is called, or when the promise that was returned has settled.
 */
import { type AnyFunction, isFunction, isThenable, read } from '../../safe-read.ts'

/** What an answer's arguments say: what failed, or what came out. */
type Answer = { thrown: unknown } | { result: unknown }

const readCallback = ([error, result]: unknown[]): Answer =>
  (error ?? undefined) === undefined ? { result } : { thrown: error }

/** The context's own ways to answer. */
const CONTEXT_ANSWERS: Readonly<Record<string, (args: unknown[]) => Answer>> = {
  done: readCallback,
  succeed: ([result]) => ({ result }),
  fail: ([error]) => ({ thrown: error }),
}

/** A call of a handler that may answer by a callback. */
export interface CallbackCall {
  context: unknown
  /** The runtime's own. */
  callback: AnyFunction
  /** Whether work that neither returned a promise nor was answered is over when it has returned. */
  endsAtReturn: boolean
  /** Observes what it runs; settles when the runtime may have the answer. */
  observe: (run: (handle: object) => Promise<unknown>) => unknown
  /** Calls the handler with this callback. */
  call: (callback: AnyFunction, handle: object) => unknown
}

/** Calls a handler, and passes on what it returned; its answer is passed on when delivery is over. */
export function observeCallback({ context, callback, endsAtReturn, observe, call }: CallbackCall): unknown {
  let returned: unknown
  let isOpen = false
  const observed = observe(
    handle =>
      new Promise((resolve, reject) => {
        const through =
          (answer: AnyFunction, self: unknown, readArguments: (args: unknown[]) => Answer): AnyFunction =>
          (...args) => {
            const given = readArguments(args)
            if ('thrown' in given) reject(given.thrown)
            else resolve(given.result)
            // In a turn of its own, for it may be called before `observe` has returned.
            Promise.resolve()
              .then(() => observed)
              .then(
                result => args.map(arg => ('result' in given && arg === given.result ? result : arg)),
                () => args,
              )
              .then(passed => Reflect.apply(answer, self, passed))
          }
        for (const [name, readArguments] of Object.entries(CONTEXT_ANSWERS)) {
          const answer = read(context, name)
          if (isFunction(answer)) Reflect.set(Object(context), name, through(answer, context, readArguments))
        }
        returned = call(through(callback, undefined, readCallback), handle)
        isOpen = !isThenable(returned)
        if (!isOpen || endsAtReturn) resolve(returned)
      }),
  )
  return isOpen ? returned : observed
}
