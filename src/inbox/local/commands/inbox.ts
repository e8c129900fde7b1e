import { statSync } from 'node:fs'
import type { EventFeed } from '../../event-feed.ts'
import { formatEventLine, formatTopFrame } from '../../format.ts'
import { InboxError } from '../../inbox-error.ts'
import { quoteText } from '../../replay/shell-text.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { findTopFrame } from '../../top-frame.ts'
import { parseOptions, UsageError } from '../command-options.ts'
import { EDITOR_NAMES, type EditorName, isEditorName } from '../local-editor.ts'
import { openBrowser } from '../open-browser.ts'
import { PortInUseError, startInbox } from '../server.ts'
import { type Terminal, waitForInterrupt } from '../terminal.ts'

const DEFAULT_PORT = 4319

/** What lists and searches are still quick with, within reason. */
const MAX_EVENTS = 1_000_000

/** What an app's key is set to when the inbox takes any. */
const ANY_KEY = 'local'

/** `replaystack inbox`: an inbox until the user ends it, with a line for each event. */
export async function runInboxCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { open, ...options } = readInboxOptions(args)
  const { file, key, sourceMaps } = options
  const problems = createProblemLine(terminal)
  const inbox = await startInbox({ ...options, project: process.cwd(), onError: problems.print }).catch(async error => {
    throw error instanceof PortInUseError ? await describePort(options.port, args) : error
  })
  problems.endWith(inbox.feed)
  terminal.print(`ReplayStack inbox: ${inbox.url}`)
  terminal.print(file === undefined ? 'Events are kept in memory; --db FILE keeps them.' : `Events are kept in ${file}`)
  if (sourceMaps !== undefined) terminal.print(`Stack frames are shown by the source maps in ${sourceMaps}`)
  terminal.print('')
  terminal.print(`REPLAYSTACK_ENDPOINT=${inbox.url}`)
  terminal.print(`REPLAYSTACK_API_KEY=${key ?? ANY_KEY}`)
  terminal.print('')
  inbox.feed.subscribe(event => {
    terminal.print(formatEventLine(event, terminal))
    const frame = event.status === 'failed' ? findTopFrame(inbox.store, event.id) : undefined
    if (frame?.fileName !== undefined) terminal.print(formatTopFrame(frame, terminal))
  })
  if (open) openBrowser(inbox.url)
  await waitForInterrupt(terminal)
  await inbox.close()
  return 0
}

/** Who has the port, and the command that takes another one. */
async function describePort(port: number, args: readonly string[]): Promise<InboxError> {
  const url = `http://127.0.0.1:${port}`
  const others = args.filter((arg, index) => !/^--port(=|$)/.test(arg) && args[index - 1] !== '--port')
  const words = [...others, '--port', String(port + 1)].map(word =>
    /^[\w:/.-]+$/.test(word) ? word : quoteText([word]),
  )
  const command = `npx replaystack inbox ${words.join(' ')}`
  const isInbox = await fetch(`${url}/api/v1/events?limit=1`, { signal: AbortSignal.timeout(1_000) })
    .then(async response => response.ok && Array.isArray(Object(await response.json())['events']))
    .catch(() => false)
  return new InboxError(
    isInbox
      ? `An inbox is already running at ${url}. Another one beside it: ${command}`
      : `Port ${port} is already in use. Take another one: ${command}`,
  )
}

/** A line for each problem. One that is the same as the last is told again only after an event was accepted. */
function createProblemLine(terminal: Terminal) {
  let last: string | undefined
  return {
    print(error: Error) {
      if (error.message === last) return
      last = error.message
      terminal.printError(`replaystack: ${escapeControlCharacters(error.message)}`)
    },
    endWith(feed: EventFeed) {
      feed.subscribe(() => {
        last = undefined
      })
    },
  }
}

function readInboxOptions(args: readonly string[]) {
  const values = parseOptions(args, {
    port: { type: 'string' },
    db: { type: 'string' },
    key: { type: 'string' },
    'max-events': { type: 'string' },
    sourcemaps: { type: 'string' },
    editor: { type: 'string' },
    open: { type: 'boolean' },
  })
  const { port, db: file, key, sourcemaps: sourceMaps, open } = values
  const editor = readEditor(values.editor)
  if (file === '') throw new UsageError('--db needs the path of a file')
  if (key === '') throw new UsageError('--key must not be empty')
  if (sourceMaps !== undefined && !isFolder(sourceMaps)) {
    throw new UsageError(`--sourcemaps must be a folder, got ${sourceMaps}`)
  }
  const maxEvents = readMaxEvents(values['max-events'])
  return { port: port === undefined ? DEFAULT_PORT : readPort(port), file, key, maxEvents, sourceMaps, editor, open }
}

/** What is given; without it, the variable REPLAYSTACK_EDITOR. */
function readEditor(given: string | undefined): EditorName | undefined {
  const editor = given ?? process.env['REPLAYSTACK_EDITOR']
  if (editor === undefined || (given === undefined && editor === '')) return undefined
  if (isEditorName(editor)) return editor
  const name = given === undefined ? 'REPLAYSTACK_EDITOR' : '--editor'
  throw new UsageError(`${name} must be one of ${EDITOR_NAMES.join(', ')}, got ${editor}`)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function readMaxEvents(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const count = Number(text)
  if (!/^[1-9]\d*$/.test(text) || count > MAX_EVENTS) {
    throw new UsageError(`--max-events must be a number from 1 to ${MAX_EVENTS}, got ${text}`)
  }
  return count
}

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`--port must be a number from 0 to 65535, got ${text}`)
  return port
}
