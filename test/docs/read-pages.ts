/** The pages for users, taken apart: the README and `docs/`, but for the API reference, which has its own check. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../package/bundle-entry.ts'

/** A fenced block. */
export interface Snippet {
  /** Its page's path below the root. */
  page: string
  language: string
  /** With a newline at its end. */
  code: string
  /** Of its first line of code, counted from 1. */
  line: number
  /** The file below the root that it is a part of, as the comment before it says. */
  example: string | undefined
}

export interface Page {
  /** Below the root. */
  path: string
  text: string
  snippets: readonly Snippet[]
  /** The text without its fenced blocks. */
  prose: string
}

const FENCE = /(?:^<!-- (\S+) -->\n)?^```(\w*)\n(.*?)^```$/gms

export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8')
  const snippets = [...text.matchAll(FENCE)].map(({ 0: block, 1: example, 2: language = '', 3: code = '', index }) => ({
    page: path,
    language,
    code,
    line: text.slice(0, index + block.indexOf(code)).split('\n').length,
    example,
  }))
  return { path, text, snippets, prose: text.replace(FENCE, '') }
}

const files = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md') && !name.startsWith('api/'))
  .map(name => `docs/${name}`)

export const pages: readonly Page[] = ['README.md', ...files.sort()].map(readPage)
export const snippets: readonly Snippet[] = pages.flatMap(page => page.snippets)

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
