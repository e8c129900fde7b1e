/** Events that leave together, and what becomes of each. */
import type { Outcome, PostOutcome } from './attempt.ts'
import type { QueuedEvent } from './queue.ts'
import { lacksBulk, refusesSender } from './retry.ts'

/** What is known of the receiver: plain data, for it serves every request. */
export interface Receiver {
  /** Whether it takes batches; so it is thought until it says no. */
  takesBatches: boolean
}

/**
 * Sends events in one POST. Where the batch as a whole is refused, or the receiver takes none, each goes by itself: a wrong
 * event keeps no other out. The first failure then is that of all the rest, and so is a refusal that is meant for whoever
 * sends.
 * @param attempt one POST
 * @param tell is called with the outcome of each event, in their order
 */
export async function sendTogether(
  events: readonly QueuedEvent[],
  receiver: Receiver,
  attempt: (events: readonly QueuedEvent[]) => Promise<PostOutcome>,
  tell: (event: QueuedEvent, outcome: Outcome) => void,
): Promise<void> {
  let whole: PostOutcome | undefined
  if (events.length === 1 || receiver.takesBatches) {
    whole = await attempt(events)
    const status = whole.verdict === 'rejected' && events.length > 1 ? whole.error.status : undefined
    if (lacksBulk(status)) receiver.takesBatches = false
    if (status !== undefined && (lacksBulk(status) || !refusesSender(status))) whole = undefined
  }
  for (const [index, event] of events.entries()) {
    const outcome: PostOutcome = whole ?? (await attempt([event]))
    if (outcome.verdict === 'taken') tell(event, outcome.of(whole ? index : 0))
    else {
      tell(event, outcome)
      if (outcome.verdict === 'failed' || refusesSender(outcome.error.status)) whole = outcome
    }
  }
}
