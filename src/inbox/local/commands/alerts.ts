import { InboxError } from '../../inbox-error.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { fetchJson, notAnInbox } from '../../replay/fetch-json.ts'
import { isJsonObject, type JsonObject } from '../../replay/payload-kind.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArguments, readInboxUrl, UsageError } from '../command-options.ts'
import type { Terminal } from '../terminal.ts'

const OPTIONS = {
  inbox: { type: 'string', default: DEFAULT_INBOX },
  query: { type: 'string' },
  threshold: { type: 'string', default: '1' },
  window: { type: 'string', default: '5' },
  to: { type: 'string' },
  'with-content': { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parseArguments<typeof OPTIONS>>['values']

type Ask = (method: string, path: string, body?: object) => Promise<JsonObject>

/** @returns the lines to print */
type Action = (ask: Ask, given: { argument: string; values: Values }) => Promise<string[]>

const ID = "An alert's id"

const ACTIONS: Readonly<Record<string, { required: readonly string[]; run: Action }>> = {
  list: {
    required: [],
    async run(ask) {
      const { alerts } = await ask('GET', '')
      const rows = Array.isArray(alerts) ? alerts.filter(isJsonObject) : []
      return rows.length > 0 ? rows.map(formatAlert) : ['No alerts.']
    },
  },
  add: {
    required: ["The alert's name"],
    async run(ask, { argument, values }) {
      const { query, to } = values
      if (query === undefined) throw new UsageError('--query is missing: the events that it counts')
      if (to === undefined) throw new UsageError('--to is missing: the address of a webhook')
      const threshold = readNumber('--threshold', values.threshold)
      const windowMinutes = readNumber('--window', values.window)
      const hasContent = values['with-content']
      const { data } = await ask('POST', '', { name: argument, query, threshold, windowMinutes, url: to, hasContent })
      const { alertId, secret } = isJsonObject(data) ? data : {}
      return [
        `Alert ${alertId} is made. Its messages are signed by this secret, which is shown this once:`,
        `${secret}`,
      ]
    },
  },
  enable: { required: [ID], run: (ask, { argument }) => setEnabled(ask, argument, true) },
  disable: { required: [ID], run: (ask, { argument }) => setEnabled(ask, argument, false) },
  remove: {
    required: [ID],
    async run(ask, { argument }) {
      await ask('DELETE', `/${encodeURIComponent(argument)}`)
      return ['The alert is removed']
    },
  },
  test: {
    required: [ID],
    async run(ask, { argument }) {
      const { message } = await ask('POST', `/${encodeURIComponent(argument)}/test`)
      return [String(message)]
    },
  },
}

/** `replaystack alerts`: who is told when a project of a team's inbox has too many events of a query. */
export async function runAlertsCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const isAction = args[0] !== undefined && !args[0].startsWith('-')
  const [name = 'list', ...rest] = isAction ? args : ['list', ...args]
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (!action) throw new UsageError(`alerts does one of ${Object.keys(ACTIONS).join(', ')}, got ${name}`)
  const { values, positionals } = parseArguments(rest, OPTIONS, action.required)
  const inbox = readInboxUrl(values.inbox)
  const ask: Ask = async (method, path, body) => {
    const init = { method, ...(body && { body: JSON.stringify(body) }), signal: terminal.interrupted }
    const { status, value } = await fetchJson(`${inbox}/api/v1/alerts${path}`, inbox, init)
    const answer = isJsonObject(value) ? value : {}
    if (status < 300) return answer
    if (status === 404 && answer['message'] === 'Not found') {
      throw new InboxError(`${inbox} has no alerts: a project of a team's inbox has`)
    }
    throw typeof answer['message'] === 'string' ? new InboxError(answer['message']) : notAnInbox(inbox, status)
  }
  for (const line of await action.run(ask, { argument: positionals[0] ?? '', values })) {
    terminal.print(escapeControlCharacters(line))
  }
  return 0
}

async function setEnabled(ask: Ask, alertId: string, enabled: boolean): Promise<string[]> {
  await ask('PATCH', `/${encodeURIComponent(alertId)}`, { enabled })
  return [`The alert is ${enabled ? 'enabled' : 'disabled'}`]
}

function readNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageError(`${name} must be a whole number, 1 or more`)
}

function formatAlert({
  alertId,
  name,
  query,
  threshold,
  windowMinutes,
  url,
  enabled,
  triggeredAt,
  failure,
}: JsonObject): string {
  const state = enabled === true ? (triggeredAt ? `triggered ${triggeredAt}` : 'never triggered') : 'disabled'
  const problem = failure ? `; ${failure}` : ''
  return `${alertId}  ${name}: ${threshold} or more of '${query}' in ${windowMinutes} min  ${url}  ${state}${problem}`
}
