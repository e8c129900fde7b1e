import { InboxError } from '../../inbox-error.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { fetchJson, notAnInbox } from '../../replay/fetch-json.ts'
import { isJsonObject, type JsonObject } from '../../replay/payload-kind.ts'
import { parseArgument, readInboxUrl } from '../command-options.ts'
import type { Terminal } from '../terminal.ts'

const OPTIONS = {
  yes: { type: 'boolean', default: false },
  inbox: { type: 'string', default: DEFAULT_INBOX },
} as const

/** `replaystack delete`: the events that a query finds. Without `--yes` it only says how many there are. */
export async function runDeleteCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, argument: query } = parseArgument(args, OPTIONS, 'A query')
  const inbox = readInboxUrl(values.inbox)
  const parameters = new URLSearchParams({ query })
  if (!values.yes) {
    const { count } = await ask(`${inbox}/api/v1/events/count?${parameters}`, inbox, { signal: terminal.interrupted })
    terminal.print(`Events that would be deleted: ${count}. --yes deletes them.`)
    return 0
  }
  const init = { method: 'DELETE', signal: terminal.interrupted }
  const { data } = await ask(`${inbox}/api/v1/events?${parameters}`, inbox, init)
  terminal.print(`Events deleted: ${isJsonObject(data) ? data['deleted'] : 0}`)
  return 0
}

/** `replaystack forget`: every event that mentions somebody. Without `--yes` it only says how many there are. */
export async function runForgetCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, argument: person } = parseArgument(args, OPTIONS, 'An e-mail address or an id')
  const inbox = readInboxUrl(values.inbox)
  let found = 0
  let after: unknown = ''
  do {
    const body = JSON.stringify({ person, remove: values.yes, after })
    const init = { method: 'POST', body, signal: terminal.interrupted }
    const { data } = await ask(`${inbox}/api/v1/forget`, inbox, init)
    const step = isJsonObject(data) ? data : {}
    found += Number(step['found'])
    after = step['next']
  } while (typeof after === 'string')
  terminal.print(
    values.yes
      ? `Events deleted that mention them: ${found}`
      : `Events that mention them: ${found}. --yes deletes them, for good.`,
  )
  return 0
}

/** @throws InboxError with the inbox's own words */
async function ask(url: string, inbox: string, init: RequestInit): Promise<JsonObject> {
  const { status, value } = await fetchJson(url, inbox, init)
  const answer = isJsonObject(value) ? value : {}
  if (status === 200) return answer
  throw typeof answer['message'] === 'string' ? new InboxError(answer['message']) : notAnInbox(inbox, status)
}
