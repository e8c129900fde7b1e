import { MAX_LIMIT, readInteger, readOneOf } from './event-filter.ts'
import { InvalidInputError } from './invalid-input.ts'
import { ISSUE_SORTS, type IssueFilter } from './issues/issue.ts'

/**
 * The filter that the query parameters of a list of issues ask for, but for their query.
 *
 * @throws InvalidInputError naming the parameter, and what it may be
 */
export function readIssueFilter(parameters: Readonly<Record<string, string>>): Omit<IssueFilter, 'query'> {
  const before = parameters['before'] || undefined
  if (before !== undefined && !isIssueCursor(before)) {
    throw new InvalidInputError('before must be a cursor that an earlier page gave')
  }
  return {
    sort: readOneOf(parameters, 'sort', ISSUE_SORTS),
    limit: readInteger(parameters, 'limit', MAX_LIMIT, `must be an integer from 1 to ${MAX_LIMIT}`),
    before,
  }
}

/** Whether a text has the form of {@link IssueFilter.before}. */
export function isIssueCursor(text: string): boolean {
  return /^\d{1,16}-[\da-f]{1,64}$/.test(text)
}
