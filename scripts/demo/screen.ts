import { formatDuration } from '../../src/inbox/format-values.ts'
import { createPaint, type Paint } from '../../src/inbox/paint.ts'
import { padToWidth } from '../../src/inbox/terminal-text.ts'

/** Columns of a step's title, so that the times stand below one another. */
const TITLE_WIDTH = 68

/** Goes back to the line's start and clears it. */
const CLEAR_LINE = '\r\u001b[2K'

/** Where the demo tells what it does. */
export interface Screen {
  paint: Paint
  color: boolean
  /** Characters of a line, where they are known. */
  columns: number | undefined
  /** Whether somebody sits in front of it. */
  isTerminal: boolean
  print(text?: string): void
  heading(text: string): void
  /** A tick, or a cross, with what was found. */
  check(passed: boolean, text: string): void
  /**
   * Does something, and says so: before, in a terminal, and after, with the time it took. `done` names the outcome.
   *
   * @throws AbortError instead of doing it, when the demo is being ended
   */
  step<Result>(
    doing: string,
    done: string | ((result: Result) => string),
    action: () => Promise<Result>,
  ): Promise<Result>
}

export function createScreen(stdout: NodeJS.WriteStream, interrupted: AbortSignal): Screen {
  const isTerminal = stdout.isTTY === true
  const color = isTerminal && !process.env['NO_COLOR']
  const canRewrite = isTerminal && process.env['TERM'] !== 'dumb'
  const paint = createPaint(color)
  const print = (text = '') => stdout.write(`${text}\n`)
  return {
    paint,
    color,
    columns: isTerminal ? stdout.columns : undefined,
    isTerminal,
    print,
    heading: text => print(`\n${paint('bold', text)}\n`),
    check: (passed, text) => print(passed ? `  ${paint('green', '✓')} ${text}` : `  ${paint('red', '✗')} ${text}`),
    async step(doing, done, action) {
      interrupted.throwIfAborted()
      const started = performance.now()
      if (canRewrite) stdout.write(`  ${paint('dim', '·')} ${doing} …`)
      const end = (mark: string, title: string) => {
        const time = paint('dim', formatDuration(performance.now() - started).padStart(8))
        print(`${canRewrite ? CLEAR_LINE : ''}  ${mark} ${padToWidth(title, TITLE_WIDTH)}${time}`)
      }
      try {
        const result = await action()
        end(paint('green', '✓'), typeof done === 'string' ? done : done(result))
        return result
      } catch (error) {
        if (!interrupted.aborted) end(paint('red', '✗'), doing)
        throw error
      }
    },
  }
}
