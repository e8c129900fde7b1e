/**
 * Does any parser take more than linear time? Each one reads the nastiest texts that its expressions allow, twice as long
 * each time. A doubling that costs more than 2.6 times is flagged, and the exit code is 1.
 *
 *   node bench/linear.mjs [--only mask] [--all]     --all prints every row, not only the steepest of each parser
 *
 * By hand: minutes of nothing else. What is flagged was measured three times.
 */
import { parseArgs } from 'node:util'
import { bodyKind, payloadOf, planBody } from '../src/body/payload.ts'
import { postEvents } from '../src/delivery/attempt.ts'
import { retryAfterMs } from '../src/delivery/retry.ts'
import { systemClock } from '../src/delivery/transport.ts'
import { detectAuthMode } from '../src/event/auth.ts'
import { getErrorDetails } from '../src/event/error.ts'
import { completeEvent, writeEvent } from '../src/event/fields.ts'
import { readHeaders } from '../src/event/headers.ts'
import { writeNote } from '../src/event/notes.ts'
import { parseStackTrace } from '../src/event/stack.ts'
import { inboundTrace, validTraceId } from '../src/event/trace.ts'
import {
  buildAbsoluteRequestUrlFromParts,
  normalizeAbsoluteRequestUrl,
  normalizeEndpoint,
  shouldIgnorePath,
} from '../src/event/url.ts'
import { BodyText, maskStrings, maskTextWithin, writeBody, writeValue } from '../src/mask/json.ts'
import { maskJsonNames } from '../src/mask/json-text.ts'
import { compileMaskNames } from '../src/mask/names.ts'
import { maskText } from '../src/mask/text.ts'
import { truncatePayload, truncateUtf8String } from '../src/mask/truncate.ts'
import { TEXT_PIECES } from '../test/support/text-pieces.ts'

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, all: { type: 'boolean', default: false } },
})

/** A doubling may cost this much: twice, and what a larger heap takes. */
const MAX_RATIO = 2.6
/** Nothing is told by times below this. */
const MIN_MS = 2
/** Whatever takes less than MIN_MS for so many characters is not quadratic: even a search by the processor's widest instructions would take more. */
const SIFTING_CHARACTERS = 65_536
/** A row ends when one run takes so long, or is so large. */
const ENOUGH_MS = 150
const MAX_CHARACTERS = 300_000
const FIRST_CHARACTERS = 16_384

const names = compileMaskNames(['ssn', 'a*b*c*d', '*x*x*x*x*'])
const rules = {
  names,
  maxPayloadSizeBytes: 2 ** 30,
  maxBreadcrumbs: 50,
  maxLogs: 50,
  known: new Map(),
}
const context = { traceId: 't', breadcrumbs: [], logs: [], now: () => '' }

/** Texts by their length. A run of one piece, between what may open and what may close it. */
const run =
  (piece, before = '', after = '') =>
  length =>
    before + piece.repeat(Math.ceil(length / piece.length)) + after

/** A long run, then another: what looks back from each piece of the second sees all of the first. */
const runs = (first, between, second) => length => run(first)(length / 2) + between + run(second)(length / 2)

const OPENINGS = [
  '',
  'pin=',
  'pin=a',
  'pin="',
  '"pin":',
  '"pin":{',
  '"pin":"',
  '<pin>',
  'x://',
  "it's '",
  '"',
  '\\"',
  '{"a":"',
  'a=',
  'to=%3F',
]
const CLOSINGS = ['', ':', '" x']

/** Every piece between every opening and closing. */
function* texts() {
  for (const piece of TEXT_PIECES) {
    for (const before of OPENINGS) {
      for (const after of CLOSINGS) yield [`${before}(${piece})*${after}`, run(piece, before, after)]
    }
  }
}

/** Long runs before what looks back at them. */
const LOOKS_BACK = [
  "pin=a')",
  'pin=a")',
  "x')",
  ':',
  '=',
  '>',
  '":',
  '\\n:',
  '@',
  '</',
  '}',
  '\\"',
  'eyJaaaaaa.',
  ';a=',
  ' a="',
]
function* pairs() {
  for (const first of ['a', ' ', '\\', '.', 'a.', '\\n', '%20', "a'", ':', '/', '-', '[', 'é']) {
    for (const second of LOOKS_BACK) {
      yield [`(${first})* (${second})*`, runs(first, ' ', second)]
      yield [`(${first})*pin=a(${second})*`, runs(first, 'pin=a', second)]
    }
  }
}

const all = () => [...texts(), ...pairs()]
const few = () => TEXT_PIECES.map(piece => [`(${piece})*`, run(piece)])
const of =
  (...pieces) =>
  () =>
    pieces.map(piece => [`(${piece})*`, run(piece)])

const line = (text, header) => parseStackTrace(`Error: x\n${text}`, header)
const frames = [
  ' at',
  '    at a (',
  'at a (b:1:2)\n',
  'at (eval at ',
  '), ',
  ' (',
  ' [as ',
  '@',
  'a@',
  ':1:2',
  ':1',
  ')',
  'async ',
  '\n',
  ' \n',
  'index 0',
  '<anonymous>',
  ': a',
  'a',
]

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
const silent = { ingestUrl: '', bulkUrl: '', headers: { 'x-replaystack-api-key': 'aa' } }
const answering = (status, text, retryAfter = null) =>
  postEvents(
    [{ body: '{}', traceId: '', idempotencyKey: '', sequence: 0 }],
    {
      ...silent,
      transport: { post: async () => ({ status, headers: { get: () => retryAfter }, text: async () => text }) },
    },
    1000,
    systemClock,
  )
const seen = (content, contentType) => [
  { content, sizeBytes: content.length, complete: true },
  planBody({ get: name => (name === 'content-type' ? contentType : undefined) }, 'request'),
  2 ** 30,
]
const nested = open => length => open.repeat(Math.ceil(length / open.length))
const parsed = text => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Each parser, and what it is given. */
const PARSERS = [
  ['maskText', all, text => maskText(text, names)],
  ['maskTextWithin', few, text => maskTextWithin(text, names, text.length / 2)],
  ['mask names', few, text => names.hides(`${text}.`)],
  ['writeValue of texts', few, text => writeValue({ a: text, b: [text], password: text }, rules, 2 ** 28)],
  ['writeValue of keys', few, text => writeValue({ [text]: 1, [`${text}.`]: 2 }, rules, 2 ** 28)],
  [
    'writeValue of many',
    () => [
      ['keys', l => l],
      ['elements', l => l],
      ['Maps', l => l],
    ],
    (length, what) => writeValue(many(length / 16, what), rules, 2 ** 28),
  ],
  ['maskStrings', few, text => maskStrings(JSON.stringify([text, { [text]: text }]), names)],
  ['a body as it came', few, text => writeBody(new BodyText(text, true), rules)],
  [
    'maskJsonNames',
    () => [
      ...of('[', '{"a":', '[[],', '{"pin":', ' ', '1', '-', '"')(),
      ['records', length => `[${'{"a":1},'.repeat(length / 8)}1]`],
      ['records that hide', length => `[${'{"pin":1,"a":{"pin":[]}},'.repeat(length / 25)}1]`],
      ['long names', length => `{${`"${'a'.repeat(length / 8)}":1,`.repeat(8)}"b":1}`],
      ['hidden in hidden', length => `${'{"pin":['.repeat(90)}${'{"pin":1},'.repeat(length / 10)}1${']}'.repeat(90)}`],
    ],
    text => maskJsonNames(text, names),
  ],
  ['writeNote', few, text => writeNote({ message: text, metadata: { text } }, rules, '')],
  [
    'writeNote times',
    of('2026-01-01T', '2026-01-01T00:00:00.0', '1', 'a', ' ', '('),
    text => writeNote({ message: '', timestamp: `2026-01-01T00:00:00.${text}` }, rules, ''),
  ],
  [
    'writeEvent',
    few,
    text =>
      writeEvent(
        completeEvent(
          {
            endpoint: text,
            requestUrl: text,
            stackTrace: text,
            errorMessage: text,
            requestHeaders: { authorization: text },
          },
          rules,
        ),
        context,
        rules,
      ),
  ],
  ['parseStackTrace', of(...frames), text => line(text)],
  ['parseStackTrace of one line', of(...frames.filter(one => !one.includes('\n'))), text => line(`    at ${text}`)],
  [
    'parseStackTrace of one wrapped line',
    of(...frames.filter(one => !one.includes('\n'))),
    text => line(`    at a (${text})`),
  ],
  ['parseStackTrace with a message', of(...frames), text => line(text, { name: 'Error', message: text })],
  ['parseStackTrace with another message', of(...frames), text => line(text, { message: text.slice(0, 150) })],
  [
    'getErrorDetails',
    of('a', '\n', 'at a (b:1:2)\n', '"', '\ud800'),
    text => getErrorDetails({ name: text, message: { text }, stack: text, cause: { [text]: text } }),
  ],
  [
    'getErrorDetails of many',
    () => [
      ['keys', l => l],
      ['elements', l => l],
    ],
    (length, what) => getErrorDetails({ cause: many(length / 16, what), errors: many(length / 16, 'elements') }),
  ],
  [
    'readHeaders',
    () => [
      ['one name', l => l],
      ['many names', l => l],
    ],
    (length, what) =>
      readHeaders(Array.from({ length: length / 16 }, (_, index) => [what === 'one name' ? 'a' : `a${index}`, 'b'])),
  ],
  ['detectAuthMode', of('a', ' ', 'Bearer ', '=', '-'), text => detectAuthMode({ authorization: text })],
  [
    'trace ids',
    of('a', ' ', '0', '00-', '-', '\n', ',', 'replaystack=', ',replaystack='),
    text => [
      validTraceId(text),
      inboundTrace({ get: name => (name === 'traceparent' ? `00-${text}` : text) }),
      inboundTrace({ get: name => (name === 'traceparent' ? TRACEPARENT : text) }),
    ],
  ],
  ['normalizeEndpoint', of('a', 'a:', '/', '://', '?', '#', 'a.', '+-'), text => normalizeEndpoint(text)],
  [
    'normalizeAbsoluteRequestUrl',
    of('a', '/', 'é', '\ud800'),
    text => normalizeAbsoluteRequestUrl(`https://${text}`, text.length),
  ],
  [
    'buildAbsoluteRequestUrlFromParts',
    of('a', ':', '/', '://', ' '),
    text => buildAbsoluteRequestUrlFromParts({ protocol: text, host: `h${text.replace(/[\s/]/g, 'x')}`, path: text }),
  ],
  ['shouldIgnorePath', of('a', '/', '/a'), text => shouldIgnorePath(text, [text, `${text}/`, `${text}x*`, '/'])],
  [
    'bodyKind',
    of('a', '+', 'a+', '/', 'application/', ';', ' ', '.', 'ndjson'),
    text => [
      bodyKind(text),
      bodyKind(`application/${text}json`),
      bodyKind(`application/${text}x`),
      bodyKind(`text/${text}`),
    ],
  ],
  ['planBody', of('1', ' ', 'a', ','), text => planBody({ get: () => text }, 'request')],
  [
    'payloadOf a form',
    of('a', '&', '=', 'a=', 'a=b&', '%', '+', '%25', '%zz'),
    text => payloadOf(...seen(text, 'application/x-www-form-urlencoded')),
  ],
  [
    'payloadOf JSON',
    () => [
      ['[', nested('[')],
      ['{"a":', nested('{"a":')],
      ['"', nested('"')],
      ['1,', run('1,', '[', '1]')],
    ],
    text => payloadOf(...seen(text, 'application/json')),
  ],
  [
    'payloadOf multipart',
    of('--x\r\n', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n', '-', '\r\n', '\r\n--', '; a="b"'),
    text => payloadOf(...seen(`${text}--x--\r\n`, 'multipart/form-data; boundary=x')),
  ],
  [
    'masking of nested JSON',
    () => [
      ['[', nested('[')],
      ['{"a":', nested('{"a":')],
    ],
    text =>
      writeValue(
        parsed(text + (text[0] === '[' ? ']'.repeat(text.length) : `1${'}'.repeat(text.length / 5)}`)),
        rules,
        2 ** 28,
      ),
  ],
  ['Retry-After', of('1', ' ', 'a', '1.', 'Mon, ', '(', 'GMT ', '-'), text => retryAfterMs(text, 0)],
  ['an ingest answer', of('a', '"', '[', '{"a":', ' '), text => answering(200, text)],
  ['an ingest refusal', of('a', 'aaa', '\\u0061', ' '), text => answering(400, `{"message":"${text}"}`, text)],
  ['truncateUtf8String', of('a', 'é', '😀', '\ud800'), text => truncateUtf8String(text, text.length - 1)],
  ['truncatePayload', of('a', '"', '😀', '\ud800'), text => truncatePayload({ text }, 100)],
]

function many(count, what) {
  if (what === 'elements') return Array.from({ length: count }, (_, index) => `a${index}`)
  if (what === 'Maps') return new Map(Array.from({ length: count }, (_, index) => [`a${index}`, index]))
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, index]))
}

/** Milliseconds of this process's own, which others on the machine do not add to. */
function clock() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Milliseconds, the best of a few. */
async function time(parse, input, what, tries) {
  let best = Number.POSITIVE_INFINITY
  for (let n = 0; n < tries && (n === 0 || best < ENOUGH_MS); n++) {
    const started = clock()
    await parse(input, what)
    best = Math.min(best, clock() - started)
  }
  return best
}

/** The times of one row, and what one doubling cost on average from the first time that tells anything. */
async function measure(parse, make, what) {
  const sifted = await time(parse, make(SIFTING_CHARACTERS), what, 2)
  if (sifted < MIN_MS) return { times: [sifted], ratio: 0 }
  const times = []
  for (let length = FIRST_CHARACTERS; length <= MAX_CHARACTERS; length *= 2) {
    times.push(await time(parse, make(length), what, 2))
    if (times.at(-1) > ENOUGH_MS) break
  }
  const telling = times.filter(ms => ms >= MIN_MS / 4)
  const [first, last] = [telling[0], telling.at(-1)]
  return { times, ratio: telling.length > 2 ? (last / first) ** (1 / (telling.length - 1)) : 0 }
}

let flagged = 0
for (const [name, inputs, parse] of PARSERS) {
  if (options.only && !name.includes(options.only)) continue
  let slowest
  let rows = 0
  for (const [what, make] of inputs()) {
    let row = await measure(parse, make, what)
    // What is not the parser's (a collection of garbage) does not come three times.
    for (let again = 0; again < 2 && row.ratio > MAX_RATIO; again++) row = await measure(parse, make, what)
    rows++
    const costs = `${row.times.map(ms => ms.toFixed(ms < 10 ? 1 : 0)).join(' ')} ms`
    const text = `${JSON.stringify(what)}: ${costs}, ${row.ratio.toFixed(2)} times a doubling`
    if (row.ratio > MAX_RATIO) {
      flagged++
      console.log(`!! ${name}, ${text}`)
    } else if (options.all) console.log(`   ${name}, ${text}`)
    if (!slowest || row.ratio > slowest.ratio) slowest = { ratio: row.ratio, text }
  }
  console.log(`${name}: ${rows} texts; the steepest is ${slowest?.text}`)
}
console.log(flagged > 0 ? `${flagged} take more than linear time.` : 'All take linear time.')
process.exitCode = flagged > 0 ? 1 : 0
