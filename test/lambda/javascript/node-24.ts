/** The runtime of Node 24: handlers return promises or values, and several may run at once. */
import {
  type Handler,
  type Invocation,
  installGlobals,
  loadHandler,
  nextInvocation,
  openResponseStream,
  postError,
  postInitError,
  postResponse,
} from './runtime-client.ts'

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

async function runBuffered(handler: Handler, { id, event, context }: Invocation): Promise<void> {
  try {
    const result = await handler(event, context)
    await nextTurn()
    await postResponse(id, result)
  } catch (error) {
    await nextTurn()
    console.error('Invoke Error', error)
    await postError(id, error)
  }
}

async function runStreaming(handler: Handler, { id, event, context }: Invocation): Promise<void> {
  const { stream, answered, isFinished, fail } = openResponseStream(id)
  try {
    const result = handler(event, stream, context)
    if (!(result instanceof Promise)) throw new Error('Streaming does not support non-async handlers.')
    await result
    await answered
    if (!isFinished()) throw new Error('Response stream is not finished.')
  } catch (error) {
    await nextTurn()
    console.error('Invoke Error', error)
    await fail(error)
  }
}

class CallbackHandlerDeprecatedError extends Error {
  override name = 'Runtime.CallbackHandlerDeprecated'
}

async function start(): Promise<(invocation: Invocation) => Promise<void>> {
  installGlobals()
  try {
    const { handler, length, isStreaming } = await loadHandler()
    if (length >= 3 && !isStreaming) {
      throw new CallbackHandlerDeprecatedError(
        'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.',
      )
    }
    const run = isStreaming ? runStreaming : runBuffered
    return invocation => run(handler, invocation)
  } catch (error) {
    await postInitError(error)
    throw error
  }
}

const run = await start()
const isConcurrent = process.env['AWS_LAMBDA_MAX_CONCURRENCY'] !== undefined
for (;;) {
  const running = run(await nextInvocation())
  if (!isConcurrent) await running
}
