import type { Issue } from './issues/issue.ts'
import type { ReplayNews } from './replay/replay-record.ts'
import type { EventSummary } from './store.ts'

/** Is called with each event that was accepted. It must not throw. */
export type EventListener = (event: EventSummary) => void

/** Is called with each issue whose state somebody changed. It must not throw. */
export type IssueListener = (issue: Issue) => void

/** Is called when a replay begins and when it is over. It must not throw. */
export type ReplayListener = (news: ReplayNews) => void

/** An alert that was triggered. Nothing of an event is in it. */
export interface AlertNews {
  alertId: string
  name: string
  threshold: number
  windowMinutes: number
  count: number
  /** ISO 8601, UTC. */
  createdAt: string
}

/** Is called with each alert that is triggered. It must not throw. */
export type AlertListener = (alert: AlertNews) => void

/** Calls whoever listens with each event, at the moment it is accepted, with each issue that is changed by hand, with replays and alerts. */
export class EventFeed {
  readonly #listeners = new Set<EventListener>()
  readonly #issueListeners = new Set<IssueListener>()
  readonly #replayListeners = new Set<ReplayListener>()
  readonly #alertListeners = new Set<AlertListener>()

  /** How many listen to events now. */
  get listenerCount(): number {
    return this.#listeners.size
  }

  /** The function it returns ends the subscription; it may be called twice. */
  subscribe(listener: EventListener): () => void {
    return add(this.#listeners, listener)
  }

  /** The function it returns ends the subscription; it may be called twice. */
  subscribeIssues(listener: IssueListener): () => void {
    return add(this.#issueListeners, listener)
  }

  /** The function it returns ends the subscription; it may be called twice. */
  subscribeReplays(listener: ReplayListener): () => void {
    return add(this.#replayListeners, listener)
  }

  /** The function it returns ends the subscription; it may be called twice. */
  subscribeAlerts(listener: AlertListener): () => void {
    return add(this.#alertListeners, listener)
  }

  publish(event: EventSummary): void {
    for (const listener of [...this.#listeners]) listener(event)
  }

  publishIssue(issue: Issue): void {
    for (const listener of [...this.#issueListeners]) listener(issue)
  }

  publishReplay(news: ReplayNews): void {
    for (const listener of [...this.#replayListeners]) listener(news)
  }

  publishAlert(alert: AlertNews): void {
    for (const listener of [...this.#alertListeners]) listener(alert)
  }
}

function add<Argument>(
  listeners: Set<(argument: Argument) => void>,
  listener: (argument: Argument) => void,
): () => void {
  // A wrapper of its own, so that one function subscribed twice is two subscriptions.
  const subscription = (argument: Argument) => listener(argument)
  listeners.add(subscription)
  return () => {
    listeners.delete(subscription)
  }
}
