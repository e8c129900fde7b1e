/**
 * What an ES module throws at its top level, when it is the program. Node reports it from where it runs the program, so
 * an error thrown again from anywhere else would be shown with another source line, and a value that is no error as a
 * rejection.
 */
import { readFileSync, writeSync } from 'node:fs'
import Module from 'node:module'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { callMember, read } from '../../safe-read.ts'

/** Milliseconds after which a program that was run again has not ended. */
const RUN_MS = 100

/** Whether this is called from where Node runs the program: by a listener of what was thrown there. */
export function isTopLevel(): boolean {
  return /\bnode:internal\/(?:modules\/run_main|process\/esm_loader|modules\/esm\/handle_process_exit)\b/.test(
    String(new Error().stack),
  )
}

/** The line of the program that made an error, with a caret below its place, as Node shows them; empty where unknown. */
function sourceOf(stack: string): string {
  const [, file, line, column] = /^ {4}at (?:.*\()?(file:.+?|\/.+?):(\d+):(\d+)\)?$/m.exec(stack) ?? []
  if (!file) return ''
  try {
    const text = readFileSync(file.startsWith('file:') ? fileURLToPath(file) : file, 'utf8').split(/\r?\n/)
    const source = text[Number(line) - 1]
    if (source === undefined) return ''
    const margin = source.slice(0, Number(column) - 1).replaceAll(/[^\t]/g, ' ')
    return `${file}:${line}\n${source}\n${margin}^\n\n`
  } catch {
    return ''
  }
}

/** Ends the process as Node would have, had nobody listened; where it cannot, `otherwise` does. */
export function throwFromTopLevel(error: unknown, otherwise: () => void): void {
  const stack = read(error, 'stack')
  // Node finds an error's line by its stack, which is lost once that has been read as a text.
  const source = error instanceof Error && typeof stack === 'string' ? sourceOf(stack) : ''
  if (source) {
    const colors = callMember(process.stderr, 'hasColors') === true
    writeSync(2, `${source}${inspect(error, { colors })}\n\nNode.js ${process.version}\n`)
    process.exit(1)
  }
  // A module that has failed is not run again: its import rejects with what it threw.
  callMember(Module, 'runMain', process.argv[1])
  setTimeout(otherwise, RUN_MS)
}
