import type { ReplayStackEvent } from '../types.ts'
import { isJsonObject } from './replay/payload-kind.ts'

/** What the store keeps of an event beside its JSON, to list and to find it by. */
export interface EventColumns {
  route: string | null
  urlQuery: string | null
  appVersion: string | null
  commitHash: string | null
  hasCalls: boolean
  errorMessage: string | null
}

/** UTF-16 units of a message that lists and tables have: rows that all queries read stay small. */
const MAX_LISTED_MESSAGE = 2000

/** UTF-16 units of a URL's query that lists have. */
const MAX_LISTED_QUERY = 300

/** A path's segment that names one thing of many: a number, a UUID, an ULID, hexadecimal digits, an id with its prefix. */
const ID_SEGMENT =
  /^(?:\d+|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|[0-9A-HJKMNP-TV-Z]{26}|(?=[a-f]*\d)[\da-f]{8,}|[a-z]{2,8}_(?=\w*\d)\w{4,}|(?=\D*\d\D*\d)[\w-]{20,})$/i

export function readEventColumns(event: ReplayStackEvent): EventColumns {
  const { metadata, errorMessage, appVersion, commitHash } = event
  const tape = isJsonObject(metadata) ? metadata['tape'] : undefined
  const calls = isJsonObject(tape) ? tape['calls'] : undefined
  return {
    route: readRoute(event) ?? null,
    urlQuery: readUrlQuery(event) ?? null,
    appVersion: appVersion ?? null,
    commitHash: commitHash ?? null,
    hasCalls: Array.isArray(calls) && calls.length > 0,
    errorMessage: errorMessage?.slice(0, MAX_LISTED_MESSAGE) ?? null,
  }
}

/**
 * The pattern by which events of one route are counted together: the framework's own; where it gave none, the endpoint
 * with `:id` for what is an id by its looks.
 */
export function readRoute({ endpoint, metadata }: ReplayStackEvent): string | undefined {
  const route = isJsonObject(metadata) ? metadata['route'] : undefined
  if (typeof route === 'string' && route !== '') return route.slice(0, MAX_LISTED_MESSAGE)
  if (!endpoint?.startsWith('/')) return endpoint
  return endpoint
    .slice(0, MAX_LISTED_MESSAGE)
    .split('/')
    .map(segment => (ID_SEGMENT.test(segment) ? ':id' : segment))
    .join('/')
}

/** The query of an event's URL, as it was written; `undefined` where the endpoint has it already. */
export function readUrlQuery({ endpoint, requestUrl }: ReplayStackEvent): string | undefined {
  if (endpoint?.includes('?')) return undefined
  const query = /^[^?#]*\?([^#]*)/.exec(requestUrl?.slice(0, MAX_LISTED_MESSAGE) ?? '')?.[1]
  return query?.slice(0, MAX_LISTED_QUERY) || undefined
}
