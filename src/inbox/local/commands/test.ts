import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { read } from '../../../safe-read.ts'
import { InboxError } from '../../inbox-error.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { fetchEvent, findLastSuccess } from '../../replay/fetch-event.ts'
import { formatTape, writeTestFile } from '../../replay/test-file.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import { parseArgument, readInboxUrl, UsageError } from '../command-options.ts'
import { saveFile } from '../save-file.ts'
import type { Terminal } from '../terminal.ts'

/** `replaystack test`: keeps an event as a vitest file, with the tape that it plays back beside it. */
export async function runTestCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { id, inbox, out, statusCode, force, ...options } = readTestOptions(args)
  const config = options.harness ? (options.config ?? findConfiguration()) : undefined
  const app = options.app ?? (config && readMain(config))
  const kept = await fetchEvent(inbox, id, terminal.interrupted)
  const expected = statusCode ?? (await findLastSuccess(inbox, kept.event, terminal.interrupted))
  const named = writeTestFile(kept)
  if ('refusal' in named) throw new InboxError(named.refusal)
  const file = out ?? `${named.name}.test.ts`
  const stem = file.replace(/(?:\.(?:test|spec))?\.[cm]?[jt]sx?$/, '')
  const tapeFile = `${stem}.tape.json`
  const mainFile = `${stem}.worker.ts`
  const test = writeTestFile(kept, {
    statusCode: expected,
    app: app === undefined ? undefined : moduleFrom(dirname(file), app),
    tapeFile: `./${basename(tapeFile)}`,
    harness: config === undefined ? undefined : { config: fileFrom('.', config), main: fileFrom('.', mainFile) },
  })
  if ('refusal' in test) throw new InboxError(test.refusal)
  await saveFile(file, test.code, force)
  await saveFile(tapeFile, formatTape(test.tape), true)
  if (test.main !== undefined) await saveFile(mainFile, test.main, true)
  const { variables, masked, tape } = test
  const lines = [
    `Written: ${[file, ...(test.main === undefined ? [] : [mainFile])].join(', ')} and ${tapeFile}`,
    ...(app === undefined ? ["Put its line import … from './app' right, or name the file with --app"] : []),
    ...(variables.length > 0 ? [`It needs what was masked: set ${variables.join(', ')}`] : []),
    ...(masked.length > 0 ? [`What the code was given is masked in: ${masked.join(', ')}`] : []),
    ...(tape.why ?? []).map(why => `Not on the tape: ${why}`),
    `Run it: npx vitest run ${file}`,
  ]
  for (const line of lines) terminal.print(escapeControlCharacters(line))
  return 0
}

/** The names that wrangler looks for, in its order. */
const CONFIGURATIONS = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml']

function findConfiguration(): string {
  const found = CONFIGURATIONS.find(name => existsSync(name))
  if (found) return found
  throw new UsageError(`--harness needs wrangler's configuration, and there is none here: name it with --config`)
}

/** The Worker's module: the first that the configuration names, in TOML or JSON. */
function readMain(config: string): string | undefined {
  let text: string
  try {
    text = readFileSync(config, 'utf8')
  } catch (error) {
    throw new InboxError(`${config} cannot be read: ${String(read(error, 'code'))}`, { cause: error })
  }
  const main = /(?:^|[{,])\s*"?main"?\s*[:=]\s*["']([^"']+)["']/m.exec(text)?.[1]
  return main && join(dirname(config), main)
}

/** A file by its path from `folder`. */
function fileFrom(folder: string, file: string): string {
  const path = relative(resolve(folder), resolve(file)).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}

/** A module as a file in `folder` imports it; TypeScript's files by the name that they will have. */
function moduleFrom(folder: string, file: string): string {
  return fileFrom(folder, file)
    .replace(/\.ts$/, '.js')
    .replace(/\.tsx$/, '.js')
    .replace(/\.mts$/, '.mjs')
    .replace(/\.cts$/, '.cjs')
}

function readTestOptions(args: readonly string[]) {
  const { values, argument } = parseArgument(
    args,
    {
      out: { type: 'string' },
      inbox: { type: 'string', default: DEFAULT_INBOX },
      app: { type: 'string' },
      expect: { type: 'string' },
      harness: { type: 'boolean', default: false },
      config: { type: 'string' },
      force: { type: 'boolean', default: false },
    },
    "An event's ID",
  )
  const { out, app, expect, harness, config, force } = values
  if (out === '') throw new UsageError('--out needs the path of a file')
  if (app === '') throw new UsageError('--app needs the path of a file')
  if (config === '') throw new UsageError('--config needs the path of a file')
  if (config !== undefined && !harness) throw new UsageError('--config is for --harness')
  if (expect !== undefined && !/^[1-5]\d\d$/.test(expect)) {
    throw new UsageError(`--expect must be a status code, got ${expect}`)
  }
  const statusCode = expect === undefined ? undefined : Number(expect)
  return { id: argument, inbox: readInboxUrl(values.inbox), out, app, statusCode, harness, config, force }
}
