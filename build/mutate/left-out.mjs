/**
 * Mutants that count for no score, and why: no test can fail with them, or none that runs on Node. Each is known by the text of
 * its line, and by what it puts there; a function, by its first line. What no longer stands in its file is an error.
 */
const WORKERD = 'runs on workerd alone: test/workerd and test/runtimes'
const DENO_BUN = 'runs on Deno and Bun alone: test/sameness'

const NOTHING = 'undefined is larger than nothing'
const NEVER = 'a scope has its trace id by then'

export const LEFT_OUT = [
  { file: 'src/body/copy.ts', function: 'function roomierReader(', why: WORKERD },
  { file: 'src/body/copy.ts', function: 'async function readPiece(', why: WORKERD },
  { file: 'src/body/copy.ts', line: 'value?.byteLength === READ_BYTES', why: WORKERD },
  { file: 'src/body/copy.ts', line: 'turns < CHEAP_TURNS', why: 'spares a timer, which is cost alone' },
  { file: 'src/body/copy.ts', line: 'if (length > 0)', puts: 'length >= 0', why: 'adds a piece of no bytes' },
  { file: 'src/body/outgoing.ts', function: 'function shownMember(', why: WORKERD },
  { file: 'src/body/outgoing.ts', function: 'export function knownLength(', why: WORKERD },
  { file: 'src/body/outgoing.ts', line: "if (typeof shown === 'boolean')", why: WORKERD },
  { file: 'src/body/outgoing.ts', function: 'function isMadeOfStream(', why: DENO_BUN },
  { file: 'src/body/outgoing.ts', line: 'const canBeRemade =', why: DENO_BUN },
  { file: 'src/body/outgoing.ts', line: 'if (Bun || Deno) return', why: DENO_BUN },
  { file: 'src/body/record.ts', line: 'length !== undefined && length > maxBytes', puts: 'true', why: NOTHING },
  { file: 'src/body/record.ts', line: "message instanceof (direction === 'request'", why: DENO_BUN },
  { file: 'src/event/fields.ts', line: 'const json = isHidden ?', puts: '""', why: 'writes a text the slower way' },
  {
    file: 'src/event/headers.ts',
    line: 'headers instanceof HeaderList',
    puts: 'false',
    why: 'reads once more what was read',
  },
  { file: 'src/event/stack.ts', line: 'let isMessage = false', why: 'forgets frames before there is one' },
  { file: 'src/observe/work.ts', line: "this.#traceId = scope.traceId ?? ''", puts: '"Stryker was here!"', why: NEVER },
  {
    file: 'src/observe/work.ts',
    line: "payloadFrom(ending, 'response', false",
    puts: 'true',
    why: 'means a request alone',
  },
]
