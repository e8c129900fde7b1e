import { InboxError } from '../../inbox-error.ts'
import { fetchJson, useInboxToken } from '../../replay/fetch-json.ts'
import { isJsonObject } from '../../replay/payload-kind.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArguments, UsageError } from '../command-options.ts'
import type { Terminal } from '../terminal.ts'
import { type Actions, type Ask, OPTIONS } from './team/action.ts'
import { AUDIT_ACTIONS } from './team/audit.ts'
import { KEY_ACTIONS } from './team/keys.ts'
import { LIMIT_ACTIONS } from './team/limits.ts'
import { PERSON_ACTIONS } from './team/people.ts'
import { PROJECT_ACTIONS } from './team/projects.ts'
import { TOKEN_ACTIONS } from './team/tokens.ts'

const ACTIONS: Actions = {
  ...PROJECT_ACTIONS,
  ...LIMIT_ACTIONS,
  ...KEY_ACTIONS,
  ...TOKEN_ACTIONS,
  ...PERSON_ACTIONS,
  ...AUDIT_ACTIONS,
}

/** `replaystack team`: what an admin decides about a team's inbox. */
export async function runTeamCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = args
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (!action) throw new UsageError(`team does one of ${Object.keys(ACTIONS).join(', ')}${name && `, got ${name}`}`)
  const { values, positionals } = parseArguments(rest, OPTIONS, action.required, action.optional)
  const url = readUrl(values.url)
  useInboxToken(values['admin-token'] || process.env['REPLAYSTACK_ADMIN_TOKEN'] || undefined)
  const ask: Ask = async (method, path, body) => {
    const init = { method, ...(body && { body: JSON.stringify(body) }), signal: terminal.interrupted }
    const { status, value } = await fetchJson(`${url}/api/v1/admin${path}`, url, init)
    const answer = isJsonObject(value) ? value : {}
    if (status >= 400) throw new InboxError(`${url} answered ${status}: ${answer['message']}`)
    return answer
  }
  const [argument = '', id = ''] = positionals
  const lines = await action.run(ask, { argument, id, url, projects: values.project ?? [], values })
  for (const line of lines) terminal.print(escapeControlCharacters(line))
  return 0
}

function readUrl(url: string | undefined): string {
  if (url === undefined) throw new UsageError('--url is missing: the address of the inbox')
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new UsageError(`--url must be an http URL, got ${url}`)
  return url.replace(/\/+$/, '')
}
