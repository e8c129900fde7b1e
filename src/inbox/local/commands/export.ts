import { EXPORT_FORMATS } from '../../export/export-events.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { fetchEvent, fetchExport } from '../../replay/fetch-event.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArgument, readInboxUrl, UsageError } from '../command-options.ts'
import { saveFile } from '../save-file.ts'
import type { Terminal } from '../terminal.ts'

/** `replaystack export`: an event, for other tools. */
export async function runExportCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { id, format, inbox, out, force } = readExportOptions(args)
  const event = await fetchEvent(inbox, id, terminal.interrupted)
  const path = `events/${encodeURIComponent(event.id)}/export?as=${format}`
  const text = await fetchExport(inbox, path, terminal.interrupted)
  if (out === undefined) {
    terminal.print(text.trimEnd().split('\n').map(escapeControlCharacters).join('\n'))
    return 0
  }
  await saveFile(out, text, force)
  terminal.print(`Written: ${escapeControlCharacters(out)}`)
  return 0
}

function readExportOptions(args: readonly string[]) {
  const { values, argument } = parseArgument(
    args,
    {
      as: { type: 'string' },
      out: { type: 'string' },
      force: { type: 'boolean', default: false },
      inbox: { type: 'string', default: DEFAULT_INBOX },
    },
    "An event's ID",
  )
  const { out, force } = values
  const format = EXPORT_FORMATS.find(known => known === values.as)
  if (!format) throw new UsageError(`--as must be one of ${EXPORT_FORMATS.join(', ')}`)
  if (out === '') throw new UsageError('--out needs the path of a file')
  return { id: argument, format, inbox: readInboxUrl(values.inbox), out, force }
}
