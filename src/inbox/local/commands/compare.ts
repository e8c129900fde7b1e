import { DEFAULT_INBOX } from '../../loopback.ts'
import { compareEvents } from '../../replay/compare-events.ts'
import { fetchEvent } from '../../replay/fetch-event.ts'
import { formatComparison } from '../../replay/format-comparison.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArguments, readInboxUrl } from '../command-options.ts'
import type { Terminal } from '../terminal.ts'

/**
 * `replaystack compare`: two events side by side.
 *
 * @returns 0 when nothing differs, 1 when something does
 */
export async function runCompareCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments(
    args,
    { inbox: { type: 'string', default: DEFAULT_INBOX }, json: { type: 'boolean', default: false } },
    ["The first event's ID", "The second event's ID"],
  )
  const inbox = readInboxUrl(values.inbox)
  const [first = '', second = ''] = positionals
  const comparison = compareEvents(
    await fetchEvent(inbox, first, terminal.interrupted),
    await fetchEvent(inbox, second, terminal.interrupted),
  )
  terminal.print(
    values.json ? escapeControlCharacters(JSON.stringify(comparison)) : formatComparison(comparison, terminal),
  )
  return comparison.same ? 0 : 1
}
