import type { JsonValue } from '../../../types.ts'
import { InboxError } from '../../inbox-error.ts'
import { fetchJson, useInboxToken } from '../../replay/fetch-json.ts'
import { isJsonObject, type JsonObject } from '../../replay/payload-kind.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArguments, UsageError } from '../command-options.ts'
import type { Terminal } from '../terminal.ts'

const OPTIONS = {
  url: { type: 'string' },
  'admin-token': { type: 'string' },
  project: { type: 'string', multiple: true },
  role: { type: 'string' },
} as const

/** A request to a team's inbox that has admin's rights. */
type Ask = (method: string, path: string, body?: object) => Promise<JsonObject>

interface Given {
  /** What stands after the action. */
  argument: string
  id: string
  url: string
  projects: readonly string[]
  role: string | undefined
}

interface Action {
  /** What is missing when it is, for each argument. */
  required: readonly string[]
  /** @returns the lines to print */
  run(ask: Ask, given: Given): Promise<string[]>
}

const PROJECT = "A project's name"

const ACTIONS: Readonly<Record<string, Action>> = {
  init: {
    required: [],
    async run(ask, { url, projects: [project = 'main'] }) {
      const { key } = readData(await ask('POST', '/projects', { project }))
      return [
        `Project ${project} is made. Its key is shown this once:`,
        '',
        `REPLAYSTACK_ENDPOINT=${url}`,
        `REPLAYSTACK_API_KEY=${key}`,
        '',
        `Its events: ${url}/projects/${project}/`,
      ]
    },
  },
  projects: {
    required: [],
    async run(ask) {
      const rows = listOf(await ask('GET', '/projects'), 'projects')
      return rows.map(({ project, enabled, createdAt }) => `${project}  ${createdAt}${enabled ? '' : '  disabled'}`)
    },
  },
  disable: { required: [PROJECT], run: (ask, { argument }) => setEnabled(ask, argument, false) },
  enable: { required: [PROJECT], run: (ask, { argument }) => setEnabled(ask, argument, true) },
  keys: {
    required: [PROJECT],
    async run(ask, { argument }) {
      const rows = listOf(await ask('GET', `/projects/${encodeURIComponent(argument)}/keys`), 'keys')
      return rows.map(({ id, createdAt }) => `${id}  ${createdAt}`)
    },
  },
  'add-key': {
    required: [PROJECT],
    async run(ask, { argument }) {
      const { key } = readData(await ask('POST', `/projects/${encodeURIComponent(argument)}/keys`))
      return ['It is shown this once:', `REPLAYSTACK_API_KEY=${key}`]
    },
  },
  'revoke-key': {
    required: [PROJECT, "The key's id"],
    async run(ask, { argument, id }) {
      await ask('DELETE', `/projects/${encodeURIComponent(argument)}/keys/${encodeURIComponent(id)}`)
      return ['The key is revoked; within 10 seconds nothing takes it any more']
    },
  },
  tokens: {
    required: [],
    async run(ask) {
      const rows = listOf(await ask('GET', '/tokens'), 'tokens')
      return rows.map(({ id, name, role, projects }) => {
        const scope = Array.isArray(projects) ? projects.join(', ') : 'all projects'
        return `${id}  ${role}  ${scope}  ${name}`
      })
    },
  },
  'add-token': {
    required: ["The person's name"],
    async run(ask, { argument, role, projects }) {
      const body = { name: argument, ...(role && { role }), ...(projects.length > 0 && { projects }) }
      const { token } = readData(await ask('POST', '/tokens', body))
      return ['It is shown this once:', `REPLAYSTACK_INBOX_TOKEN=${token}`]
    },
  },
  'revoke-token': {
    required: ["The token's id"],
    async run(ask, { argument }) {
      await ask('DELETE', `/tokens/${encodeURIComponent(argument)}`)
      return ['The token is revoked; within 10 seconds nothing takes it any more']
    },
  },
}

/** `replaystack team`: projects, keys and tokens of a team's inbox. */
export async function runTeamCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = args
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (!action) throw new UsageError(`team does one of ${Object.keys(ACTIONS).join(', ')}${name && `, got ${name}`}`)
  const { values, positionals } = parseArguments(rest, OPTIONS, action.required)
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
  const lines = await action.run(ask, { argument, id, url, projects: values.project ?? [], role: values.role })
  for (const line of lines) terminal.print(escapeControlCharacters(line))
  return 0
}

async function setEnabled(ask: Ask, project: string, enabled: boolean): Promise<string[]> {
  await ask('PATCH', `/projects/${encodeURIComponent(project)}`, { enabled })
  return [`Project ${project} is ${enabled ? 'enabled' : 'disabled: its events are refused by 403'}`]
}

function readData({ data }: JsonObject): JsonObject {
  return isJsonObject(data) ? data : {}
}

function listOf(answer: JsonObject, name: string): JsonObject[] {
  const rows: JsonValue | undefined = answer[name]
  return Array.isArray(rows) ? rows.filter(isJsonObject) : []
}

function readUrl(url: string | undefined): string {
  if (url === undefined) throw new UsageError('--url is missing: the address of the inbox')
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new UsageError(`--url must be an http URL, got ${url}`)
  return url.replace(/\/+$/, '')
}
