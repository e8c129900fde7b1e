/** One call of a wrapped handler. */
import { Hold } from '../../observe/keep-alive.ts'
import { observe } from '../../observe/lifecycle.ts'
import type { Setup } from '../../observe/setup.ts'
import { withHandle } from '../../observe/wrap.ts'
import { isFunction, isThenable } from '../../safe-read.ts'
import { type ReadArrival, unreadableArrival } from './arrival.ts'
import { hasCallback, observeCallback } from './callback.ts'
import type { Invocation } from './invocation.ts'
import { isResponseStream } from './response-stream.ts'

/** A handler's call: its arguments, and how it is made. */
export interface HandlerCall {
  args: readonly unknown[]
  coldStart: boolean
  call: (args: readonly unknown[]) => unknown
  readArrival: ReadArrival
}

/** The third place is the callback's, also where there is none. */
const handleLast = (args: readonly unknown[], handle: object): unknown[] => withHandle({ length: 0 }, args, handle)

export function observeHandler(setup: Setup, { args, coldStart, call, readArrival }: HandlerCall): unknown {
  const [event, second, third, ...rest] = args
  const stream = isResponseStream(second) ? second : undefined
  const context = stream ? third : second
  const invocation: Invocation = { event, context, hold: new Hold(), coldStart }
  const arrival = setup.pipeline.attempt('read what arrived', () => readArrival(invocation, stream, setup))
  const { work, conclude } = arrival ?? unreadableArrival(invocation, setup)
  if (!stream && hasCallback(context, third)) {
    return observeCallback({
      context,
      callback: isFunction(third) ? third : undefined,
      observe: run => observe(setup, work, run, conclude),
      call: (callback, handle) => call(handleLast(callback ? [event, context, callback, ...rest] : args, handle)),
    })
  }
  let returned: unknown
  let isSync = false
  const observed = observe(
    setup,
    work,
    handle => {
      returned = call(handleLast(args, handle))
      isSync = !isThenable(returned)
      return isSync ? returned : Promise.resolve(returned)
    },
    conclude,
  )
  // The runtime refuses a streaming handler that is not async: a promise of ours must not make it one.
  return stream && isSync ? returned : observed
}
