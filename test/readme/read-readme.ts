/** The README, taken apart. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../package/bundle-entry.ts'

export const readme: string = readFileSync(join(root, 'README.md'), 'utf8')

/** A fenced block. */
export interface Snippet {
  language: string
  /** With a newline at its end. */
  code: string
  /** Of its first line of code, counted from 1. */
  line: number
  /** The file below the root that it is a part of, as the comment before it says. */
  example: string | undefined
}

const FENCE = /(?:^<!-- (\S+) -->\n)?^```(\w*)\n(.*?)^```$/gms

export const snippets: readonly Snippet[] = [...readme.matchAll(FENCE)].map(
  ({ 0: block, 1: example, 2: language = '', 3: code = '', index }) => ({
    language,
    code,
    line: readme.slice(0, index + block.indexOf(code)).split('\n').length,
    example,
  }),
)

/** The README without its fenced blocks. */
export const prose: string = readme.replace(FENCE, '')

/** The text below a heading of the second level. */
export function readChapter(heading: string): string {
  const [, chapter] = readme.split(`\n## ${heading}\n`)
  if (chapter === undefined) throw new Error(`The README has no chapter "${heading}".`)
  return chapter.split(/^## /m)[0] ?? ''
}

/** The rows of a Markdown table below its head, cell by cell. */
export function readRows(table: string): string[][] {
  const lines = table.split('\n').filter(line => line.startsWith('| '))
  return lines.slice(1).map(line =>
    line
      .slice(2, -2)
      .split(/ \| /)
      .map(cell => cell.trim()),
  )
}
