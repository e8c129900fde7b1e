/** Rules that say when somebody is told: so many events of a query within a time. */
import { readAll } from '../../safe-read.ts'
import { InvalidInputError } from '../invalid-input.ts'
import { isLoopbackHost } from '../loopback.ts'
import { parseQuery } from '../query/parse-query.ts'

const MAX_NAME_LENGTH = 200
const MAX_URL_LENGTH = 2000
const MAX_QUERY_LENGTH = 1000
const MAX_THRESHOLD = 10_000
/** A day, in minutes. */
const MAX_WINDOW_MINUTES = 1440
const MINUTE_MS = 60_000

/** What somebody decides about a rule. */
export interface AlertFields {
  name: string
  /** In the inbox's query language. */
  query: string
  /** Events within the window: 1 or more. */
  threshold: number
  windowMinutes: number
  /** The webhook. Who knows it may post to it: it is shown shortened. */
  url: string
  /** Whether a message may have what events say: a title, a route. @default false */
  hasContent: boolean
  enabled: boolean
}

/** A rule as everybody sees it who may read the project. */
export interface Alert extends AlertFields {
  alertId: string
  /** ISO 8601, UTC. */
  createdAt: string
  /** When it was triggered last. */
  triggeredAt?: string | undefined
  /** When the webhook took a message last. */
  deliveredAt?: string | undefined
  /** Why the webhook did not take the last one. */
  failure?: string | undefined
}

/** A rule with what only the inbox knows. Times are milliseconds since the epoch. */
export interface AlertRule extends AlertFields {
  alertId: string
  /** Signs messages. */
  secret: string
  /** Where the project's pages are. */
  inboxUrl: string
  triggeredAt?: number | undefined
}

export const windowMsOf = ({ windowMinutes }: Pick<AlertFields, 'windowMinutes'>): number => windowMinutes * MINUTE_MS

/**
 * The fields of a new rule, or those of one that changes.
 *
 * @param known what it has so far
 * @param inboxUrl of the project, which a webhook on this machine is for
 * @throws InvalidInputError naming the field, and what it may be; QueryError with the place in the query
 */
export function readAlertFields(given: unknown, inboxUrl: string, known?: AlertFields): AlertFields {
  const fields = { hasContent: false, enabled: true, ...known, ...readAll(Object(given)) }
  const {
    name,
    query,
    threshold,
    windowMinutes,
    url,
    hasContent,
    enabled,
  }: Partial<Record<keyof AlertFields, unknown>> = fields
  if (typeof name !== 'string' || name.trim() === '' || name.length > MAX_NAME_LENGTH) {
    throw new InvalidInputError(`name must be a string of 1 to ${MAX_NAME_LENGTH} characters`)
  }
  // It stands in messages and on pages, where they could turn around what is beside it.
  if (/[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new InvalidInputError('name must have no control characters')
  }
  if (typeof query !== 'string' || query.length > MAX_QUERY_LENGTH) {
    throw new InvalidInputError(`query must be a string of at most ${MAX_QUERY_LENGTH} characters`)
  }
  parseQuery(query)
  if (typeof hasContent !== 'boolean') throw new InvalidInputError('hasContent must be true or false')
  if (typeof enabled !== 'boolean') throw new InvalidInputError('enabled must be true or false')
  return {
    name: name.trim(),
    query,
    threshold: readInteger('threshold', threshold, MAX_THRESHOLD),
    windowMinutes: readInteger('windowMinutes', windowMinutes, MAX_WINDOW_MINUTES),
    url: readWebhook(url, inboxUrl),
    hasContent,
    enabled,
  }
}

/** A webhook's address without what lets somebody post to it. */
export function shortenUrl(url: string): string {
  return `${new URL(url).origin}/…`
}

function readInteger(name: string, value: unknown, maximum: number): number {
  if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= maximum) return Number(value)
  throw new InvalidInputError(`${name} must be an integer from 1 to ${maximum}`)
}

/** An address that a message may be sent to: of another host by https alone, of this machine where the inbox is on it, too. */
function readWebhook(value: unknown, inboxUrl: string): string {
  if (typeof value !== 'string' || value.length > MAX_URL_LENGTH || !URL.canParse(value)) {
    throw new InvalidInputError(`url must be an https address of at most ${MAX_URL_LENGTH} characters`)
  }
  const url = new URL(value)
  const isLocal = isLoopbackHost(url.hostname)
  const isAllowed = isLocal ? isLoopbackHost(new URL(inboxUrl).hostname) : url.protocol === 'https:'
  if (!isAllowed || !/^https?:$/.test(url.protocol)) {
    throw new InvalidInputError('url must be an https address of another host')
  }
  if (url.username || url.password) throw new InvalidInputError('url must have no user and no password')
  return url.href
}
