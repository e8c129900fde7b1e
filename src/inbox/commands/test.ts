import { writeFile } from 'node:fs/promises'
import { parseArgument, readInboxUrl, UsageError } from '../command-options.ts'
import { InboxError } from '../inbox-error.ts'
import { DEFAULT_INBOX } from '../loopback.ts'
import { fetchEvent } from '../replay/fetch-event.ts'
import { createTemplate } from '../replay/placeholders.ts'
import { writeTestFile } from '../replay/test-file.ts'
import type { Terminal } from '../terminal.ts'
import { escapeControlCharacters } from '../terminal-text.ts'

/** `replaystack test`: keeps an event as a vitest file; without `--out` it goes to stdout. */
export async function runTestCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { id, inbox, out, statusCode, force } = readTestOptions(args)
  const kept = await fetchEvent(inbox, id, terminal.interrupted)
  const file = writeTestFile(kept, { statusCode })
  if ('refusal' in file) throw new InboxError(file.refusal)
  if (out === undefined) {
    terminal.print(file.code.trimEnd())
    return 0
  }
  await save(out, file.code, force)
  terminal.print(escapeControlCharacters(`Written to ${out}; run it with: npx vitest run ${out}`))
  const template = createTemplate(kept.event)
  const variables = 'refusal' in template ? [] : template.placeholders.map(({ variable }) => variable)
  if (variables.length > 0) terminal.print(`It needs what was masked: set ${variables.join(', ')}`)
  return 0
}

async function save(file: string, code: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, code, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : undefined
    if (reason === 'EEXIST') throw new InboxError(`${file} exists already; --force writes over it`, { cause: error })
    throw new InboxError(`${file} cannot be written: ${String(reason)}`, { cause: error })
  }
}

function readTestOptions(args: readonly string[]) {
  const { values, argument } = parseArgument(
    args,
    {
      out: { type: 'string' },
      inbox: { type: 'string', default: DEFAULT_INBOX },
      status: { type: 'string' },
      force: { type: 'boolean', default: false },
    },
    "An event's ID",
  )
  const { out, status, force } = values
  if (out === '') throw new UsageError('--out needs the path of a file')
  if (status !== undefined && !/^[1-5]\d\d$/.test(status)) {
    throw new UsageError(`--status must be a status code, got ${status}`)
  }
  const statusCode = status === undefined ? undefined : Number(status)
  return { id: argument, inbox: readInboxUrl(values.inbox), out, statusCode, force }
}
