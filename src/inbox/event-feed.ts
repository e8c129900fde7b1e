import type { EventSummary } from './store.ts'

/** Is told of each event that was accepted. It must not throw. */
export type EventListener = (event: EventSummary) => void

/** Tells whoever listens of each event, at the moment it is accepted. */
export class EventFeed {
  readonly #listeners = new Set<EventListener>()

  /** How many listen now. */
  get listenerCount(): number {
    return this.#listeners.size
  }

  /** The function it returns ends the subscription; it may be called twice. */
  subscribe(listener: EventListener): () => void {
    // A wrapper of its own, so that one function subscribed twice is two subscriptions.
    const subscription: EventListener = event => listener(event)
    this.#listeners.add(subscription)
    return () => {
      this.#listeners.delete(subscription)
    }
  }

  publish(event: EventSummary): void {
    for (const listener of [...this.#listeners]) listener(event)
  }
}
