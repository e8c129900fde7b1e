/** Batches of a Cloudflare Queue: one event each. */

import { isRelayed } from '../../client/relay.ts'
import { observe } from '../../observe/lifecycle.ts'
import { partsTraceId } from '../../observe/parts.ts'
import type { EventStatus } from '../../types.ts'
import { type Message, SettledBatch, sentTraceId } from './batch.ts'
import { type Invocation, membersOf } from './invocation.ts'

/** The members of Cloudflare's `MessageBatch` that are read. */
interface MessageBatch {
  queue: string
  messages: readonly Message[]
}

/** By which a batch is no success, the worst first. */
const STATUSES: readonly (readonly [outcome: string, status: EventStatus])[] = [
  ['dead-letter', 'failed'],
  ['retry', 'warning'],
]

/** Records a batch, but for one of `queueTransport`'s: its event would come back through the same queue, for ever. */
export function observeQueue(invocation: Invocation): unknown {
  const { setup, args, ctx, metadata, run, maxRetries } = invocation
  const [batch] = args
  const { queue = 'queue', messages: list } = membersOf<MessageBatch>(batch)
  const messages: readonly Message[] = Array.isArray(list) ? list : []
  if (messages.length > 0 && messages.every(message => isRelayed(message.body))) return run()
  const settled = new SettledBatch(Object(batch), messages)
  if (messages.length > 0) args[0] = settled.standIn
  let returned = false
  const isRepeated = (message: Message): boolean => {
    const disposition = settled.dispositionOf(message)
    return disposition === 'retry' || (disposition === 'implicit' && !returned)
  }
  const outcomeOf = (message: Message): string => {
    const most = maxRetries?.[queue] ?? Number.POSITIVE_INFINITY
    return isRepeated(message) && message.attempts > most ? 'dead-letter' : settled.dispositionOf(message)
  }
  const traceIds = messages.map(sentTraceId)
  const describe = () => ({
    fields: { metadata: { ...metadata?.(), batchSize: messages.length } },
    payload: () => {
      const kept = setup.captureRequestBody === 'failed' ? messages.filter(isRepeated) : messages
      return { messages: kept.map(({ id, timestamp, attempts, body }) => ({ id, timestamp, attempts, body })) }
    },
    lateMetadata: async () => ({
      messages: messages.map((message, place) => {
        const { id, attempts } = message
        return { id, attempts, outcome: outcomeOf(message), ...(traceIds[place] && { traceId: traceIds[place] }) }
      }),
    }),
  })
  const work = {
    eventType: 'queue',
    endpoint: queue,
    waitUntil: ctx,
    // A batch of several traces is a trace of its own.
    traceId: () => (new Set(traceIds).size === 1 ? partsTraceId({ 'x-trace-id': traceIds[0] }) : undefined),
    describe: () => {
      const { payload, ...rest } = describe()
      return setup.captureRequestBody ? { ...rest, payload } : rest
    },
  } as const
  return observe(setup, work, run, result => {
    returned = true
    const outcomes = messages.map(outcomeOf)
    const [, status] = STATUSES.find(([outcome]) => outcomes.includes(outcome)) ?? []
    return { result, fields: status ? { status } : {} }
  })
}
