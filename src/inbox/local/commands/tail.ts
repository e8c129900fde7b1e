import { readEventSummary } from '../../event-summary.ts'
import { EVENT_STATUSES } from '../../event-values.ts'
import { formatEventLine, formatTopFrame } from '../../format.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { readTopFrame } from '../../top-frame.ts'
import { parseOptions, readInboxUrl, UsageError } from '../command-options.ts'
import { followEvents } from '../follow-events.ts'
import type { Terminal } from '../terminal.ts'

/** `replaystack tail`: a line for each event that an inbox accepts, until the user ends it. */
export async function runTailCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { inbox, status, json } = readTailOptions(args)
  const states = {
    connected: `Following ${inbox}`,
    unreachable: `${inbox} cannot be reached; trying again`,
    lost: `The connection to ${inbox} was lost; trying again`,
  }
  const events = followEvents(inbox, {
    signal: terminal.interrupted,
    onStateChange: state => terminal.printError(states[state]),
  })
  for await (const data of events) {
    const event = readEventSummary(data)
    if (!event || (status !== undefined && event.status !== status)) continue
    // Escaped as JSON escapes: the line is the same value.
    terminal.print(json ? escapeControlCharacters(data) : formatEventLine(event, terminal))
    const frame = json ? undefined : readTopFrame(data)
    if (frame) terminal.print(formatTopFrame(frame, terminal))
  }
  return 0
}

function readTailOptions(args: readonly string[]) {
  const { inbox, status, json } = parseOptions(args, {
    inbox: { type: 'string', default: DEFAULT_INBOX },
    status: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  if (status !== undefined && !EVENT_STATUSES.some(allowed => allowed === status)) {
    throw new UsageError(`--status must be one of ${EVENT_STATUSES.join(', ')}`)
  }
  return { inbox: readInboxUrl(inbox), status, json }
}
