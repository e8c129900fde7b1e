/**
 * SQL, whose names stand apart from their values: the columns of an `INSERT` before its rows, and a statement before the list
 * of its parameters, as ORMs and database drivers write both into an error or a log line.
 */
import { eachMatch, endOf, type Found } from './found.ts'
import type { MaskNames } from './names.ts'
import { bracketEnd } from './values.ts'

const INSERT = /\binto\s+[^\s()]{1,200}\s*\(([^()]{1,4000})\)\s*values\s*\(/gi

/** A row's item with its quotes, in which they are doubled or escaped, or without; and what is behind it. */
const ITEM = /\s*(?:(['"])((?:(?!\1)[^\\]|\1\1|\\[\s\S])*)\1|([^,()'"]*(?:\([^()]*\))?))\s*(,|\)(?:\s*,\s*\()?)/dy

const PLACEHOLDER = /^(?:\$\d|[?:@%])/
/** A parameter that a column is compared with, or set to: its `?` or `$1` is found much faster than a word. */
const PARAMETER =
  /(?:\$\d|\?)(?<=(?<![\w\x80-\uffff])([\w\x80-\uffff]{1,64})[\\"`\])]{0,4}\s{0,4}(?:[=<>!]{1,2}|\b(?:like|in|any)\s{0,4}\(?)\s{0,4}(?:\w{1,32}\()?(?:\$\d|\?))/gi

/** What a list of parameters begins with: Drizzle's, TypeORM's, and of others. Sequelize's is JSON behind the statement. */
const PARAMETERS = /(?<!(?<!\\)\w)(?:params|parameters|bind(?:ings)?|args)\\*["']?[:=]\s*|;\s{1,4}(?=\\*"|\d)/gi
const LINE = /[^\n\r]*/y
/** Of JSON, in which a quote without a backslash ends the text. */
const LINE_IN_JSON = /(?:[^\n\r"\\]|\\+")*/y

/** Finds what the columns of a statement hide, in its rows and in the list of its parameters. */
export function findSql(text: string, names: MaskNames, found: Found): void {
  if (!/\binto\b|\$\d|param|bind|args/i.test(text)) return
  /** Where parameters stand that are hidden. */
  const hidden: number[] = []
  for (const { 1: columns = '', 0: whole, index } of text.matchAll(INSERT)) {
    const hides = columns.split(',').map(column => names.hides(column.replace(/[^\w-]/g, '')) !== false)
    ITEM.lastIndex = index + whole.length
    let place = 0
    for (let item = hides.includes(true) && ITEM.exec(text); item; item = ITEM.exec(text)) {
      const [start, end] = item.indices?.[2] ?? item.indices?.[3] ?? [0, 0]
      const value = text.slice(start, end).trim()
      if (hides[place] && PLACEHOLDER.test(value)) hidden.push(start)
      else if (hides[place] && (item[1] || !/^(?:null|default|true|false)$|\(/i.test(value)))
        found(start, start + value.length)
      place = item[4] === ',' ? place + 1 : 0
      if (item[4] === ')') break
    }
  }
  eachMatch(PARAMETER, text, ({ index, 1: column = '' }) => {
    if (names.hides(column)) hidden.push(index)
  })
  if (hidden.length === 0) return
  const isJson = text.includes('\\"')
  hidden.sort((one, other) => other - one)
  eachMatch(PARAMETERS, text, ({ index }, start) => {
    if ((hidden.at(-1) ?? text.length) > index) return
    while ((hidden.at(-1) ?? text.length) < index) hidden.pop()
    const end = text[start] === '[' ? bracketEnd(text, start, 0) : endOf(isJson ? LINE_IN_JSON : LINE, text, start)
    found(start, end)
    PARAMETERS.lastIndex = end
  })
}

/** Whether a statement's parameters, which stand beside it, have a hidden one among them. */
export function hidesParameters(sql: string, names: MaskNames): boolean {
  const text = `${sql}\nparams: ?`
  let hides = false
  findSql(text, names, (_, end) => {
    hides ||= end === text.length
  })
  return hides
}
