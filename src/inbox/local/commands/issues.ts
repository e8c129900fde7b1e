import { MAX_LIMIT } from '../../event-filter.ts'
import { fetchIssues } from '../../issues/fetch-issues.ts'
import { formatIssues } from '../../issues/format-issues.ts'
import { ISSUE_SORTS } from '../../issues/issue.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArguments, readInboxUrl, UsageError } from '../command-options.ts'
import type { Terminal } from '../terminal.ts'

const DEFAULT_LIMIT = 50

/** `replaystack issues`: the issues whose events a query finds, the open ones without a query. */
export async function runIssuesCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { inbox, json, ...options } = readIssuesOptions(args)
  const { issues, next } = await fetchIssues(inbox, options, terminal.interrupted)
  if (json) {
    for (const issue of issues) terminal.print(escapeControlCharacters(JSON.stringify(issue)))
    return 0
  }
  terminal.print(issues.length > 0 ? formatIssues(issues) : 'No issues.')
  if (next !== null) terminal.printError(`There are more than ${options.limit}: --limit ${MAX_LIMIT} lists as many`)
  return 0
}

function readIssuesOptions(args: readonly string[]) {
  const { values, positionals } = parseArguments(
    args,
    {
      inbox: { type: 'string', default: DEFAULT_INBOX },
      sort: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    [],
    1,
  )
  const { sort, json } = values
  if (sort !== undefined && !ISSUE_SORTS.some(known => known === sort)) {
    throw new UsageError(`--sort must be one of ${ISSUE_SORTS.join(', ')}`)
  }
  const limit = Number(values.limit ?? DEFAULT_LIMIT)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new UsageError(`--limit must be a number from 1 to ${MAX_LIMIT}, got ${values.limit}`)
  }
  return { query: positionals[0] ?? 'is:open', sort, limit, json, inbox: readInboxUrl(values.inbox) }
}
