/** The runtime of Node 20, the last whose handlers may call a callback: an invocation is over when nothing is left to do. */
import {
  type Handler,
  type Invocation,
  installGlobals,
  loadHandler,
  nextInvocation,
  openResponseStream,
  postError,
  postResponse,
} from './runtime-client.ts'

/** What happens when the event loop is empty. */
let whenIdle = (): void => {}
process.on('beforeExit', () => whenIdle())

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof Reflect.get(Object(value), 'then') === 'function'

function runBuffered(handler: Handler, { id, event, context }: Invocation): Promise<void> {
  return new Promise(over => {
    let isOver = false
    const finish = (error: unknown, result?: unknown): void => {
      if (isOver) return
      isOver = true
      whenIdle = () => {}
      const isFailure = error !== undefined && error !== null
      if (isFailure) console.error('Invoke Error', error)
      ;(isFailure ? postError(id, error) : postResponse(id, result)).then(over)
    }
    const whole = {
      callbackWaitsForEmptyEventLoop: true,
      ...context,
      xRayTraceId: undefined,
      done: finish,
      succeed: (result: unknown) => finish(null, result),
      fail: (error: unknown) => finish(error ?? 'handled'),
    }
    const callback = (error: unknown, result?: unknown): void => {
      const waits = (error === undefined || error === null) && whole.callbackWaitsForEmptyEventLoop
      if (waits) whenIdle = () => setImmediate(finish, null, result)
      else finish(error, result)
    }
    // One that neither calls back nor returns a promise answers nothing.
    whenIdle = () => finish(null, null)
    try {
      const result = handler(event, whole, callback)
      if (isThenable(result)) result.then(whole.succeed, whole.fail)
    } catch (error) {
      callback(error)
    }
  })
}

async function runStreaming(handler: Handler, { id, event, context }: Invocation): Promise<void> {
  const { stream, answered, isFinished, fail } = openResponseStream(id)
  try {
    const result = handler(event, stream, { callbackWaitsForEmptyEventLoop: true, ...context, xRayTraceId: undefined })
    if (!isThenable(result)) throw 'Streaming does not support non-async handlers.'
    await result
    await answered
    if (!isFinished()) throw 'Response stream is not finished.'
  } catch (error) {
    console.error('Invoke Error', error)
    await fail(error)
  }
}

installGlobals()
const { handler, isStreaming } = await loadHandler()
const run = isStreaming ? runStreaming : runBuffered
for (;;) await run(handler, await nextInvocation())
