import { read } from '../safe-read.ts'
import type { StackFrame } from '../types.ts'

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
