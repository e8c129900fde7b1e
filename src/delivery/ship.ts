/** Ships events that another queue keeps until they are delivered: one attempt each, for that queue does the rest. */
import { type AttemptOutcome, attemptDelivery } from './attempt.ts'
import type { Clock } from './clock.ts'
import type { DeliverySettings } from './delivery.ts'
import { Queue, type QueuedEvent } from './queue.ts'
import { refusesSender } from './retry.ts'

/** In POSTs of as many as are allowed, and as fit. */
function inBatches(events: readonly QueuedEvent[], count: number): (readonly QueuedEvent[])[] {
  const queue = new Queue(Number.POSITIVE_INFINITY)
  queue.put(events)
  const batches: (readonly QueuedEvent[])[] = []
  const claim = () => queue.claimWaiting(count, 0, Number.POSITIVE_INFINITY)
  for (let next = claim(); next; next = claim()) batches.push(next.events)
  return batches
}

/**
 * Tells of each event what became of it. After an attempt that failed no other is made: what is left has failed too,
 * for the same reason. A batch that is refused may be so for one event: then each goes by itself.
 */
export async function shipEvents(
  events: readonly QueuedEvent[],
  settings: DeliverySettings,
  clock: Clock,
  tell: (event: QueuedEvent, outcome: AttemptOutcome) => void,
): Promise<void> {
  const batches = inBatches(events, settings.batchMaxEvents)
  let failure: AttemptOutcome | undefined
  let refused = 0
  // The list grows while it is walked: what a refused batch held comes last.
  for (const batch of batches) {
    let outcome = failure ?? (await attemptDelivery(batch, settings, settings.timeoutMs, clock))
    if (outcome.verdict === 'rejected' && refusesSender(outcome.error.status)) {
      // A wrong key or endpoint is no event's fault: the queue keeps them until it is put right.
      outcome = { verdict: 'failed', error: outcome.error }
    } else if (outcome.verdict === 'rejected' && batch.length > 1) {
      batches.push(...batch.map(event => [event]))
      continue
    }
    if (outcome.verdict !== 'delivered' && outcome !== failure) settings.onError(outcome.error)
    if (outcome.verdict === 'failed') failure = outcome
    for (const event of batch) {
      if (outcome.verdict === 'delivered') settings.log('sent', event)
      else if (outcome.verdict === 'failed') settings.log('given back', event, outcome.error.message)
      else {
        settings.log('dropped', event, 'rejected')
        settings.onDrop(event, 'rejected', ++refused)
      }
      tell(event, outcome)
    }
  }
}
