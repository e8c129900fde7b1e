import { cutText } from '../mask/truncate.ts'
import { read } from '../safe-read.ts'
import type { StackFrame } from '../types.ts'

const MAX_FRAMES = 100
/** Lines read after the message. */
const MAX_LINES = 10_000
/** UTF-16 units of a frame's `raw`, and of its names. */
const MAX_LINE_LENGTH = 2_000
/** How far into the stack the message may begin: a header can follow a quoted line of source. */
const HEADER_REACH = 10_000

/** The last `:line:column`, or WebAssembly's function and byte offset. Only ever run on a line's last characters. */
const POSITION = /:(?:(\d{1,9}):(\d{1,9})|(wasm-function\[\d{1,9}\]):0x[\da-f]{1,9})\)*$/
const POSITION_REACH = 64
/** What stands where a file would, for code that has none. */
const NO_FILE = /^(?:|:0|native|unknown|<anonymous>|\[native code\]|index \d+)\)*$/
const ASYNC = /^ async(?= [^(])/

/** What an error says of itself above its frames. An error is one. */
export interface StackHeader {
  /** What it is called. Anything but text counts as absent. */
  name?: unknown
  /** What it says. Anything but text counts as absent. */
  message?: unknown
}

/**
 * The frames of an error's `stack`, as V8 and JavaScriptCore write it: 100 at most, each text cut to 2,000 UTF-16
 * units. Linear in the length of the stack; never throws; what is not a string has no frames.
 *
 * @param header the error's `name` and `message`, which show where the message ends and the frames begin. Without
 * a message that is in the stack (it was changed since, or is not known), frames are the last unbroken run of lines
 * that look like one.
 */
export function parseStackTrace(stack: unknown, header?: StackHeader): StackFrame[] {
  const frames: StackFrame[] = []
  if (typeof stack !== 'string') return frames
  const headerEnd = findHeaderEnd(stack, header)
  let isMessage = false
  for (const line of stack.slice(headerEnd).split('\n', MAX_LINES)) {
    const raw = line.trim()
    const frame = parseLine(raw)
    if (frame) {
      if (isMessage) frames.length = 0
      isMessage = false
      if (frames.push(frame) === MAX_FRAMES) break
    } else if (raw) {
      isMessage = headerEnd === 0
    }
  }
  return frames
}

/**
 * Where the message ends, 0 if the stack does not hold it. The name before it is not compared: the header was written
 * when the error was made, with the name of that moment (`AssertionError [ERR_ASSERTION]: …`), or with none.
 */
function findHeaderEnd(stack: string, header: StackHeader | undefined): number {
  let text: unknown
  try {
    text = header?.message || header?.name
  } catch {}
  if (typeof text !== 'string' || text === '') return 0
  const reach = stack.slice(0, HEADER_REACH)
  const start = text.slice(0, 200)
  for (let at = reach.indexOf(start); at >= 0; at = reach.indexOf(start, at + 1)) {
    const end = at + text.length
    const isAfterName = at === 0 || reach.startsWith(': ', at - 2)
    if (isAfterName && (end === stack.length || stack[end] === '\n')) return end
  }
  return 0
}

/**
 * `at name (location)`, `at location` or `name@location`; a line of another shape is no frame. `new Foo` keeps its
 * `new`; `async` and `[as alias]` are dropped, and so is a name that says there is none.
 */
function parseLine(line: string): StackFrame | undefined {
  const isV8 = line.startsWith('at ')
  const text = isV8 ? line.slice(2).replace(ASYNC, '') : line
  const isWrapped = isV8 && text.endsWith(')')
  // The first parenthesis: paths hold them more often than names do.
  const nameEnd = isWrapped ? text.indexOf(' (') : isV8 ? 0 : text.indexOf('@')
  if (nameEnd < 0) return undefined
  const name = isV8 ? text.slice(1, nameEnd).split(' [as ', 1)[0] : text.slice(0, nameEnd)
  const location = getFileLocation(text.slice(nameEnd + (isWrapped ? 2 : 1), isWrapped ? -1 : undefined))

  const position = POSITION.exec(location.slice(-POSITION_REACH))
  const fileName = position ? location.slice(0, -position[0].length) : location
  const hasNoFile = NO_FILE.test(fileName)
  if (!isWrapped && !position && !hasNoFile) return undefined

  const [, lineNumber, columnNumber, wasmFunction] = position ?? []
  const functionName = name && name !== '<anonymous>' ? name : wasmFunction
  const frame: StackFrame = { raw: cutText(line, MAX_LINE_LENGTH) }
  if (functionName) frame.functionName = cutText(functionName, MAX_LINE_LENGTH)
  if (hasNoFile) return frame
  frame.fileName = cutText(fileName, MAX_LINE_LENGTH)
  if (Number(lineNumber) > 0) frame.lineNumber = Number(lineNumber)
  if (Number(columnNumber) > 0) frame.columnNumber = Number(columnNumber)
  return frame
}

/**
 * Code in `eval` and `new Function` has a position of its own (`<anonymous>:1:1`), but in no file that anyone could
 * open: what helps is where the outermost `eval` was called, which is written innermost.
 */
function getFileLocation(location: string): string {
  const open = location.startsWith('eval at ') ? location.indexOf(' (', location.lastIndexOf('eval at ')) : -1
  if (open < 0) return location
  const end = location.indexOf('), ', open)
  return location.slice(open + 2, end < 0 ? undefined : end)
}

/** Files that are not the application's: a runtime's own, and installed packages. */
const FOREIGN_FILE = /^(?:node|ext|internal|bun|workerd):|(?:^|[\\/])node_modules[\\/]/

/** `file:line:column`, as far as it is known; `undefined` for a frame without a file. */
export function formatStackFrameLocation(frame: StackFrame | null | undefined): string | undefined {
  if (!frame?.fileName) return undefined
  const { fileName, lineNumber, columnNumber } = frame
  if (lineNumber === undefined) return fileName
  return columnNumber === undefined ? `${fileName}:${lineNumber}` : `${fileName}:${lineNumber}:${columnNumber}`
}

/** The first frame in a file of the application's; else the first in any file, else the first; `undefined` without frames. */
export function pickPrimaryStackFrame(frames: readonly StackFrame[] | null | undefined): StackFrame | undefined {
  if (!Array.isArray(frames)) return undefined
  const located = frames.filter(frame => read(frame, 'fileName'))
  return located.find(({ fileName }) => !FOREIGN_FILE.test(fileName)) ?? located[0] ?? frames[0]
}
