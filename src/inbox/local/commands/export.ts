import { EXPORT_FORMATS } from '../../export/export-events.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { fetchEvent, fetchExport } from '../../replay/fetch-event.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArguments, readInboxUrl, UsageError } from '../command-options.ts'
import { saveFile } from '../save-file.ts'
import type { Terminal } from '../terminal.ts'

/** `replaystack export`: an event, or those of a query, for other tools. */
export async function runExportCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { id, query, limit, format, inbox, out, force } = readExportOptions(args)
  const path =
    query === undefined
      ? `events/${encodeURIComponent((await fetchEvent(inbox, id, terminal.interrupted)).id)}/export?as=${format}`
      : `export?${new URLSearchParams({ as: format, query, limit })}`
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
  const { values, positionals } = parseArguments(
    args,
    {
      as: { type: 'string' },
      query: { type: 'string' },
      limit: { type: 'string', default: '' },
      out: { type: 'string' },
      force: { type: 'boolean', default: false },
      inbox: { type: 'string', default: DEFAULT_INBOX },
    },
    [],
    1,
  )
  const [id = ''] = positionals
  const { query, limit, out, force } = values
  if (id === '' && query === undefined) throw new UsageError("An event's ID is missing")
  if (id !== '' && query !== undefined) throw new UsageError('--query and an ID exclude each other')
  const format = EXPORT_FORMATS.find(known => known === values.as)
  if (!format) throw new UsageError(`--as must be one of ${EXPORT_FORMATS.join(', ')}`)
  if (out === '') throw new UsageError('--out needs the path of a file')
  return { id, query, limit, format, inbox: readInboxUrl(values.inbox), out, force }
}
