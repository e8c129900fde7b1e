/** How the platform calls a handler, and how that is told to `observe`. */
import type { ReplayStackHandle } from '../../client/client.ts'
import type { Setup } from '../../observe/setup.ts'
import type { WaitUntilLike } from '../../types.ts'

/** One call of a handler. */
export interface Invocation {
  setup: Setup
  /** What is called: `queue`, `Counter.increment`. */
  name: string
  /**
   * What the platform passed; of an object's handlers the first argument alone, for the others are `env` and `ctx`. The handler
   * is called with what stands here when it runs.
   */
  args: unknown[]
  /** The trace that a call by RPC has brought along. */
  traceId?: string | undefined
  /** What keeps the Worker or object alive: nothing where a test calls a handler without. */
  ctx: WaitUntilLike | undefined
  /** Whether the platform alone calls it: what calls it is another request. */
  isOwn?: boolean
  /** What the event tells of the class and its instance. */
  metadata?: () => Record<string, unknown>
  /** How often each queue delivers a message again, as far as the application says. */
  maxRetries?: Readonly<Record<string, number>> | undefined
  /** Calls the handler; where the call is observed, with its handle. */
  run: (handle?: ReplayStackHandle) => unknown
}

/** Observes one kind of handler. Answers what the handler answers. */
export type Observe = (invocation: Invocation) => unknown

/** What is read of `Event`, of which nothing is sure: a test may call a handler with anything. */
export type Members<Event> = { readonly [Name in keyof Event]?: Event[Name] | undefined }

export function membersOf<Event>(value: unknown): Members<Event> {
  return Object(value)
}
