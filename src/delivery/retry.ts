/** Pure rules: what an answer means, whether to try again, and when. */

/** What became of an attempt. */
export type Verdict = 'delivered' | 'failed' | 'rejected'

/** A 2xx is delivered; 408, 429 and 5xx may succeed later; anything else is a refusal that no repetition cures. */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return 'delivered'
  return status === 408 || status === 429 || status >= 500 ? 'failed' : 'rejected'
}

/** Refusals of whoever sends, not of what is sent: every other event would be refused too. */
const SENDER_REFUSALS: readonly (number | undefined)[] = [401, 403, 404, 405]

/** Statuses of a receiver that takes no batches at all. */
const BULK_LACKING: readonly (number | undefined)[] = [404, 405, 501]

export function lacksBulk(status: number | undefined): boolean {
  return BULK_LACKING.includes(status)
}

/** How long a plan's limit keeps events in the queue: it is no outage that a repetition ends. */
export const PLAN_LIMIT_PAUSE_MS = 600_000

/** `Monthly event limit reached. Please upgrade your plan.`, whatever its status; not a rate limit. */
export function isPlanLimit(status: number, message: string): boolean {
  return status >= 400 && /\bevent limit reached\b/i.test(message)
}

export function refusesSender(status: number | undefined): boolean {
  return SENDER_REFUSALS.includes(status)
}

const FIRST_BACKOFF_MS = 200
const MAX_BACKOFF_MS = 5_000

/** A server's absurd `Retry-After` counts as this long. */
export const MAX_RETRY_AFTER_MS = 300_000

/** Longest wait between two attempts; a longer `Retry-After` sends the event to the queue instead. */
export const MAX_WAIT_MS = 5_000

/**
 * Milliseconds before attempt `attempt + 1`: exponential with full jitter, so that clients do not come back in step.
 * @param random 0 to 1
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt)
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}

/** What every HTTP date begins with. `Date.parse` finds a year in any text: `later, in 2030`. */
const WEEKDAY = /^(mon|tue|wed|thu|fri|sat|sun)/i

/** `Retry-After` in milliseconds, from seconds or an HTTP date (RFC 9110 §10.2.3); `undefined` where it is neither. */
export function retryAfterMs(value: string | null | undefined, now: number): number | undefined {
  const text = value?.trim()
  if (!text) return undefined
  const wait = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : WEEKDAY.test(text)
      ? Date.parse(text) - now
      : Number.NaN
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), MAX_RETRY_AFTER_MS)
}
