import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { beginsEvent } from '../../backup/backup.ts'
import { InboxError } from '../../inbox-error.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { fetchJson, notAnInbox } from '../../replay/fetch-json.ts'
import { isJsonObject, parseJson } from '../../replay/payload-kind.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArgument, readInboxUrl } from '../command-options.ts'
import type { Terminal } from '../terminal.ts'
import { BACKUP_VERSION } from './backup.ts'

/** Characters of lines after which they are sent. */
const BATCH_LENGTH = 2_000_000

/** Wrong lines that are printed. */
const MAX_PRINTED = 20

interface Batch {
  /** Of the file, where it begins: 1 for the first. */
  firstLine: number
  lines: string[]
}

/** `replaystack restore`: what a backup's file has, into an inbox. What is there already stays as it is. */
export async function runRestoreCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = { inbox: { type: 'string', default: DEFAULT_INBOX } } as const
  const { values, argument: file } = parseArgument(args, options, 'The path of a backup')
  const inbox = readInboxUrl(values.inbox)
  const total = { restored: 0, known: 0, rejected: 0 }
  let hasEnd = false
  try {
    for await (const { firstLine, lines } of readBatches(file)) {
      hasEnd = lines.at(-1)?.startsWith('{"kind":"end"') ?? false
      const own = hasEnd ? lines.slice(0, -1) : lines
      if (own.length === 0) continue
      const { restored, known, rejected } = await send(inbox, own.join('\n'), terminal.interrupted)
      total.restored += restored
      total.known += known
      for (const { line, message } of rejected) {
        if (total.rejected++ < MAX_PRINTED) {
          terminal.printError(escapeControlCharacters(`Line ${firstLine + line - 1} is not restored: ${message}`))
        }
      }
    }
  } catch (error) {
    if (error instanceof InboxError) throw error
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new InboxError(`${file} cannot be read: ${reason}`, { cause: error })
  }
  terminal.print(`Events restored: ${total.restored}, there already: ${total.known}`)
  if (!hasEnd) throw new InboxError(`${file} is cut off: what is in it was restored`)
  if (total.rejected > 0) throw new InboxError(`${total.rejected} lines of ${file} could not be restored`)
  return 0
}

/** The lines after the first, with each event's two together. */
async function* readBatches(file: string): AsyncGenerator<Batch> {
  const source = createReadStream(file)
  const input = file.endsWith('.gz') ? source.pipe(createGunzip()) : source
  // An error of the file's would reach nobody through the pipe.
  source.once('error', error => input.destroy(error))
  let batch: Batch = { firstLine: 2, lines: [] }
  let [place, length, isHead] = [0, 0, false]
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    place++
    if (place === 1) {
      checkHead(line, file)
      continue
    }
    batch.lines.push(line)
    length += line.length
    isHead = !isHead && beginsEvent(line)
    if (length >= BATCH_LENGTH && !isHead) {
      yield batch
      batch = { firstLine: place + 1, lines: [] }
      length = 0
    }
  }
  if (place === 0) throw new InboxError(`${file} is empty`)
  yield batch
}

function checkHead(line: string, file: string): void {
  const head = parseJson(line)
  const about = isJsonObject(head) ? head : {}
  if (about['kind'] !== 'backup') throw new InboxError(`${file} is no backup of an inbox`)
  if (about['version'] !== BACKUP_VERSION) {
    throw new InboxError(`${file} is of a version that this command does not know: ${JSON.stringify(about['version'])}`)
  }
}

async function send(inbox: string, body: string, signal: AbortSignal) {
  const { status, value } = await fetchJson(`${inbox}/api/v1/restore`, inbox, { method: 'POST', body, signal })
  const { data, message } = isJsonObject(value) ? value : {}
  if (status !== 200 || !isJsonObject(data)) {
    throw typeof message === 'string'
      ? new InboxError(`${inbox} answered ${status}: ${message}`)
      : notAnInbox(inbox, status)
  }
  const { restored, known, rejected } = data
  const lines = Array.isArray(rejected) ? rejected.filter(isJsonObject) : []
  return {
    restored: Number(restored),
    known: Number(known),
    rejected: lines.map(({ line, message: reason }) => ({ line: Number(line), message: String(reason) })),
  }
}
