import { SDK_VERSION } from '../../event/version.ts'
import { InboxError } from '../inbox-error.ts'
import { useAccessClient, useInboxToken } from '../replay/fetch-json.ts'
import { escapeControlCharacters } from '../terminal-text.ts'
import { takeToken } from './command-options.ts'
import type { Terminal } from './terminal.ts'

type Command = (args: readonly string[], terminal: Terminal) => Promise<number>

/** The exit code of a command that could not do what it was asked. */
export const FAILED = 2

/** Each is loaded when it is asked for, so that `--help` works on a Node that a command does not. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  inbox: async () => (await import('./commands/inbox.ts')).runInboxCommand,
  tail: async () => (await import('./commands/tail.ts')).runTailCommand,
  issues: async () => (await import('./commands/issues.ts')).runIssuesCommand,
  replay: async () => (await import('./commands/replay.ts')).runReplayCommand,
  test: async () => (await import('./commands/test.ts')).runTestCommand,
  mcp: async () => (await import('./commands/mcp.ts')).runMcpCommand,
  export: async () => (await import('./commands/export.ts')).runExportCommand,
  sourcemaps: async () => (await import('./commands/sourcemaps.ts')).runSourcemapsCommand,
  alerts: async () => (await import('./commands/alerts.ts')).runAlertsCommand,
  backup: async () => (await import('./commands/backup.ts')).runBackupCommand,
  restore: async () => (await import('./commands/restore.ts')).runRestoreCommand,
  delete: async () => (await import('./commands/delete.ts')).runDeleteCommand,
  forget: async () => (await import('./commands/delete.ts')).runForgetCommand,
  team: async () => (await import('./commands/team.ts')).runTeamCommand,
  compare: async () => (await import('./commands/compare.ts')).runCompareCommand,
}

const WELCOME = `ReplayStack on your own machine: see your app's requests, and send them again.

  1. Start an inbox; its page opens in your browser:
       npx replaystack inbox --open
  2. Give your app these two variables (.dev.vars for wrangler), then start it:
       REPLAYSTACK_ENDPOINT=http://127.0.0.1:4319
       REPLAYSTACK_API_KEY=local
  3. Send a request again, to the app on this machine:
       npx replaystack replay ID

No event arrives? REPLAYSTACK_DEBUG=1 makes your app say why.
All commands: npx replaystack --help
How to record an app: node_modules/@replaystack/edge/README.md`

const HELP = `ReplayStack on your own machine.

replaystack inbox [--port 4319] [--db FILE] [--key KEY] [--open]
                  [--sourcemaps DIR] [--max-events N] [--editor NAME]
  Starts an inbox that records events.
    --port PORT       where it listens on 127.0.0.1; 0 takes a free port
    --db FILE         keeps the events in this SQLite file; without it they live
                      in memory
    --key KEY         the only API key that is taken; without it any is
    --open            shows the inbox in your browser
    --sourcemaps DIR  shows stack frames in their sources, by the build's maps
    --max-events N    keeps the newest N events; 100000 without it, and 1 GB at
                      most
    --editor NAME     opens stack frames in cursor, idea, vscode,
                      vscode-insiders, vscodium, webstorm, windsurf or zed; none
                      links none. Without it: the variable REPLAYSTACK_EDITOR,
                      else vscode

replaystack tail [--inbox URL] [--status STATUS] [--json]
  Prints each event as it arrives.
    --status STATUS   only success, failed, warning or pending
    --json            one JSON object a line

replaystack issues [QUERY] [--sort ORDER] [--limit N] [--inbox URL] [--json]
  Lists issues: failures of one kind, whatever numbers and ids are in them.
  QUERY finds those of which an event meets it, as in 'is:regressed
  service:shop'; without it, they are the open ones.
    --sort ORDER      lastSeen, which it is without it, firstSeen or count
    --limit N         the first N, 50 without it
    --json            one JSON object a line

replaystack replay ID|--query QUERY [--to URL] [--header 'name: value']
                   [--value 'name=value'] [--hermetic] [--times N]
                   [--baseline URL] [--junit FILE] [--allow-host HOST]
                   [--inbox URL] [--json]
  Sends an event's request again and compares the answers. ID is an event's id,
  at least 8 characters of its beginning, or a trace id. Exits with 0 when
  status and body are the same, 1 when they differ, 2 when it could not.
    --query QUERY     one event per route, method, status and shape
                      of those that it finds, as in 'is:failed since:7d', and a
                      table of them; what cannot be replayed fails nothing
    --to URL          where the app listens; its path goes before the request's.
                      Without it: where the last replay of its service went,
                      else where it was captured, if that is this machine
    --header HEADER   a header to send besides or instead; 'name:' leaves it out
    --value VALUE     what was masked: 'body.pin=1234'; := takes JSON
    --hermetic        makes no call to the outside: the app, which needs the
                      variable REPLAYSTACK_REPLAY=1, gets what was recorded
    --times N         sends it N times; what differs between the runs, ids and
                      times, is named and left out of the verdict
    --baseline URL    compares with what this other build answers, not with the
                      captured answer
    --junit FILE      with --query, the outcome as JUnit's XML
    --allow-host HOST a host besides this machine that the request may go to
    --json            the outcome as one JSON object

replaystack test ID [--app FILE] [--out FILE] [--expect CODE] [--force]
                 [--harness] [--config FILE] [--inbox URL]
  Keeps an event as a vitest file that calls your app, and beside it the tape
  of what the app heard from outside: it runs without network and bindings.
    --app FILE        what exports the app, the Worker or the handler
    --out FILE        where it is written; without it, a name after the event
    --expect CODE     the status of the repaired app; without it, that of the
                      route's last success, else below 500
    --harness         runs the Worker in the real runtime, by wrangler's
                      createTestHarness (wrangler 4.99 or later)
    --config FILE     with --harness: wrangler's configuration; without it, the
                      one in this folder. Without --app, its main is the app
    --force           writes over a file that exists

replaystack mcp [--inbox URL]
  Lets a coding agent list issues, search events, read one, replay it and keep
  it as a test: a server of the Model Context Protocol over stdin and stdout.
  The agent starts it, in the folder of the app, by "command": "npx" and
  "args": ["replaystack", "mcp"].

replaystack export ID|--query QUERY --as FORMAT [--limit N] [--out FILE]
                   [--force] [--inbox URL]
  Writes events for other tools. What was masked stays masked.
    --query QUERY     those that it finds, the newest 1000 at most
    --limit N         with --query, the newest N
    --as FORMAT       curl, fetch (JavaScript), har (HTTP Archive 1.2), json, or
                      openapi (3.1: what the event shows of the API)
    --out FILE        where it is written; without it, it is printed
    --force           writes over a file that exists

replaystack compare ID ID [--inbox URL] [--json]
  Shows what differs between two events: what came in, what was called, what
  went wrong and what went out. Exits with 0 when nothing does, 1 when
  something does, 2 when it could not.
    --json            the outcome as one JSON object

replaystack alerts [ACTION] [--inbox URL]
  Lists the alerts of a project of a team's inbox, or does one of:
    add NAME --query QUERY [--threshold N] [--window MINUTES] --to URL
             [--with-content]    posts to a webhook (Slack, Discord, any) when N
                                 events of QUERY, 1 without it, came in within
                                 MINUTES, 5 without it; nothing of an event is
                                 in the message without --with-content
    test ID                      sends a message that says it is a test
    enable ID, disable ID, remove ID

replaystack backup FILE [--force] [--inbox URL]
  Writes all that an inbox keeps into a file, a line of JSON each: events with
  pins, notes and replays, and issues. What was masked stays masked. A FILE that
  ends by .gz is compressed.
    --force           writes over a file that exists

replaystack restore FILE [--inbox URL]
  Brings what a backup has into an inbox. What is there already stays as it is,
  so that it can be run again. Exits with 2 when a line could not be restored.

replaystack delete QUERY [--yes] [--inbox URL]
  Deletes the events that a query finds, as in 'service:shop until:30d', pinned
  ones too.
    --yes             does it; without it, only their number is printed

replaystack forget PERSON [--yes] [--inbox URL]
  Deletes every event that mentions somebody, by an e-mail address or an id, in
  any field, and what is kept of it elsewhere.
    --yes             does it; without it, only their number is printed

replaystack sourcemaps upload --release SHA DIR [--to URL] [--token TOKEN]
  Gives an inbox the source maps of a build, so that it shows the frames of this
  release in their sources. To be run before the release is deployed, and again
  whenever: what is there is not sent twice. Exits with 0 when all is well, 1
  when a map cannot be used or a frame of the release's events does not resolve,
  2 when it could not.
    --release SHA     the commit hash or version that the build's events have
    --to URL          the inbox; http://127.0.0.1:4319 without it

replaystack team ACTION --url URL [--admin-token TOKEN]
  Manages a team's inbox, which is a Worker of your own (docs/team-inbox.md).
  The admin token is that of the variable REPLAYSTACK_ADMIN_TOKEN without it.
    init [--project NAME]        makes a project, and shows its first key
    projects                     lists them
    disable NAME, enable NAME    refuses a project's events, or takes them again
    limit NAME [--month N] [--second N]
                                 how many events are taken; none takes one away
    retention NAME [--days N] [--events N]
                                 how long and how many events are kept; none
                                 goes back to 30 days and 1000000
    usage [NAME]                 events and bytes of each month
    keys NAME                    lists a project's keys, without their secrets
    add-key NAME                 shows a new key of a project
    revoke-key NAME ID
    tokens                       lists who may read
    add-token PERSON [--role read|write|admin] [--project NAME ...]
                                 shows a new token; for all projects without one
    revoke-token ID
    people                       lists those who come in by Cloudflare Access
    add-person E-MAIL [--role read|write|admin] [--project NAME ...]
    remove-person E-MAIL
    audit                        lists the last 100 changes, and who made them

--inbox URL is the inbox to ask; http://127.0.0.1:4319 without it. A project of
a team's inbox is at https://HOST/projects/NAME, and needs --token TOKEN, or the
variable REPLAYSTACK_INBOX_TOKEN.

replaystack --version
replaystack --help`

/** The part about one command, else all of it. */
function helpOf(name = ''): string {
  const part = HELP.split('\n\n').find(text => text.startsWith(`replaystack ${name} `))
  if (!part || !Object.hasOwn(COMMANDS, name)) return HELP
  const inbox = part.includes('--inbox URL')
    ? '\n    --inbox URL       the inbox to ask; http://127.0.0.1:4319 without it'
    : ''
  return part + inbox
}

/**
 * Runs the `replaystack` command.
 *
 * @returns the exit code: 0 when it did what it was asked, 2 when it could not; 1 for answers that differ
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...given] = args
  if (args.includes('--help') || args.includes('-h')) {
    terminal.print(helpOf(name))
    return 0
  }
  if (name === undefined) {
    terminal.print(WELCOME)
    return 0
  }
  if (name === '--version') {
    terminal.print(SDK_VERSION)
    return 0
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!load) {
    terminal.printError(formatProblem(`${describeUnknown(name)}; replaystack --help lists the commands`))
    return FAILED
  }
  try {
    const { token, rest } = takeToken(given)
    useInboxToken(token ?? (process.env['REPLAYSTACK_INBOX_TOKEN'] || undefined))
    const { CLOUDFLARE_ACCESS_CLIENT_ID: id, CLOUDFLARE_ACCESS_CLIENT_SECRET: secret } = process.env
    if (id && secret) useAccessClient(id, secret)
    const command = await load()
    return await command(rest, terminal)
  } catch (error) {
    terminal.printError(describeFailure(error))
    return FAILED
  }
}

/** Why a command could not do what it was asked, in one line. */
export function describeFailure(error: unknown): string {
  if (error instanceof InboxError) return formatProblem(error.message)
  return formatProblem(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
}

function describeUnknown(name: string): string {
  return name.startsWith('-') ? `Unknown option '${name}'` : `Unknown command '${name}'`
}

function formatProblem(message: string): string {
  return `replaystack: ${escapeControlCharacters(message)}`
}
