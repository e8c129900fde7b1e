/** The trace of a request, sent along with what it puts into a queue. */
import { currentScope } from '../../client/scope.ts'
import { isFunction, read } from '../../safe-read.ts'
import { TRACE_MEMBER } from './batch.ts'
import { calledOn, standInFor } from './stand-in.ts'

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * A queue's binding whose messages carry the trace id of the work that sends them: `withReplayStack` around the consumer's
 * `queue` handler gives its events that id. Queues have no place for it beside the body, so a body that is a plain object is
 * sent as a copy with one more member, `replaystack: { traceId }`, which the consumer's handler sees too. A body of any other
 * kind, or one that has that member, is sent as it is. The binding itself does not change.
 * @param handle whose trace id is sent, where the runtime has no `AsyncLocalStorage`. Default: the current scope's
 * @example
 * await traceQueue(env.ORDERS).send({ sku, quantity })
 */
export function traceQueue<Queue extends object>(
  queue: Queue,
  handle?: { readonly traceId: string | undefined },
): Queue {
  const traced = (body: unknown): unknown => {
    const traceId = (handle ?? currentScope())?.traceId
    if (!traceId || !isPlainObject(body) || TRACE_MEMBER in body || isFunction(body['toJSON'])) return body
    return { ...body, [TRACE_MEMBER]: { traceId } }
  }
  const tracedMessage = (message: unknown): unknown =>
    isPlainObject(message) ? { ...message, body: traced(message['body']) } : message
  return standInFor(queue, {
    send: method => calledOn(queue, method, ([body, ...rest]) => [traced(body), ...rest]),
    sendBatch: method =>
      calledOn(queue, method, ([messages, ...rest]) => {
        const isList = isFunction(read(messages, Symbol.iterator))
        return [isList ? Array.from(messages as Iterable<unknown>, tracedMessage) : messages, ...rest]
      }),
  })
}
