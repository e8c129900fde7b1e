/** A batch of a queue as its handler gets it: one that remembers what becomes of each message. */
import { read } from '../../safe-read.ts'
import { calledOn, type Members, standInFor } from './stand-in.ts'

/** The members of Cloudflare's `Message` that are read. */
export interface Message {
  id: string
  timestamp: Date
  /** Deliveries so far, this one included. */
  attempts: number
  body: unknown
}

/** What the handler did with a message; `implicit`: nothing, so the end of the handler decides. */
export type Disposition = 'ack' | 'retry' | 'implicit'

/** A batch, and what its handler does with its messages. */
export class SettledBatch {
  /** What the handler is called with in place of the batch. */
  readonly standIn: object
  /** For all that have no disposition of their own. */
  #all: Disposition = 'implicit'
  readonly #each = new Map<Message, Disposition>()

  constructor(batch: object, messages: readonly Message[]) {
    const list = messages.map(message =>
      Object(message) === message ? standInFor(message, this.#methods(message)) : message,
    )
    this.standIn = standInFor(batch, {
      messages: () => list,
      ackAll: method => calledOn(batch, method, args => this.#settleAll('ack', args)),
      retryAll: method => calledOn(batch, method, args => this.#settleAll('retry', args)),
    })
  }

  dispositionOf(message: Message): Disposition {
    return this.#each.get(message) ?? this.#all
  }

  #methods(message: Message): Members {
    // As in workerd, the first call counts, be it the message's or the batch's.
    const settle = (disposition: Disposition, args: unknown[]): unknown[] => {
      if (this.dispositionOf(message) === 'implicit') this.#each.set(message, disposition)
      return args
    }
    return {
      ack: method => calledOn(message, method, args => settle('ack', args)),
      retry: method => calledOn(message, method, args => settle('retry', args)),
    }
  }

  #settleAll(disposition: Disposition, args: unknown[]): unknown[] {
    if (this.#all === 'implicit') this.#all = disposition
    return args
  }
}

/** Where `traceQueue` leaves a message's trace id. */
export const TRACE_MEMBER = 'replaystack'

/** The trace that a message was sent in. */
export function sentTraceId(message: Message): string | undefined {
  const traceId = read(message, 'body', TRACE_MEMBER, 'traceId')
  return typeof traceId === 'string' ? traceId : undefined
}
