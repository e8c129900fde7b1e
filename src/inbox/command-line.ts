import { SDK_VERSION } from '../version.ts'
import { InboxError } from './inbox-error.ts'
import type { Terminal } from './terminal.ts'
import { escapeControlCharacters } from './terminal-text.ts'

type Command = (args: readonly string[], terminal: Terminal) => Promise<number>

/** Each is loaded when it is asked for, so that `--help` works on a Node that a command does not. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  inbox: async () => (await import('./commands/inbox.ts')).runInboxCommand,
  tail: async () => (await import('./commands/tail.ts')).runTailCommand,
}

const HELP = `ReplayStack on your own machine.

replaystack inbox [--port 4319] [--db FILE] [--key KEY] [--open]
  Starts an inbox that records events.
    --port PORT      where it listens on 127.0.0.1; 0 takes a free port
    --db FILE        keeps the events in this SQLite file; without it they live in memory
    --key KEY        the only API key that is taken; without it any is
    --open           shows the inbox in your browser

replaystack tail [--inbox URL] [--status STATUS] [--json]
  Prints each event as it arrives.
    --inbox URL      the inbox to follow; http://127.0.0.1:4319 without it
    --status STATUS  only success, failed, warning or pending
    --json           one JSON object a line

replaystack --version
replaystack --help`

/**
 * Runs the `replaystack` command.
 *
 * @returns the exit code: 0 when it did what it was asked, 2 when it could not
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args
  if (args.includes('--help') || args.includes('-h')) {
    terminal.print(HELP)
    return 0
  }
  if (name === '--version') {
    terminal.print(SDK_VERSION)
    return 0
  }
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!load) return refuse(terminal, `${describeUnknown(name)}; replaystack --help lists the commands`)
  try {
    const command = await load()
    return await command(rest, terminal)
  } catch (error) {
    if (error instanceof InboxError) return refuse(terminal, error.message)
    throw error
  }
}

function describeUnknown(name: string | undefined): string {
  if (name === undefined) return 'A command is missing'
  return name.startsWith('-') ? `Unknown option '${name}'` : `Unknown command '${name}'`
}

function refuse(terminal: Terminal, message: string): number {
  terminal.printError(`replaystack: ${escapeControlCharacters(message)}`)
  return 2
}
