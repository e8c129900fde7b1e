/** Ships events that another queue keeps until they are delivered: one attempt each, for that queue does the rest. */
import { type Outcome, postEvents } from './attempt.ts'
import { type Receiver, sendTogether } from './batch.ts'
import type { DeliverySettings } from './delivery.ts'
import type { ReplayStackError } from './error.ts'
import { Queue, type QueuedEvent } from './queue.ts'
import { refusesSender } from './retry.ts'
import type { Clock } from './transport.ts'

/** A wrong key or endpoint is no event's fault: the queue keeps the event until it is put right. */
const kept = (outcome: Outcome): Outcome =>
  outcome.verdict === 'rejected' && refusesSender(outcome.error.status)
    ? { verdict: 'failed', error: outcome.error }
    : outcome

/**
 * Calls `tell` with what became of each event. After an attempt that failed no other is made: what is left has failed too,
 * for the same reason.
 */
export async function shipEvents(
  events: readonly QueuedEvent[],
  settings: DeliverySettings,
  clock: Clock,
  tell: (event: QueuedEvent, outcome: Outcome) => void,
): Promise<void> {
  const queue = new Queue(Number.POSITIVE_INFINITY)
  queue.put(events)
  const receiver: Receiver = { takesBatches: true }
  let failure: Outcome | undefined
  let reported: ReplayStackError | undefined
  let refused = 0
  const conclude = (event: QueuedEvent, given: Outcome): void => {
    const outcome = kept(given)
    if (outcome.verdict === 'delivered') settings.log?.('sent', event)
    else {
      if (outcome.error !== reported) settings.onError(outcome.error)
      reported = outcome.error
      if (outcome.verdict === 'failed') {
        failure = outcome
        settings.log?.('given back', event, outcome.error.message)
      } else {
        settings.log?.('dropped', event, 'rejected')
        settings.onDrop(event, 'rejected', ++refused)
      }
    }
    tell(event, outcome)
  }
  const claim = () => queue.claimWaiting(settings.batchMaxEvents, 0, Number.POSITIVE_INFINITY)
  for (let next = claim(); next; next = claim()) {
    const batch = [...next.events]
    if (failure) for (const event of batch) conclude(event, failure)
    else {
      await sendTogether(batch, receiver, posted => postEvents(posted, settings, settings.timeoutMs, clock), conclude)
    }
  }
}
