/**
 * How an error is shown at the end of a process. What an ES module throws at its top level, when it is the program, Node
 * reports from where it runs the program: a value that is no error, thrown again from anywhere else, would be shown as a
 * rejection.
 */
import { readFileSync, writeSync } from 'node:fs'
import Module from 'node:module'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { callMember, read } from '../../safe-read.ts'

/** Milliseconds after which a program that was run again has not ended. */
const RUN_MS = 100

/** Whether this is called from where Node runs the program: by a listener of what was thrown there. */
export function isTopLevel(): boolean {
  return /\bnode:internal\/(?:modules\/run_main|process\/esm_loader|modules\/esm\/handle_process_exit)\b/.test(
    String(new Error().stack),
  )
}

/**
 * The line of the program that made an error, with a caret below its place, as Node shows them; empty where unknown.
 * @param isThrown whether it was thrown: then, where that was done in the same statement, the caret is there
 */
function sourceOf(stack: string, isThrown: boolean): string {
  const [, file, line, column] = /^ {4}at (?:.*\()?(file:.+?|\/.+?):(\d+):(\d+)\)?$/m.exec(stack) ?? []
  if (!file) return ''
  try {
    const text = readFileSync(file.startsWith('file:') ? fileURLToPath(file) : file, 'utf8').split(/\r?\n/)
    const source = text[Number(line) - 1]
    if (source === undefined) return ''
    const before = source.slice(0, Number(column) - 1)
    const [statement = ''] = (isThrown && /\bthrow\b[^;{}]*$/.exec(before)) || []
    const margin = before.slice(0, before.length - statement.length).replaceAll(/[^\t]/g, ' ')
    return `${file}:${line}\n${source}\n${margin}^\n\n`
  } catch {
    return ''
  }
}

/** What Node adds to an error that an emitter had no listener for, when it shows it. */
const isOfEmitter = (error: object): boolean =>
  Object.getOwnPropertySymbols(error).some(({ description }) => description === 'kEnhanceStackBeforeInspector')

/** Whether Node writes more of an uncaught error than its trace: a report, a core. */
const writesMore = (): boolean =>
  process.report?.reportOnUncaughtException === true ||
  process.execArgv.some(argument => /^--(abort-on-uncaught|trace-uncaught|inspect)/.test(argument))

/**
 * Ends the process as Node would have, had nobody listened, with the line that the error was made in: thrown again, it would
 * be shown with the line that does so, for its own is lost once its stack has been read.
 * @returns `false`, where that line is unknown
 */
export function endWithSource(error: unknown, isThrown: boolean): boolean {
  // What a thread throws is its maker's to hear.
  if (!isMainThread || !(error instanceof Error) || isOfEmitter(error) || writesMore()) return false
  const stack = read(error, 'stack')
  const source = typeof stack === 'string' ? sourceOf(stack, isThrown) : ''
  if (!source) return false
  const colors = callMember(process.stderr, 'hasColors') === true
  writeSync(2, `${source}${inspect(error, { colors })}\n\nNode.js ${process.version}\n`)
  process.exit(1)
}

/** Ends the process as Node would have, had nobody listened; where it cannot, `otherwise` does. */
export function throwFromTopLevel(error: unknown, otherwise: () => void): void {
  if (endWithSource(error, false)) return
  // A module that has failed is not run again: its import rejects with what it threw.
  callMember(Module, 'runMain', process.argv[1])
  setTimeout(otherwise, RUN_MS)
}
