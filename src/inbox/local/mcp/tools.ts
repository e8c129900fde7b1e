import { relative, resolve } from 'node:path'
import { read } from '../../../safe-read.ts'
import { isTape } from '../../../tape/player.ts'
import { formatEvent } from '../../format-event.ts'
import { InboxError } from '../../inbox-error.ts'
import { showJson } from '../../replay/compare-json.ts'
import {
  fetchEvent,
  fetchEventText,
  fetchReplayTarget,
  openReplays,
  putReplayTarget,
} from '../../replay/fetch-event.ts'
import { formatReplay } from '../../replay/format-replay.ts'
import { isJsonObject, type JsonObject } from '../../replay/payload-kind.ts'
import { reportReplays } from '../../replay/report-replay.ts'
import type { KeptEvent } from '../../replay/test-file.ts'
import { runTestCommand } from '../commands/test.ts'
import { ReplayPlanError, runReplay } from '../replay/run-replay.ts'
import { fenceData } from './fence.ts'
import { listIssues, searchEvents } from './search-tools.ts'
import { readText, readTexts, type Tool, type ToolContext } from './tool.ts'

const ID = {
  type: 'string',
  description: "The event's id, at least 8 characters of its beginning, or its trace id",
  maxLength: 200,
} as const

/** Characters of an event that are left for its calls. */
const MAX_EVENT_CHARACTERS = 20_000

const getEvent: Tool = {
  name: 'get_event',
  title: 'Read an event',
  description:
    'Shows one event whole: the error with its frames in their source, request, response, breadcrumbs, logs, and the recorded calls to databases and services. [MASKED] stands for a secret.',
  arguments: { id: ID },
  required: ['id'],
  isReadOnly: true,
  async run(given, { inbox, signal }) {
    const kept = await fetchEvent(inbox, readText(given, 'id') ?? '', signal)
    const text = (await fetchEventText(inbox, kept.id, signal)) ?? formatEvent(kept.event)
    const shown =
      text.length > MAX_EVENT_CHARACTERS
        ? `${text.slice(0, MAX_EVENT_CHARACTERS)}\n… ${text.length - MAX_EVENT_CHARACTERS} more characters`
        : text
    return fenceData(`The event ${kept.id}, received at ${kept.receivedAt}.`, `${shown}\n\n${formatCalls(kept)}`)
  },
}

function formatCalls({ event }: KeptEvent): string {
  const tape: unknown = read(event.metadata, 'tape')
  if (!isTape(tape)) return 'No calls to the outside were recorded.'
  const lines = tape.calls.map(({ kind, target, method, input, output, error, startedMs, durationMs }, index) => {
    const outcome = error === undefined ? `→ ${showJson(output)}` : `✗ ${showJson(error)}`
    return `  ${index + 1}. +${startedMs} ms, ${durationMs} ms: ${kind} ${target}.${method} ${showJson(input)} ${outcome}`
  })
  return ['Recorded calls', ...(lines.length > 0 ? lines : ['  none'])].join('\n')
}

const replayEvent: Tool = {
  name: 'replay_event',
  title: 'Replay an event',
  description:
    'Sends the captured request again to the application on this machine, and compares both responses. The application runs it for real. Masked values are never sent: it says which it needs, and asks the user for them by name.',
  arguments: {
    id: ID,
    target: {
      type: 'string',
      description:
        'Where the application listens, such as http://127.0.0.1:8787; without it, where its last replay went, or where it was captured',
      maxLength: 2_000,
    },
    headers: {
      type: 'object',
      description: 'Headers to send besides or instead, as texts; an empty one leaves it out',
    },
    values: {
      type: 'object',
      description: 'What was masked, by the names that an earlier call asked for: {"body.pin": "1234"}',
    },
    times: {
      type: 'integer',
      description: 'How often: what differs between the runs is left out of the verdict',
      minimum: 1,
      maximum: 20,
    },
  },
  required: ['id'],
  isReadOnly: false,
  async run(given, { inbox, signal }) {
    const { id, event } = await fetchEvent(inbox, readText(given, 'id') ?? '', signal)
    const target = readText(given, 'target') ?? (await fetchReplayTarget(inbox, id, signal))
    if (target === undefined) throw new InboxError('target is missing: the event was not captured on this machine')
    try {
      const result = await runReplay(event, {
        eventId: id,
        target,
        replays: openReplays(inbox, { eventId: id, isHermetic: false }, signal),
        history: reportReplays(inbox, id, signal),
        headers: Object.fromEntries(
          Object.entries(readTexts(given, 'headers')).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        values: isJsonObject(given['values']) ? given['values'] : {},
        times: typeof given['times'] === 'number' ? given['times'] : 1,
        signal,
      })
      await putReplayTarget(inbox, id, target, signal).catch(() => {
        // The replay was answered: an inbox that is gone by now changes nothing about it.
      })
      const says = result.same ? 'Both responses are the same.' : 'They differ, or there was nothing to compare.'
      return fenceData(`The event ${id} was sent again. ${says}`, formatReplay(result))
    } catch (error) {
      if (!(error instanceof ReplayPlanError) || error.plan.needs.length === 0) throw error
      const needs = error.plan.needs.map(({ name, where, reason }) => {
        return `${where === 'header' ? 'headers' : 'values'}: ${name}. ${reason}`
      })
      return fenceData('It was not sent: ask the user for these, and give them by their names.', needs.join('\n'))
    }
  },
}

const writeTest: Tool = {
  name: 'write_test',
  title: 'Keep an event as a test',
  description:
    'Writes a vitest file, and beside it the tape of what the application heard from outside, into the folder that this server was started in. It is red while the failure is there, and green when it is repaired: npx vitest run FILE.',
  arguments: {
    id: ID,
    out: {
      type: 'string',
      description: 'The file, below this folder; without it, a name after the event',
      maxLength: 300,
    },
    app: {
      type: 'string',
      description: 'The module below this folder that exports the app, the Worker or the handler',
      maxLength: 300,
    },
    expect: {
      type: 'integer',
      description: "The status of the repaired app; without it, that of the route's last success, else below 500",
      minimum: 100,
      maximum: 599,
    },
    force: { type: 'boolean', description: 'Writes over a file that exists' },
  },
  required: ['id'],
  isReadOnly: false,
  async run(given, context) {
    const [out, app] = [readFile(given, 'out'), readFile(given, 'app')]
    if (out !== undefined && !/\.(?:test|spec)\.[cm]?[jt]sx?$/.test(out)) {
      throw new InboxError('out must end in .test.ts, .spec.ts or the like')
    }
    const { id } = await fetchEvent(context.inbox, readText(given, 'id') ?? '', context.signal)
    const lines = await runForLines(
      [
        `--inbox=${context.inbox}`,
        ...(out === undefined ? [] : [`--out=${out}`]),
        ...(app === undefined ? [] : [`--app=${app}`]),
        ...(given['expect'] === undefined ? [] : [`--expect=${String(given['expect'])}`]),
        ...(given['force'] === true ? ['--force'] : []),
        '--',
        id,
      ],
      context,
    )
    return fenceData(`The event ${id} is kept as a test.`, lines.join('\n'))
  },
}

/** A file below the folder that the server was started in. */
function readFile(given: JsonObject, name: string): string | undefined {
  const file = readText(given, name)
  if (file === undefined) return undefined
  const path = relative('.', resolve(file))
  if (path === '' || path.startsWith('..') || resolve(path) !== resolve(file)) {
    throw new InboxError(`${name} must be a file below the folder that this server was started in`)
  }
  return path
}

/** What the command prints to its user. */
async function runForLines(args: readonly string[], { signal }: ToolContext): Promise<string[]> {
  const lines: string[] = []
  const print = (line: string) => {
    lines.push(line)
  }
  await runTestCommand(args, { print, printError: print, color: false, interrupted: signal })
  return lines
}

export const TOOLS: readonly Tool[] = [listIssues, searchEvents, getEvent, replayEvent, writeTest]
