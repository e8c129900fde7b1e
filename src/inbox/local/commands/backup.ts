import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { InboxError } from '../../inbox-error.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { askInbox, notAnInbox } from '../../replay/fetch-json.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArgument, readInboxUrl } from '../command-options.ts'
import type { Terminal } from '../terminal.ts'

/** What the first line of a backup's file says. */
export const BACKUP_VERSION = 1

/** `replaystack backup`: all that an inbox keeps, into a file. */
export async function runBackupCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = {
    inbox: { type: 'string', default: DEFAULT_INBOX },
    force: { type: 'boolean', default: false },
  } as const
  const { values, argument: file } = parseArgument(args, options, 'The path of a file')
  const inbox = readInboxUrl(values.inbox)
  if (!values.force && (await exists(file))) throw new InboxError(`${file} exists already; --force writes over it`)
  // Whole or not there: what was begun has a name of its own.
  const part = `${file}.part`
  try {
    const { events, issues } = await writeFile(part, file.endsWith('.gz'), async write => {
      await write(
        `${JSON.stringify({ kind: 'backup', version: BACKUP_VERSION, inbox, createdAt: new Date().toISOString() })}\n`,
      )
      const counted = await copyPages(inbox, write, terminal.interrupted)
      await write(`${JSON.stringify({ kind: 'end', ...counted })}\n`)
      return counted
    })
    await rename(part, file)
    terminal.print(escapeControlCharacters(`Written: ${file} (events: ${events}, issues: ${issues})`))
    return 0
  } catch (error) {
    await rm(part, { force: true })
    if (error instanceof InboxError) throw error
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new InboxError(`${file} cannot be written: ${reason}`, { cause: error })
  }
}

type Write = (text: string) => Promise<void>

async function writeFile<Result>(
  file: string,
  isZipped: boolean,
  work: (write: Write) => Promise<Result>,
): Promise<Result> {
  const target = createWriteStream(file)
  const stream: Writable = isZipped ? createGzip() : target
  if (stream !== target) stream.pipe(target)
  const closed = finished(target)
  // It is awaited at the end; an error that comes before is found there.
  closed.catch(() => {})
  try {
    const result = await work(async text => {
      if (target.errored) throw target.errored
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), closed])
    })
    stream.end()
    await closed
    return result
  } finally {
    stream.destroy()
    target.destroy()
  }
}

async function copyPages(
  inbox: string,
  write: Write,
  signal: AbortSignal,
): Promise<{ events: number; issues: number }> {
  const first = `${inbox}/api/v1/backup`
  const counted = { events: 0, issues: 0 }
  for (let url: string | undefined = first; url !== undefined; ) {
    const response: Response = await askInbox(url, { signal }).catch(() => {
      throw new InboxError(`${inbox} cannot be reached; nothing was written`)
    })
    if (response.status !== 200) throw notAnInbox(inbox, response.status)
    const lines = await response.text()
    counted.events += lines.match(/^\{"kind":"event"/gm)?.length ?? 0
    counted.issues += lines.match(/^\{"kind":"issue"/gm)?.length ?? 0
    await write(lines)
    const [, next] = /^<(\?[^>]*)>; rel="next"$/.exec(response.headers.get('link') ?? '') ?? []
    url = next === undefined ? undefined : first + next
  }
  return counted
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
