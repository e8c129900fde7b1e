import type { JsonValue } from '../../types.ts'
import { DEFAULT_INBOX, parseArgument, readInboxUrl, UsageError } from '../command-options.ts'
import { fetchEvent } from '../replay/fetch-event.ts'
import { formatReplay } from '../replay/format-replay.ts'
import type { ReplayNeed } from '../replay/plan.ts'
import { ReplayPlanError, runReplay } from '../replay/run-replay.ts'
import { quoteText } from '../replay/shell-text.ts'
import { isAnythingCompared } from '../replay/verdict.ts'
import type { Terminal } from '../terminal.ts'
import { escapeControlCharacters } from '../terminal-text.ts'

const SAME = 0
const DIFFERENT = 1
const IMPOSSIBLE = 2

/**
 * `replaystack replay`: sends an event's request again and compares the answers. The request leaves from here and not from
 * the inbox: which hosts it may go to is for whoever is at this terminal to allow, and nothing that reaches an inbox over
 * the network can widen it; and what is given for a masked value goes to the target alone.
 *
 * @returns 0 when status and body are the same, 1 when they differ, 2 when it could not be replayed
 * or there was nothing to compare
 */
export async function runReplayCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { id, inbox, json, ...options } = readReplayOptions(args)
  const kept = await fetchEvent(inbox, id, terminal.interrupted)
  try {
    const result = await runReplay(kept.event, { ...options, eventId: kept.id, signal: terminal.interrupted })
    terminal.print(
      json ? escapeControlCharacters(JSON.stringify({ id: kept.id, ...result })) : formatReplay(result, terminal),
    )
    if (!isAnythingCompared(result.compared)) return IMPOSSIBLE
    return result.same ? SAME : DIFFERENT
  } catch (error) {
    if (!(error instanceof ReplayPlanError) || error.plan.needs.length === 0) throw error
    for (const line of describeNeeds(error.plan.needs)) terminal.printError(escapeControlCharacters(line))
    return IMPOSSIBLE
  }
}

/** What is missing, each with the flag to give it by. */
function describeNeeds(needs: readonly ReplayNeed[]): string[] {
  const values = needs.length === 1 ? 'a value' : `${needs.length} values`
  return [
    `replaystack: The event does not hold ${values} that the request needs; give each with its flag:`,
    ...needs.flatMap(({ name, where, reason }) => [
      `  ${where === 'header' ? `--header ${quoteText([`${name}: …`])}` : `--value ${quoteText([`${name}=…`])}`}`,
      `      ${reason}`,
    ]),
  ]
}

function readReplayOptions(args: readonly string[]) {
  const { values, argument } = parseArgument(
    args,
    {
      to: { type: 'string' },
      header: { type: 'string', multiple: true, default: [] },
      value: { type: 'string', multiple: true, default: [] },
      inbox: { type: 'string', default: DEFAULT_INBOX },
      'allow-host': { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
    "An event's ID",
  )
  if (!values.to) throw new UsageError('--to needs the URL of a server, such as http://127.0.0.1:8787')
  return {
    id: argument,
    target: values.to,
    inbox: readInboxUrl(values.inbox),
    json: values.json,
    headers: Object.fromEntries(values.header.map(readHeader)),
    values: Object.fromEntries(values.value.map(readValue)),
    allowHosts: values['allow-host'],
  }
}

/** `name: value`; without a value the header is left out. */
function readHeader(text: string): [name: string, value: string] {
  const at = text.indexOf(':')
  if (at < 1) throw new UsageError(`--header must be 'name: value', got ${text}`)
  return [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()]
}

/** `name=text`, or `name:=json` for what is no text. */
function readValue(text: string): [name: string, value: JsonValue] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--value must be 'name=value', got ${text}`)
  const value = text.slice(at + 1)
  if (text[at - 1] !== ':') return [text.slice(0, at), value]
  try {
    return [text.slice(0, at - 1), JSON.parse(value)]
  } catch {
    throw new UsageError(`--value with := must be JSON, got ${text}`)
  }
}
