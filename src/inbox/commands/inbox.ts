import { parseOptions, UsageError } from '../command-options.ts'
import { formatEventLine } from '../format.ts'
import { openBrowser } from '../open-browser.ts'
import { startInbox } from '../server.ts'
import { type Terminal, waitForInterrupt } from '../terminal.ts'
import { escapeControlCharacters } from '../terminal-text.ts'

const DEFAULT_PORT = 4319

/** What an app's key is set to when the inbox takes any. */
const ANY_KEY = 'local'

/** `replaystack inbox`: an inbox until the user ends it, with a line for each event. */
export async function runInboxCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { port, file, key, open } = readInboxOptions(args)
  const inbox = await startInbox({
    port,
    file,
    key,
    onError: error => terminal.printError(`replaystack: ${escapeControlCharacters(error.message)}`),
  })
  terminal.print(`ReplayStack inbox: ${inbox.url}`)
  terminal.print(file === undefined ? 'Events are kept in memory; --db FILE keeps them.' : `Events are kept in ${file}`)
  terminal.print('')
  terminal.print(`REPLAYSTACK_ENDPOINT=${inbox.url}`)
  terminal.print(`REPLAYSTACK_API_KEY=${key ?? ANY_KEY}`)
  terminal.print('')
  inbox.feed.subscribe(event => terminal.print(formatEventLine(event, terminal)))
  if (open) openBrowser(inbox.url)
  await waitForInterrupt(terminal)
  await inbox.close()
  return 0
}

function readInboxOptions(args: readonly string[]) {
  const { port, db, key, open } = parseOptions(args, {
    port: { type: 'string' },
    db: { type: 'string' },
    key: { type: 'string' },
    open: { type: 'boolean' },
  })
  if (db === '') throw new UsageError('--db needs the path of a file')
  if (key === '') throw new UsageError('--key must not be empty')
  return { port: port === undefined ? DEFAULT_PORT : readPort(port), file: db, key, open }
}

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`--port must be a number from 0 to 65535, got ${text}`)
  return port
}
