import { EVENT_STATUSES, EVENT_TYPES } from './event-values.ts'
import { InvalidInputError } from './invalid-input.ts'
import { parseQuery } from './query/parse-query.ts'
import type { Query } from './query/query.ts'
import { QueryError } from './query/query-error.ts'
import type { EventFilter } from './store.ts'

/** Events of one answer. */
export const MAX_LIMIT = 200
/** UTF-16 units of a text that is searched for. */
export const MAX_TEXT_LENGTH = 200

/**
 * The filter that a list's query parameters ask for. An empty parameter is one that was not given.
 *
 * @throws InvalidInputError naming the parameter, and what it may be
 */
export function readEventFilter(parameters: Readonly<Record<string, string>>): EventFilter {
  return {
    status: readOneOf(parameters, 'status', EVENT_STATUSES),
    type: readOneOf(parameters, 'type', EVENT_TYPES),
    service: readText(parameters, 'service'),
    q: readText(parameters, 'q'),
    query: readQueryParameter(parameters),
    limit: readInteger(parameters, 'limit', MAX_LIMIT, `must be an integer from 1 to ${MAX_LIMIT}`),
    before: readInteger(parameters, 'before', Number.MAX_SAFE_INTEGER, 'must be a cursor that an earlier page gave'),
  }
}

/**
 * What a `query` parameter asks for.
 *
 * @throws QueryError naming the term that is wrong, and its place
 */
export function readQuery(text: string | undefined): Query | undefined {
  return text === undefined ? undefined : parseQuery(text)
}

/** A query, or what is wrong with it: a page says so where the query is written. */
export function tryQuery(text: string | undefined): { query?: Query | undefined; queryError?: QueryError | undefined } {
  try {
    return { query: text ? parseQuery(text) : undefined }
  } catch (error) {
    if (error instanceof QueryError) return { queryError: error }
    throw error
  }
}

export function readQueryParameter(parameters: Readonly<Record<string, string>>): Query | undefined {
  return readQuery(readParameter(parameters, 'query'))
}

function readParameter(parameters: Readonly<Record<string, string>>, name: string): string | undefined {
  return parameters[name] || undefined
}

export function readOneOf<const Value extends string>(
  parameters: Readonly<Record<string, string>>,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const given = readParameter(parameters, name)
  if (given === undefined) return undefined
  const value = values.find(allowed => allowed === given)
  if (value === undefined) throw new InvalidInputError(`${name} must be one of ${values.join(', ')}`)
  return value
}

function readText(parameters: Readonly<Record<string, string>>, name: string): string | undefined {
  const value = readParameter(parameters, name)
  if (value && value.length > MAX_TEXT_LENGTH) {
    throw new InvalidInputError(`${name} must be at most ${MAX_TEXT_LENGTH} characters`)
  }
  return value
}

export function readInteger(
  parameters: Readonly<Record<string, string>>,
  name: string,
  maximum: number,
  allowed: string,
): number | undefined {
  const given = readParameter(parameters, name)
  if (given === undefined) return undefined
  const value = Number(given)
  if (!/^[1-9]\d*$/.test(given) || value > maximum) throw new InvalidInputError(`${name} ${allowed}`)
  return value
}
