/** Keeps the history of an event's replays live. */
import { findElement, getElement } from './elements.ts'
import { replaceWithNext } from './replace.ts'

/** What the page follows: the event of a replay may arrive after its response. */
export const REPLAY_EVENTS = ['replay.started', 'replay.completed', 'event.created'] as const

/** Milliseconds after a replay in which its event is waited for. */
const EVENT_WITHIN = 10_000

let completedAt = Number.NEGATIVE_INFINITY

/** @returns whether the history has changed */
export function showReplayNews(type: string, data: string): boolean {
  const replays = findElement('replays', HTMLElement)
  if (!replays) return false
  if (type === 'event.created') return performance.now() - completedAt < EVENT_WITHIN
  const { eventId, target }: { eventId?: unknown; target?: unknown } = Object(JSON.parse(data))
  if (eventId !== replays.dataset['event']) return false
  const running = getElement('replay-running', HTMLElement)
  running.hidden = type === 'replay.completed'
  running.textContent = running.hidden ? '' : `Replaying to ${String(target)}…`
  if (type === 'replay.started') return false
  completedAt = performance.now()
  return true
}

/** The history as it is now. */
export function mergeReplays(next: Document): void {
  const replays = findElement('replays', HTMLElement)
  const nextReplays = findElement('replays', HTMLElement, next)
  if (!replays || !nextReplays) return
  // What is under way is known here alone.
  getElement('replay-running', HTMLElement, next).replaceWith(getElement('replay-running', HTMLElement).cloneNode(true))
  if (replays.innerHTML !== nextReplays.innerHTML) replaceWithNext('replays', next)
}
