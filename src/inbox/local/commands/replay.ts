import type { JsonValue } from '../../../types.ts'
import { DEFAULT_INBOX, inboxFlag } from '../../loopback.ts'
import { fetchEvent, fetchReplayTarget, openReplays, putReplayTarget } from '../../replay/fetch-event.ts'
import { formatReplay } from '../../replay/format-replay.ts'
import { MAX_TIMES, type ReplayNeed } from '../../replay/plan.ts'
import { reportReplays } from '../../replay/report-replay.ts'
import { quoteText } from '../../replay/shell-text.ts'
import { writeTestFile } from '../../replay/test-file.ts'
import { isAnythingCompared } from '../../replay/verdict.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArguments, readInboxUrl, UsageError } from '../command-options.ts'
import { ReplayPlanError, runReplay } from '../replay/run-replay.ts'
import { SendError } from '../replay/send.ts'
import type { Terminal } from '../terminal.ts'
import { replayQuery } from './replay-query.ts'

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
  const { id, query, junit, inbox, json, to, isHermetic, ...options } = readReplayOptions(args)
  if (query !== undefined) return replayQuery({ ...options, query, junit, inbox, json, to, isHermetic }, terminal)
  const kept = await fetchEvent(inbox, id, terminal.interrupted)
  const target = to ?? (await fetchReplayTarget(inbox, kept.id, terminal.interrupted))
  if (target === undefined) {
    terminal.printError('replaystack: The event was not captured on this machine; say where your app listens:')
    terminal.printError(`  ${writeCommand(args, ['--to', 'http://127.0.0.1:8787'])}`)
    return IMPOSSIBLE
  }
  try {
    const signal = terminal.interrupted
    const replays = openReplays(inbox, { eventId: kept.id, isHermetic }, signal)
    const history = reportReplays(inbox, kept.id, signal)
    const sent = { ...options, target, eventId: kept.id, replays, history, isHermetic, signal }
    const result = await runReplay(kept.event, sent)
    await putReplayTarget(inbox, kept.id, target, terminal.interrupted).catch(() => {
      // The replay was answered: an inbox that is gone by now changes nothing about it.
    })
    terminal.print(
      json ? escapeControlCharacters(JSON.stringify({ id: kept.id, ...result })) : formatReplay(result, terminal),
    )
    if (!isAnythingCompared(result.compared)) return IMPOSSIBLE
    return result.same ? SAME : DIFFERENT
  } catch (error) {
    if (error instanceof SendError && to === undefined) {
      terminal.printError(`replaystack: ${escapeControlCharacters(error.message)}; if your app listens elsewhere:`)
      terminal.printError(`  ${writeCommand(args, ['--to', 'http://127.0.0.1:8787'])}`)
      return IMPOSSIBLE
    }
    if (!(error instanceof ReplayPlanError)) throw error
    if (error.plan.needs.length === 0) {
      if (!isHermetic || 'refusal' in writeTestFile(kept)) throw error
      terminal.printError(
        `replaystack: ${escapeControlCharacters(error.message)} As a test, its tape can be played back:`,
      )
      terminal.printError(`  npx replaystack test ${kept.id}${inboxFlag(inbox)}`)
      return IMPOSSIBLE
    }
    for (const line of describeNeeds(error.plan.needs, args)) terminal.printError(escapeControlCharacters(line))
    return IMPOSSIBLE
  }
}

/** The command as it was given, with what it lacks, ready to paste. */
function writeCommand(args: readonly string[], missing: readonly string[]): string {
  const words = [...args, ...missing].map(word => (/^[\w:/.-]+$/.test(word) ? word : quoteText([word])))
  return ['npx replaystack replay', ...words].join(' ')
}

/** What is missing and why, and the command with a place for each. */
function describeNeeds(needs: readonly ReplayNeed[], args: readonly string[]): string[] {
  const values = needs.length === 1 ? 'a value' : `${needs.length} values`
  const flags = needs.flatMap(({ name, where }) =>
    where === 'header' ? ['--header', `${name}: …`] : ['--value', `${name}=…`],
  )
  return [
    `replaystack: The event does not hold ${values} that the request needs; write each in the place of its …:`,
    `  ${writeCommand(args, flags)}`,
    ...needs.map(({ name, reason }) => `      ${name}: ${reason}`),
  ]
}

function readReplayOptions(args: readonly string[]) {
  const { values, positionals } = parseArguments(
    args,
    {
      to: { type: 'string' },
      header: { type: 'string', multiple: true, default: [] },
      value: { type: 'string', multiple: true, default: [] },
      inbox: { type: 'string', default: DEFAULT_INBOX },
      'allow-host': { type: 'string', multiple: true, default: [] },
      times: { type: 'string', default: '1' },
      baseline: { type: 'string' },
      hermetic: { type: 'boolean', default: false },
      query: { type: 'string' },
      junit: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    [],
    1,
  )
  const [id] = positionals
  if (!id && values.query === undefined) throw new UsageError("An event's ID is missing")
  if (id && values.query !== undefined) throw new UsageError('--query and an ID exclude each other')
  if (values.junit === '') throw new UsageError('--junit needs the path of a file')
  if (values.junit !== undefined && values.query === undefined) throw new UsageError('--junit needs --query')
  if (values.to === '') throw new UsageError('--to needs the URL of a server, such as http://127.0.0.1:8787')
  if (values.baseline === '') throw new UsageError('--baseline needs the URL of a server with another build')
  const times = Number(values.times)
  if (!Number.isInteger(times) || times < 1 || times > MAX_TIMES) {
    throw new UsageError(`--times must be a number from 1 to ${MAX_TIMES}, got ${values.times}`)
  }
  return {
    id: id ?? '',
    query: values.query,
    junit: values.junit,
    to: values.to,
    times,
    baseline: values.baseline,
    isHermetic: values.hermetic,
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
