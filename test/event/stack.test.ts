import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStackTrace } from '../../src/event/stack.ts'
import { cutText } from '../../src/mask/truncate.ts'
import type { StackFrame } from '../../src/types.ts'
import recordings from '../fixtures/stacks.json'
import { runs } from '../support/fuzz.ts'

type Recording = { name?: string; stack: string; cause?: string; errors?: string[] }
const RECORDINGS: Record<string, { stacks: Record<string, Recording> }> = recordings

/** The script that every runtime threw from: what a cell of the table means when it names no file. */
const SCRIPTS: Record<string, string> = {
  node24: 'file:///app/zoo.mjs',
  node20: 'file:///app/zoo.mjs',
  bun: '/app/zoo.ts',
  deno: 'file:///app/zoo.ts',
  workerd: 'w.js',
  workerd_min: 'w.js',
  miniflare: 'file:///app/script-0.mjs',
  edge: 'evalmachine.<anonymous>',
}

/** The first frame of every recording, written out: name, then file if it is not the script, then position. */
const FIRST_FRAMES = [
  `
kind               | node24                              | bun                                  | deno
plain              | Object.plain 51:11                  | plain 11:28                          | Object.plain 11:24
multiline          | Object.multiline 54:11              | multiline 12:32                      | Object.multiline 12:28
emptyMessage       | Object.emptyMessage 57:11           | emptyMessage 13:35                   | Object.emptyMessage 13:31
customName         | Object.customName 60:15             | customName 14:37                     | Object.customName 14:33
subclass           | Object.subclass 71:11               | subclass 15:127                      | Object.subclass 15:123
ctor               | new Foo 5:11                        | new Foo 2:62                         | new Foo 2:58
privateMethod      | #p 10:11                            | #p 3:30                              | Svc.#p 3:26
staticMethod       | Svc.make 16:11                      | make 3:103                           | Svc.make 3:99
getter             | get prop 19:11                      | prop 3:150                           | Svc.get prop 3:146
computed           | computed key 26:11                  | computed key 3:262                   | Svc.computed key 3:258
symbolMethod       | [Symbol.iterator] 29:11             | [Symbol.iterator] 3:315              | Svc.[Symbol.iterator] 3:311
aliased            | Object.original 81:13               | original 22:60                       | Object.original 22:56
anonCallback       | 87:11                               | 23:48                                | 23:44
arrayMap           | 90:11                               | 24:51                                | 24:47
jsonParse          | JSON.parse in no file               | <parse> in no file                   | JSON.parse in no file
reduceNative       | 94:11                               | 26:53                                | 26:49
typeErr            | Object.typeErr 96:27                | typeErr 27:19                        | Object.typeErr 27:37
notFn              | Object.notFn 97:21                  | notFn 28:30                          | Object.notFn 28:30
refErr             | eval 98:28                          | in file:///app/zoo.ts 1:14           | eval 29:37
newFunction        | eval 99:22                          | anonymous in file:///app/zoo.ts 3:16 | eval 30:22
evalErr            | evald 100:27                        | evald in file:///app/zoo.ts 1:35     | evald 31:26
asyncChain         | lvl3 41:9                           | lvl3 7:77                            | lvl3 7:73
asyncMethod        | Svc.load 23:11                      | load 3:206                           | Svc.load 3:202
promiseAll         | lvl3 41:9                           | lvl3 7:77                            | lvl3 7:73
promiseAny         | -                                   | -                                    | -
promiseThen        | thenCb 106:11                       | thenCb 36:75                         | thenCb 36:71
thenAnon           | 109:11                              | 37:60                                | 37:56
cause              | Object.cause 115:13                 | cause 38:65                          | Object.cause 38:61
causeChain         | Object.causeChain 119:11            | causeChain 39:33                     | Object.causeChain 39:29
aggregate          | Object.aggregate 122:11             | aggregate 40:32                      | Object.aggregate 40:28
generator          | g 127:13                            | g 41:57                              | g 41:53
asyncGen           | g 136:13                            | g 42:68                              | g 42:64
proxyTrap          | Object.get 143:13                   | get 43:71                            | Object.get 43:67
wasm               | wasm-function[0] in wasm://wasm/0145fffe | in no file                           | wasm-function[0] in wasm://wasm/e30a2672
overflow           | recurse 34:3                        | recurse 5:46                         | recurse 5:10
domEx              | new DOMException in node:internal/per_context/domexception 76:18 | -                                    | Object.domEx 46:24
abortReason        | new DOMException in node:internal/per_context/domexception 76:18 | throwIfAborted in no file            | AbortSignal.[[[signalAbort]]] in ext:deno_web/03_abort_signal.js 1:1922
urlErr             | new URL in node:internal/url 895:25 | URL in no file                       | getSerialization in ext:deno_web/00_url.js 1:1270
fetchErr           | -                                   | all 62:120                           | in ext:deno_fetch/26_fetch.js 2:7096
structuredCloneErr | new DOMException in node:internal/per_context/domexception 76:18 | structuredClone in no file           | structuredClone in ext:deno_web/13_message_port.js 1:12535
throwString        | -                                   | -                                    | -
nullProtoErr       | -                                   | -                                    | -
toStringTag        | Object.toString 168:13              | toString 53:64                       | Object.toString 53:60
symbolToPrim       | [Symbol.toPrimitive] 173:11         | [Symbol.toPrimitive] 54:62           | Object.[Symbol.toPrimitive] 54:58
setTimeoutThrow    | Timeout.timerCb 177:13              | timerCb 55:98                        | Timeout.timerCb 55:94
captured           | Object.captured 184:30              | captured 56:55                       | Object.captured 56:72
stackDeleted       | -                                   | -                                    | -
dataUrlImport      | in data:text/javascript,throw new Error("from data url") 1:7 | in data:text/javascript,throw new Error("from data url") 1:11 | in data:text/javascript,throw new Error("from data url") 1:7
bigArgs            | new NumberFormat in no file         | NumberFormat in no file              | new NumberFormat in no file
regex              | new RegExp in no file               | <parse> in no file                   | new RegExp in no file`,
  `
kind               | workerd                          | workerd_min                      | edge
plain              | Object.plain 89:11               | Object.plain 1:1279              | Object.plain 100:13
multiline          | Object.multiline 92:11           | Object.multiline 1:1328          | Object.multiline 103:13
emptyMessage       | Object.emptyMessage 95:11        | Object.emptyMessage 3:39         | Object.emptyMessage 106:13
customName         | Object.customName 98:15          | Object.customName 3:72           | Object.customName 109:17
subclass           | Object.subclass 109:11           | Object.subclass 3:207            | Object.subclass 120:13
ctor               | new Foo 43:11                    | new c 1:646                      | new Foo 54:13
privateMethod      | #p 48:11                         | #r 1:688                         | #p 59:13
staticMethod       | Svc.make 54:11                   | o.make 1:751                     | Svc.make 65:13
getter             | get prop 57:11                   | get prop 1:793                   | get prop 68:13
computed           | computed key 64:11               | computed key 1:892               | computed key 75:13
symbolMethod       | [Symbol.iterator] 67:11          | [Symbol.iterator] 1:940          | [Symbol.iterator] 78:13
aliased            | Object.original 119:13           | Object.original 3:428            | Object.original 130:15
anonCallback       | 125:11                           | 3:501                            | 136:13
arrayMap           | 128:11                           | 3:562                            | 139:13
jsonParse          | JSON.parse in no file            | JSON.parse in no file            | JSON.parse in no file
reduceNative       | 132:11                           | 3:656                            | 143:13
typeErr            | Object.typeErr 134:27            | Object.typeErr 3:700             | Object.typeErr 145:29
notFn              | Object.notFn 135:21              | Object.notFn 3:723               | Object.notFn 146:23
refErr             | eval in no file                  | eval in no file                  | eval in no file
newFunction        | new Function in no file          | new Function in no file          | new Function in no file
evalErr            | eval in no file                  | eval in no file                  | eval in no file
asyncChain         | lvl3 79:9                        | i 1:1165                         | lvl3 90:11
asyncMethod        | Svc.load 61:11                   | o.load 1:843                     | Svc.load 72:13
promiseAll         | lvl3 79:9                        | i 1:1165                         | lvl3 90:11
promiseAny         | -                                | -                                | -
promiseThen        | thenCb 144:11                    | 3:1113                           | thenCb 155:13
thenAnon           | 147:11                           | 3:1183                           | 158:13
cause              | Object.cause 153:13              | Object.cause 3:1257              | Object.cause 164:15
causeChain         | Object.causeChain 157:11         | Object.causeChain 3:1310         | Object.causeChain 168:13
aggregate          | Object.aggregate 160:11          | Object.aggregate 3:1396          | Object.aggregate 171:13
generator          | g 165:13                         | r 3:1506                         | g 176:15
asyncGen           | g 174:13                         | r 3:1607                         | g 185:15
proxyTrap          | Object.get 181:13                | Object.get 3:1700                | Object.get 192:15
wasm               | Object.wasm 186:15               | Object.wasm 3:1740               | wasm-function[0] in wasm://wasm/0145fffe
overflow           | recurse 71:17                    | h 1:1064                         | recurse 83:5
domEx              | Object.domEx 191:11              | Object.domEx 3:1842              | Object.domEx 202:13
abortReason        | Object.abortReason 193:34        | Object.abortReason 3:1912        | abortSignalAbort in /app/node_modules/@edge-runtime/primitives/dist/load.js 18700:3
urlErr             | Object.urlErr 194:17             | Object.urlErr 3:1948             | new URL in node:internal/url 895:25
fetchErr           | all 238:7                        | y 3:2819                         | Object.fetch in /app/node_modules/@edge-runtime/primitives/dist/load.js 18487:17
structuredCloneErr | Object.structuredCloneErr 196:29 | Object.structuredCloneErr 3:2030 | new DOMException in node:internal/per_context/domexception 76:18
throwString        | -                                | -                                | -
nullProtoErr       | -                                | -                                | -
toStringTag        | Object.toString 206:13           | Object.toString 3:2205           | Object.toString 217:15
symbolToPrim       | [Symbol.toPrimitive] 211:11      | [Symbol.toPrimitive] 3:2282      | [Symbol.toPrimitive] 222:13
setTimeoutThrow    | timerCb 215:13                   | 3:2375                           | Timeout.timerCb 226:15
captured           | Object.captured 222:30           | Object.captured 3:2472           | Object.captured 233:32
stackDeleted       | -                                | -                                | -
dataUrlImport      | <data:text/javascript,throw new Error("from data url")> 34:11 | 1:574                            | <data:text/javascript,throw new Error("from data url")> 40:13
bigArgs            | new NumberFormat in no file      | new NumberFormat in no file      | new NumberFormat in no file
regex              | new RegExp in no file            | new RegExp in no file            | new RegExp in no file`,
]

/** A runtime without a column of its own answers as its relative does, but for these. */
const RELATIVES: Record<string, { runtime: string; differences: Record<string, string> }> = {
  miniflare: { runtime: 'workerd', differences: {} },
  node20: {
    runtime: 'node24',
    differences: {
      domEx: 'new DOMException in node:internal/per_context/domexception 53:5',
      abortReason: 'new DOMException in node:internal/per_context/domexception 53:5',
      urlErr: 'new URL in node:internal/url 806:29',
      fetchErr: 'in node:internal/deps/undici/undici 14976:13',
      structuredCloneErr: 'new DOMException in node:internal/per_context/domexception 53:5',
    },
  },
}

/** Lines before the first frame, where they are not one. JavaScriptCore's own errors in Bun have none. */
const HEADER_LINES: Record<string, Record<string, number>> = {
  multiline: Object.fromEntries(Object.keys(SCRIPTS).map(runtime => [runtime, 3])),
  structuredCloneErr: { node24: 2, node20: 2, workerd: 2, miniflare: 2, edge: 2, bun: 0 },
  abortReason: { bun: 0 },
}

const FETCH_FAILS_WITH_CAUSE = ['node24', 'node20', 'edge']

const EXPECTED = new Map<string, string>()
for (const table of FIRST_FRAMES) {
  const [[, ...runtimes] = [], ...rows] = table
    .trim()
    .split('\n')
    .map(row => row.split('|').map(cell => cell.trim()))
  for (const [kind, ...cells] of rows) {
    for (const [index, cell] of cells.entries()) EXPECTED.set(`${runtimes[index]} ${kind}`, cell)
  }
}

function getExpected(runtime: string, kind: string): string | undefined {
  const relative = RELATIVES[runtime]
  if (!relative) return EXPECTED.get(`${runtime} ${kind}`)
  return relative.differences[kind] ?? EXPECTED.get(`${relative.runtime} ${kind}`)
}

/** A frame in the table's words. */
function toCell(frame: StackFrame | undefined, script: string | undefined): string {
  if (!frame) return '-'
  const file = frame.fileName === script ? [] : [`in ${frame.fileName ?? 'no file'}`]
  const name = frame.functionName === undefined ? [] : [frame.functionName]
  const position = frame.lineNumber === undefined ? [] : [`${frame.lineNumber}:${frame.columnNumber}`]
  return [...name, ...file, ...position].join(' ')
}

const getRaw = (frames: StackFrame[]): string[] => frames.map(frame => frame.raw)

describe.each(Object.keys(SCRIPTS))('what %s wrote', runtime => {
  const stacks = RECORDINGS[runtime]?.stacks ?? {}

  it('is expected kind by kind', () => {
    expect(Object.keys(stacks)).toHaveLength(50)
    for (const kind of Object.keys(stacks)) expect(getExpected(runtime, kind), kind).toBeTypeOf('string')
  })

  it.each(Object.entries(stacks))('%s', (kind, { name = '', stack }) => {
    if (stack.startsWith('[no stack:')) {
      expect(parseStackTrace(stack)).toEqual([])
      expect(getExpected(runtime, kind)).toBe('-')
      return
    }
    const lines = stack.split('\n')
    const headerLines = HEADER_LINES[kind]?.[runtime] ?? 1
    const header = lines.slice(0, headerLines).join('\n')
    const message = headerLines === 0 ? 'The message is not in the stack.' : header.slice(`${name}: `.length)
    const written = lines.slice(headerLines).map(line => line.trim())

    const frames = parseStackTrace(stack, { name, message })
    expect(getRaw(frames)).toEqual(written)
    expect(toCell(frames[0], SCRIPTS[runtime])).toBe(getExpected(runtime, kind))
    for (const frame of frames) {
      expect(frame.lineNumber === undefined).toBe(frame.columnNumber === undefined)
      expect(frame.lineNumber ?? 1).toBeGreaterThan(0)
    }

    expect(parseStackTrace(stack)).toEqual(frames)
    expect(parseStackTrace(stack, { name: 'Renamed', message })).toEqual(frames)
    expect(parseStackTrace(stack, { name, message: `while saving: ${message}` })).toEqual(frames)
  })

  it('holds causes and members that parse as well', () => {
    const inner = Object.values(stacks).flatMap(({ cause, errors = [] }) => (cause ? [cause, ...errors] : errors))
    expect(inner).toHaveLength(FETCH_FAILS_WITH_CAUSE.includes(runtime) ? 7 : 6)
    for (const stack of inner) {
      const lines = stack.split('\n').slice(1)
      expect(getRaw(parseStackTrace(stack))).toEqual(lines.map(line => line.trim()))
    }
  })
})

type Line = [
  line: string,
  functionName?: string | undefined,
  fileName?: string,
  lineNumber?: number,
  columnNumber?: number,
]
const NONE = undefined

function toFrame([line, functionName, fileName, lineNumber, columnNumber]: Line): StackFrame {
  return {
    ...(functionName !== undefined && { functionName }),
    ...(fileName !== undefined && { fileName }),
    ...(lineNumber !== undefined && { lineNumber }),
    ...(columnNumber !== undefined && { columnNumber }),
    raw: line.trim(),
  }
}

describe('one line', () => {
  const dirWithParens = '/app/dir with space (x86)'
  const encoded = 'file:///app/dir%20with%20space%20(x86)/%5Bslug%5D/mod.mjs?v=1%20x&t=9#frag'
  const dataUrl = 'data:text/javascript,throw new Error("from data url")'
  const blob = 'blob:null/7263a409-91b0-4213-851d-22f1b3a29a86'
  const primitives = '/app/node_modules/@edge-runtime/primitives/dist/load.js'
  const lines: Line[] = [
    // Node
    ['    at Object.plain (file:///app/zoo.mjs:51:11)', 'Object.plain', 'file:///app/zoo.mjs', 51, 11],
    ['    at file:///app/main.mjs:1:98', NONE, 'file:///app/main.mjs', 1, 98],
    ['    at new Foo (file:///app/zoo.mjs:5:11)', 'new Foo', 'file:///app/zoo.mjs', 5, 11],
    ['    at #p (file:///app/zoo.mjs:10:11)', '#p', 'file:///app/zoo.mjs', 10, 11],
    ['    at get prop (file:///app/zoo.mjs:19:11)', 'get prop', 'file:///app/zoo.mjs', 19, 11],
    ['    at get prop [as prop] (file:///app/zoo.mjs:19:11)', 'get prop', 'file:///app/zoo.mjs', 19, 11],
    ['    at computed key (file:///app/zoo.mjs:26:11)', 'computed key', 'file:///app/zoo.mjs', 26, 11],
    ['    at [Symbol.iterator] (file:///app/zoo.mjs:29:11)', '[Symbol.iterator]', 'file:///app/zoo.mjs', 29, 11],
    [
      '    at Object.original [as renamed] (file:///app/zoo.mjs:81:13)',
      'Object.original',
      'file:///app/zoo.mjs',
      81,
      13,
    ],
    ['    at Foo.a [as [Symbol.iterator]] (file:///app/zoo.mjs:8:1)', 'Foo.a', 'file:///app/zoo.mjs', 8, 1],
    [
      '    at Timeout.timerCb [as _onTimeout] (file:///app/zoo.mjs:177:13)',
      'Timeout.timerCb',
      'file:///app/zoo.mjs',
      177,
      13,
    ],
    ['    at Array.map (<anonymous>)', 'Array.map'],
    ['    at JSON.parse (<anonymous>)', 'JSON.parse'],
    ['    at new Promise (<anonymous>)', 'new Promise'],
    ['    at g.next (<anonymous>)', 'g.next'],
    ['    at async lvl2 (file:///app/zoo.mjs:44:10)', 'lvl2', 'file:///app/zoo.mjs', 44, 10],
    ['    at async file:///app/main.mjs:1:92', NONE, 'file:///app/main.mjs', 1, 92],
    ['    at async (file:///app/main.mjs:1:92)', 'async', 'file:///app/main.mjs', 1, 92],
    ['    at async Promise.all (index 0)', 'Promise.all'],
    [
      '    at eval (eval at refErr (file:///app/zoo.mjs:98:28), <anonymous>:1:1)',
      'eval',
      'file:///app/zoo.mjs',
      98,
      28,
    ],
    [
      '    at eval (eval at newFunction (file:///app/zoo.mjs:99:22), <anonymous>:3:7)',
      'eval',
      'file:///app/zoo.mjs',
      99,
      22,
    ],
    [
      '    at eval (eval at <anonymous> (eval at f (file:///a.mjs:1:7)), <anonymous>:2:9)',
      'eval',
      'file:///a.mjs',
      1,
      7,
    ],
    [
      '    at eval (eval at g (eval at f (/a (1)/b.js:1:7), <anonymous>:4:4), <anonymous>:6:6)',
      'eval',
      '/a (1)/b.js',
      1,
      7,
    ],
    ['    at eval (eval at f (eval at g (<anonymous>)), <anonymous>:6:6)', 'eval'],
    ['    at eval (<anonymous>)', 'eval'],
    ['    at wasm://wasm/0145fffe:wasm-function[0]:0x1e', 'wasm-function[0]', 'wasm://wasm/0145fffe'],
    ['    at myFn (wasm://wasm/d6c0a572:wasm-function[0]:0x1e)', 'myFn', 'wasm://wasm/d6c0a572'],
    ['    at wasm://wasm/d6c0a572:wasm-function[1234]:0x1e', 'wasm-function[1234]', 'wasm://wasm/d6c0a572'],
    [
      '    at process.processTimers (node:internal/timers:618:7)',
      'process.processTimers',
      'node:internal/timers',
      618,
      7,
    ],
    ['    at node:internal/deps/undici/undici:14976:13', NONE, 'node:internal/deps/undici/undici', 14976, 13],
    [
      `    at Object.<anonymous> (${dirWithParens}/cjs.cjs:4:1)`,
      'Object.<anonymous>',
      `${dirWithParens}/cjs.cjs`,
      4,
      1,
    ],
    [`    at ${dirWithParens}/cjs.cjs:4:28`, NONE, `${dirWithParens}/cjs.cjs`, 4, 28],
    [
      '    at Object..js (node:internal/modules/cjs/loader:2060:10)',
      'Object..js',
      'node:internal/modules/cjs/loader',
      2060,
      10,
    ],
    [`    at Module.f (${encoded}:1:29)`, 'Module.f', encoded, 1, 29],
    ['    at my script.vm:1:7', NONE, 'my script.vm', 1, 7],
    [`    at ${dataUrl}:1:7`, NONE, dataUrl, 1, 7],
    ['    at file:///app/it\'s "new".mjs:1:7', NONE, 'file:///app/it\'s "new".mjs', 1, 7],
    ['    at f (http://localhost:8080/a.js:3:4)', 'f', 'http://localhost:8080/a.js', 3, 4],
    ['    at f (/app/10:20:30/a.js:3:4)', 'f', '/app/10:20:30/a.js', 3, 4],
    // Deno
    ['    at Svc.#p (file:///app/zoo.ts:3:26)', 'Svc.#p', 'file:///app/zoo.ts', 3, 26],
    ['    at Svc.computed key (file:///app/zoo.ts:3:258)', 'Svc.computed key', 'file:///app/zoo.ts', 3, 258],
    ['    at drainTicks (ext:core/01_core.js:427:7)', 'drainTicks', 'ext:core/01_core.js', 427, 7],
    ['    at async fetch (ext:deno_fetch/26_fetch.js:2:7360)', 'fetch', 'ext:deno_fetch/26_fetch.js', 2, 7360],
    ['    at <anonymous> (wasm://wasm/e30a2672:wasm-function[0]:0x1e)', 'wasm-function[0]', 'wasm://wasm/e30a2672'],
    [
      `    at Module.f (file://${dirWithParens}/[slug]/mod.mjs?v=1 x&t=9#frag:1:29)`,
      'Module.f',
      `file://${dirWithParens}/[slug]/mod.mjs?v=1 x&t=9#frag`,
      1,
      29,
    ],
    [`    at Module.default (${blob}:1:30)`, 'Module.default', blob, 1, 30],
    // Bun
    ['    at plain (/app/zoo.ts:11:28)', 'plain', '/app/zoo.ts', 11, 28],
    ['    at <anonymous> (/app/zoo.ts:23:48)', NONE, '/app/zoo.ts', 23, 48],
    ['    at /app/main.mjs:1:98', NONE, '/app/main.mjs', 1, 98],
    ['    at map (native:1:11)', 'map'],
    ['    at <parse> (:0)', '<parse>'],
    ['    at parse (unknown)', 'parse'],
    ['    at unknown'],
    ['    at emit (node:events:97:22)', 'emit', 'node:events', 97, 22],
    ['    at async lvl2 (/app/zoo.ts:8:38)', 'lvl2', '/app/zoo.ts', 8, 38],
    ['structuredClone@[native code]', 'structuredClone'],
    ['all@/app/zoo.ts:199:19', 'all', '/app/zoo.ts', 199, 19],
    ['@/app/zoo.ts:199:19', NONE, '/app/zoo.ts', 199, 19],
    ['f@/app/node_modules/@scope/a.js:9:8', 'f', '/app/node_modules/@scope/a.js', 9, 8],
    // workerd and the edge VM
    ['    at Object.fetch (w.js:256:30)', 'Object.fetch', 'w.js', 256, 30],
    ['    at w.js:125:11', NONE, 'w.js', 125, 11],
    ['    at async Object.fetch (w.js:256:24)', 'Object.fetch', 'w.js', 256, 24],
    ['    at new Function (<anonymous>)', 'new Function'],
    ['    at #r (w.js:1:688)', '#r', 'w.js', 1, 688],
    ['    at y (w.js:3:2829)', 'y', 'w.js', 3, 2829],
    [
      '    at async Object.fetch (file:///app/script-0.mjs:256:24)',
      'Object.fetch',
      'file:///app/script-0.mjs',
      256,
      24,
    ],
    ['    at Object.plain (evalmachine.<anonymous>:100:13)', 'Object.plain', 'evalmachine.<anonymous>', 100, 13],
    ['    at c.<anonymous> (evalmachine.<anonymous>:267:50)', 'c.<anonymous>', 'evalmachine.<anonymous>', 267, 50],
    [
      `    at AbortSignal.abort (eval at requireWithFakeGlobalScope (${primitives}:18700:3), <anonymous>:1:1688)`,
      'AbortSignal.abort',
      primitives,
      18700,
      3,
    ],
    // Windows
    ['    at run (C:\\Program Files (x86)\\app\\a.js:10:5)', 'run', 'C:\\Program Files (x86)\\app\\a.js', 10, 5],
    ['    at C:\\app\\a.js:10:5', NONE, 'C:\\app\\a.js', 10, 5],
    ['    at run (\\\\server\\share\\a.js:10:5)', 'run', '\\\\server\\share\\a.js', 10, 5],
    ['    at file:///C:/app/a.js:10:5', NONE, 'file:///C:/app/a.js', 10, 5],
    ['run@C:\\app\\a.js:10:5', 'run', 'C:\\app\\a.js', 10, 5],
    // No runtime's own, but what tools make of them
    ['at (file.js:1:2)', NONE, 'file.js', 1, 2],
    ['    at run (file.js:0:0)', 'run', 'file.js'],
    ['    at run (file.js)', 'run', 'file.js'],
    ['    at run (eval at file.js)', 'run', 'eval at file.js'],
    ['\tat run (file.js:1:2)\r', 'run', 'file.js', 1, 2],
  ]

  it.each(lines)('%s', (...line) => {
    expect(parseStackTrace(line[0])).toEqual([toFrame(line)])
    expect(parseStackTrace(`Error: a\nb\n${line[0]}\n`, { message: 'a\nb' })).toEqual([toFrame(line)])
  })

  it.each([
    '',
    'at',
    'at ',
    'at least one field is required',
    'at position 3',
    'native',
    'me@example.com',
    'Error: message',
    '    0: error sending request for url (http://localhost:1/)',
    '    1: client error (Connect)',
    '^',
  ])('is no frame: %s', line => {
    expect(parseStackTrace(line)).toEqual([])
    expect(parseStackTrace(`Error: a\n${line}\n    at f (x.js:1:2)`, { message: 'a' })).toHaveLength(1)
  })
})

describe('the header', () => {
  const frame = '    at f (x.js:1:2)'
  const raw = ['at f (x.js:1:2)']

  it.each([
    ['decorated by vm', 'vm', 'my script.vm:1\nthrow new Error("vm")\n^\n\nError: vm'],
    [
      'with its code',
      'Expected values to be strictly equal:\n\n1 !== 2\n',
      'AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n\n1 !== 2\n',
    ],
    [
      "with Deno's chain of causes",
      'Import failed.',
      'TypeError: Import failed.\n    0: error sending request\n    1: client error (Connect)',
    ],
    ['without a name', 'oops', 'oops'],
    ['that says its message twice', 'Error', 'Error: Error'],
    ['of a message of frames', 'at a (b.js:1:1)\n    at c (d.js:1:1)', 'Error: at a (b.js:1:1)\n    at c (d.js:1:1)'],
    ['of a message that ends in frames', 'inner\n    at a (b.js:1:1)', 'Error: inner\n    at a (b.js:1:1)'],
    ['of a message of JavaScriptCore frames', 'inner\na@b.js:1:1', 'Error: inner\na@b.js:1:1'],
    [
      'of a long message',
      `${'x'.repeat(50_000)}\n    at a (b.js:1:1)`,
      `Error: ${'x'.repeat(50_000)}\n    at a (b.js:1:1)`,
    ],
  ])('%s', (_, message, header) => {
    expect(getRaw(parseStackTrace(`${header}\n${frame}`, { name: 'Renamed', message }))).toEqual(raw)
  })

  it('is its name when there is no message', () => {
    const name = 'Broken\n    at a (b.js:1:1)'
    expect(getRaw(parseStackTrace(`${name}\n${frame}`, { name, message: '' }))).toEqual(raw)
    expect(getRaw(parseStackTrace(`Error\n${frame}`, { name: 'Renamed', message: '' }))).toEqual(raw)
    expect(getRaw(parseStackTrace(`\n${frame}`, { name: '', message: '' }))).toEqual(raw)
  })

  it('keeps all frames of a stack in parts when the message is known', () => {
    const stack = `Fatal: a\n${frame}\nFrom previous event:\n    at g (y.js:3:4)`
    expect(getRaw(parseStackTrace(stack, { message: 'a' }))).toEqual([...raw, 'at g (y.js:3:4)'])
  })

  it.each([
    ['is not given', undefined],
    ['is not in the stack', { message: 'changed since' }],
    ['is only a part of what is', { message: 'a' }],
    ['is no text', { name: 1, message: { a: 1 } }],
    [
      'throws when read',
      {
        get message() {
          throw new Error('no')
        },
      },
    ],
  ])('takes the last run of frames when the message %s', (_, header) => {
    const stack = `Error: a (1)\n    at fake (file.js:1:2)\nb\n${frame}\n\n    at g (y.js:3:4)\nthe end`
    expect(getRaw(parseStackTrace(stack, header))).toEqual([...raw, 'at g (y.js:3:4)'])
  })
})

describe('limits', () => {
  const million = 1_000_000

  it.each([
    undefined,
    null,
    0,
    1n,
    true,
    Symbol('at f (x.js:1:2)'),
    {},
    [],
    () => 'at f (x.js:1:2)',
    new String('at f (x.js:1:2)'),
  ])('has no frames for %s', stack => {
    expect(parseStackTrace(stack)).toEqual([])
  })

  it('keeps the first 100 frames', () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `at f${index} (x.js:1:2)`)
    for (const header of [undefined, { message: 'a' }]) {
      const frames = parseStackTrace(['Error: a', ...lines].join('\n'), header)
      expect(getRaw(frames)).toEqual(lines.slice(0, 100))
    }
  })

  it('cuts what is long, at a code point, and reads the position after it', () => {
    const file = `/${'x'.repeat(1_990)}🙂🙂🙂🙂🙂🙂.js`
    const [frame] = parseStackTrace(`    at f (${file}:12:34)`)
    expect(frame).toEqual({
      functionName: 'f',
      fileName: file.slice(0, 1_999),
      lineNumber: 12,
      columnNumber: 34,
      raw: `at f (${file}`.slice(0, 1_999),
    })
    expect(`${frame?.fileName}${frame?.raw}`).not.toMatch(/\p{Surrogate}/u)
    expect(frame?.fileName).toMatch(/🙂$/u)
  })

  const f = { functionName: 'f' }
  it.each<[what: string, line: string, expected: Omit<StackFrame, 'raw'> | undefined]>([
    [
      'a file',
      `at f (${'x'.repeat(million)}:1:2)`,
      { ...f, fileName: 'x'.repeat(2_000), lineNumber: 1, columnNumber: 2 },
    ],
    [
      'a name',
      `at ${'x'.repeat(million)} (y:1:2)`,
      { functionName: 'x'.repeat(2_000), fileName: 'y', lineNumber: 1, columnNumber: 2 },
    ],
    [
      'open parentheses',
      `at f (${'('.repeat(million)}:1:2)`,
      { ...f, fileName: '('.repeat(2_000), lineNumber: 1, columnNumber: 2 },
    ],
    ['closed parentheses', `at f (${')'.repeat(million)})`, f],
    [
      'spaced parentheses',
      `at f (${' ('.repeat(million)}:1:2)`,
      { ...f, fileName: ' ('.repeat(1_000), lineNumber: 1, columnNumber: 2 },
    ],
    [
      'positions',
      `at f (x${':1:2'.repeat(million)})`,
      { ...f, fileName: `x${':1:2'.repeat(500)}`.slice(0, 2_000), lineNumber: 1, columnNumber: 2 },
    ],
    ['digits', `at f (x:1:${'1'.repeat(million)})`, { ...f, fileName: `x:1:${'1'.repeat(1_996)}` }],
    ['colons', `at ${':'.repeat(million)}`, undefined],
    [
      'nested eval',
      `at f (${'eval at g ('.repeat(million / 10)}x:1:2${')'.repeat(million / 10)})`,
      { ...f, fileName: `x:1:2${')'.repeat(1_995)}` },
    ],
    [
      'closed eval',
      `at f (${'eval at g ('.repeat(million / 10)}x:1:2${'), <anonymous>:1:1'.repeat(million / 10)})`,
      { ...f, fileName: 'x', lineNumber: 1, columnNumber: 2 },
    ],
    [
      'aliases',
      `at f${' [as g'.repeat(million / 10)} (x:1:2)`,
      { ...f, fileName: 'x', lineNumber: 1, columnNumber: 2 },
    ],
    ['async', `at ${'async '.repeat(million / 10)}`, undefined],
    ['at', 'at '.repeat(million), undefined],
    ['at signs', '@'.repeat(million), undefined],
    [
      'a name before an at sign',
      `${'f'.repeat(million)}@x:1:2`,
      { functionName: 'f'.repeat(2_000), fileName: 'x', lineNumber: 1, columnNumber: 2 },
    ],
    [
      'WebAssembly',
      `at f (x${':wasm-function[0]:0x1e'.repeat(million / 10)})`,
      { ...f, fileName: `x${':wasm-function[0]:0x1e'.repeat(100)}`.slice(0, 2_000) },
    ],
    ['spaces', `at f (x:1:2)${' '.repeat(million)}`, { ...f, fileName: 'x', lineNumber: 1, columnNumber: 2 }],
    ['empty lines', `at f (x:1:2)${'\n'.repeat(million)}`, { ...f, fileName: 'x', lineNumber: 1, columnNumber: 2 }],
  ])('reads a line with a million of: %s', (_, line, expected) => {
    const raw = line.trim().slice(0, 2_000)
    expect(parseStackTrace(`Error: a\n    ${line}`)).toEqual(expected ? [{ ...expected, raw }] : [])
  })

  it('looks for a message of a million characters', () => {
    const message = 'a'.repeat(million)
    const frame = 'at f (x:1:2)'
    expect(getRaw(parseStackTrace(`Error: ${message}\n${frame}`, { message }))).toEqual([frame])
    expect(getRaw(parseStackTrace(`Error: ${message}\n${frame}`, { message: `${message}b` }))).toEqual([frame])
    expect(getRaw(parseStackTrace(`${': a'.repeat(million)}\n${frame}`, { message: 'a' }))).toEqual([frame])
  })

  it('cuts no code point', () => {
    expect(cutText('ab🙂', 4)).toBe('ab🙂')
    expect(cutText('ab🙂', 3)).toBe('ab')
    expect(cutText('ab🙂c', 4)).toBe('ab🙂')
    expect(cutText('', 0)).toBe('')
  })
})

describe('whatever the text', () => {
  const fragments = [
    '\n',
    '    at ',
    'at ',
    'async ',
    'new ',
    ' (',
    ')',
    '), ',
    'eval at ',
    '<anonymous>',
    ':1:2',
    ':',
    '@',
    '[native code]',
  ]
  const words = [
    'Error: ',
    'native',
    'unknown',
    'index 0',
    'wasm-function[0]',
    ':0x1e',
    ' [as x]',
    '/app/a.js',
    '🙂',
    '\ud83d',
    '\r',
    ' ',
  ]
  const text = fc
    .array(fc.oneof(fc.constantFrom(...fragments, ...words), fc.string({ unit: 'binary' })))
    .map(parts => parts.join(''))

  it('does not throw, and every frame is a line of it', () => {
    fc.assert(
      fc.property(text, fc.option(fc.record({ name: text, message: text }), { nil: undefined }), (stack, header) => {
        const lines = new Set(stack.split('\n').map(line => line.trim()))
        const frames = parseStackTrace(stack, header)
        for (const frame of frames) {
          expect(lines).toContain(frame.raw)
          expect(frame.fileName).not.toBe('')
          expect(frame.functionName).not.toBe('')
        }
      }),
      runs(1_000),
    )
  })

  it('takes anything for a stack and a header', () => {
    fc.assert(
      fc.property(fc.anything(), fc.record({ name: fc.anything(), message: fc.anything() }), (stack, header) => {
        expect(parseStackTrace(stack, header)).toBeInstanceOf(Array)
      }),
      runs(),
    )
  })

  it('never takes a line of a known message for a frame', () => {
    fc.assert(
      fc.property(
        text.filter(message => message !== ''),
        message => {
          const stack = `Error: ${message}\n    at f (x.js:1:2)\n    at g (y.js:3:4)`
          expect(getRaw(parseStackTrace(stack, { message }))).toEqual(['at f (x.js:1:2)', 'at g (y.js:3:4)'])
        },
      ),
      runs(1_000),
    )
  })

  it('finds any file and any name again', () => {
    const letters = fc.constantFrom(...'abC09 ()[]?#&"\'%-_./\\:@🙂')
    const path = fc.string({ unit: letters, minLength: 1 }).map(middle => `/${middle}.js`)
    const number = fc.integer({ min: 1, max: 9_999 })
    const name = fc.string({ unit: fc.constantFrom(...'abC$_#.<>[]'), minLength: 1 }).map(end => `f${end}`)
    fc.assert(
      fc.property(path, name, number, number, (fileName, functionName, line, column) => {
        const position = { fileName, lineNumber: line, columnNumber: column }
        const [bare] = parseStackTrace(`    at ${fileName}:${line}:${column}`)
        const [named] = parseStackTrace(`    at ${functionName} (${fileName}:${line}:${column})`)
        const [short] = parseStackTrace(`${functionName}@${fileName}:${line}:${column}`)
        expect(bare).toMatchObject(position)
        expect(bare).not.toHaveProperty('functionName')
        expect(named).toMatchObject({ ...position, functionName })
        expect(short).toMatchObject({ ...position, functionName })
      }),
      runs(),
    )
  })
})
