import { MASKED } from '../../mask/text.ts'
import { read } from '../../safe-read.ts'
import type { Tape } from '../../tape/format.ts'
import { isTape, maskedOutputs } from '../../tape/player.ts'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { writeComment, writeJson, writeString } from './code-text.ts'
import { hasMask } from './masked-text.ts'
import { contentKind, readTruncated, readUncaptured } from './payload-kind.ts'
import { findHeader, readHeaderPairs } from './request-headers.ts'
import { type Call, writeCall } from './test-call.ts'

/** An event as the inbox has it. */
export interface KeptEvent {
  id: string
  /** ISO 8601, UTC. */
  receivedAt: string
  event: ReplayStackEvent
}

export interface TestFileOptions {
  /** What the repaired application responds with. @default below 500 for an event that failed, else what was captured */
  statusCode?: number | undefined
  /** The application, as the test imports it. @default './app' */
  app?: string | undefined
  /** The tape's file, as the test imports it. @default './NAME.tape.json' */
  tapeFile?: string | undefined
  /** Runs the Worker in the real runtime, by wrangler's `createTestHarness`. @default false: in the test's own process */
  harness?: HarnessFiles | undefined
}

/** What a harness is made of, from the folder that the tests run in. */
export interface HarnessFiles {
  /** Wrangler's configuration. */
  config: string
  /** The module that is written beside the test. */
  main: string
}

/** A test and what it plays back. */
export interface TestFile {
  code: string
  tape: Tape
  /** A name for the files: `post-orders-1f3a9c2e`. */
  name: string
  /** With a harness: the module that it runs. */
  main?: string
  /** Environment variables that the test reads. */
  variables: string[]
  /** Where what the code was given is masked: `d1 DB.first: card_number`. */
  masked: string[]
}

/** Characters of a captured response that a test still expects word for word. */
const MAX_EXPECTED_CHARACTERS = 20_000

/** The tape of an event; an empty one, which says why, where it has none. */
export function tapeOf(event: ReplayStackEvent): Tape {
  const recorded: unknown = read(event.metadata, 'tape')
  if (isTape(recorded)) return recorded
  const why = 'The event has no tape: the option recordCalls records one'
  return { version: 1, complete: false, why: [why], calls: [] }
}

/** An event as a vitest file that calls the user's handler, with the outside played back, and expects it to be repaired. */
export function writeTestFile(kept: KeptEvent, options: TestFileOptions = {}): TestFile | { refusal: string } {
  const { id, receivedAt, event } = kept
  const tape = tapeOf(event)
  const hasBindings = /^(?:kv|d1|r2|queue|service|rpc|object|ai|vectorize|ratelimit|var)$/
  const env = tape.calls.some(({ kind }) => hasBindings.test(kind)) ? 'replayBindings(tape)' : undefined
  const call = writeCall(kept, { isHarness: options.harness !== undefined, env })
  if ('refusal' in call) return call
  const name = `${fileName(call.title)}-${id.replace(/[^\w-]/g, '').slice(0, 8)}`
  const masked = maskedOutputs(tape.calls)
  const frame = options.harness ? harnessFrame(options.harness) : plainFrame(call, options)
  const usesEnv = call.lines.some(line => line.includes('replayBindings'))
  const uses = ['loadTape', ...call.uses, ...frame.uses, ...(usesEnv ? ['replayBindings'] : []), 'replayFetch'].sort()
  const time = writeString(startOf(event, receivedAt))
  const lines = [
    `import { ${[...new Set(uses)].join(', ')} } from '@replaystack/edge/testing'`,
    `import { ${call.hasResponse ? 'expect, ' : ''}${frame.vitest} } from 'vitest'`,
    frame.imports,
    '',
    ...describeEvent(kept, call.title).map(line => `// ${writeComment(line)}`),
    ...call.notes.map(note => `// ${writeComment(note)}`),
    ...(tape.why ?? []).map(why => `// Not on the tape: ${writeComment(why)}`),
    ...(masked.length > 0
      ? ['// Masked in what the code was given:', ...masked.map(one => `//   ${writeComment(one)}`)]
      : []),
    '',
    `test(${writeString(call.title)}, async () => {`,
    '  // Not in the import itself: TypeScript would ask for resolveJsonModule.',
    `  const file = ${writeString(options.tapeFile ?? `./${name}.tape.json`)}`,
    '  const tape = loadTape(await import(file))',
    "  vi.stubGlobal('fetch', replayFetch(tape))",
    ...frame.open(time),
    ...call.lines,
    '  // Fails where a call was made that the tape does not have, also if the application caught that.',
    `  ${frame.played}.expectKnown()`,
    `  // ${frame.played}.expectUsed() fails where a call on the tape is no longer made.`,
    ...(call.hasResponse ? writeExpectations(event, options) : []),
    frame.close,
    '',
  ]
  const main = options.harness && writeMain(kept, options)
  return { code: lines.join('\n'), tape, name, variables: call.variables, masked, ...(main && { main }) }
}

/** What stands around a call, by how the application is run. */
interface Frame {
  /** What of the `testing` entry is used. */
  uses: string[]
  /** What of vitest is. */
  vitest: string
  imports: string
  open(time: string): string[]
  /** What knows which calls were made: source. */
  played: string
  close: string
}

const plainFrame = ({ imported }: Call, { app = './app' }: TestFileOptions): Frame => ({
  uses: [],
  vitest: 'test, vi',
  imports: `import ${imported} from ${writeString(app)}`,
  open: time => [`  vi.setSystemTime(${time})`],
  played: 'tape',
  close: '})',
})

const harnessFrame = ({ config, main }: HarnessFiles): Frame => ({
  uses: ['harnessOptions', 'openHarness'],
  vitest: 'onTestFinished, test, vi',
  imports: "import { createTestHarness, unstable_readConfig } from 'wrangler'",
  open: time => [
    '  // Both files from the folder that the tests run in.',
    `  const config = unstable_readConfig({ config: ${writeString(config)} })`,
    `  const server = createTestHarness(harnessOptions(config, ${writeString(main)}))`,
    '  onTestFinished(() => server.close())',
    `  const worker = await openHarness(server, tape, ${time})`,
  ],
  played: 'await worker',
  close: '}, 60_000)',
})

/** The module that a harness runs. */
function writeMain({ id }: KeptEvent, { app = './app' }: TestFileOptions): string {
  const lines = [
    "import { playWorker } from '@replaystack/edge/testing'",
    `import worker from ${writeString(app)}`,
    '',
    `// Kept from ReplayStack's event ${writeComment(id)}: the Worker of its test, with everything outside played back.`,
    'export default playWorker(worker)',
    '',
  ]
  return lines.join('\n')
}

/** A tape as the file that a test reads. */
export function formatTape(tape: Tape): string {
  return `${JSON.stringify(tape, undefined, 2)}\n`
}

/** When the work began, as far as an inbox knows. */
function startOf({ executionTimeMs = 0 }: ReplayStackEvent, receivedAt: string): string {
  const time = Date.parse(receivedAt) - executionTimeMs
  return Number.isNaN(time) ? receivedAt : new Date(time).toISOString()
}

const fileName = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'event'

function describeEvent({ id, receivedAt, event }: KeptEvent, title: string): string[] {
  const outcome = event.statusCode === undefined ? event.status : `${event.statusCode} ${event.status}`
  const [error = ''] = [event.errorName, event.errorMessage]
    .filter(part => part)
    .join(': ')
    .split('\n')
  return [
    `Kept from ReplayStack's event ${id} of ${receivedAt}:`,
    `${title} → ${outcome}`,
    ...(error ? [`It failed with ${error}`] : []),
  ]
}

function writeExpectations(event: ReplayStackEvent, { statusCode }: TestFileOptions): string[] {
  const failed = event.status === 'failed' || (event.statusCode ?? 0) >= 500
  const expected = statusCode ?? (failed ? undefined : event.statusCode)
  if (expected === undefined) {
    return [
      '  // It failed when it was captured; repaired, its response is below 500.',
      '  expect(response.status, response.body).toBeLessThan(500)',
    ]
  }
  const status = `  expect(response.status, response.body).toBe(${expected})`
  return failed || expected !== event.statusCode ? [status] : [status, ...writeExpectedBody(event)]
}

function writeExpectedBody({ responsePayload: payload, responseHeaders }: ReplayStackEvent): string[] {
  if (payload === undefined) return []
  const json = stringify(payload)
  const isWhole = json !== undefined && !readTruncated(payload) && !readUncaptured(payload)
  if (!isWhole || json.length > MAX_EXPECTED_CHARACTERS) {
    return ['  // The captured body is not whole, or too large to stand here: only the status is expected.']
  }
  const isJson = contentKind(findHeader(readHeaderPairs(responseHeaders), 'content-type')) === 'json'
  // JSON that is one string, and JSON that could not be parsed, are captured alike. A masked name is not known at all.
  if (typeof payload === 'string' ? isJson || hasMask(payload) : /\[MASKED\][^"]*":/.test(json)) {
    return ['  // The captured body cannot be told exactly: only the status is expected.']
  }
  if (typeof payload === 'string') return [`  expect(response.body).toBe(${writeString(payload)})`]
  return [
    '  // What changes from one answer to the next can be expect.anything(), as what was masked is.',
    `  expect(JSON.parse(response.body)).toEqual(${writeJson(payload, 2, writeExpectedText)})`,
  ]
}

function writeExpectedText(text: string): string {
  if (text === MASKED) return 'expect.anything()'
  return hasMask(text) ? 'expect.any(String)' : writeString(text)
}

function stringify(value: JsonValue): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
