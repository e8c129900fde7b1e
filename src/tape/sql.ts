/** Which values of an SQL statement are hidden: those of a column whose name hides, as `password = ?` has it. */
import { hidesValue, type MaskNames } from '../mask/names.ts'
import { MASKED } from '../mask/text.ts'

/** A string, a quoted name, a comment, a placeholder, a word, a number, or one other character. */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?|\?\d*|[A-Za-z_][\w$]*|\d[\w.]*|\S/g

const KEYWORD =
  /^(?:select|from|where|and|or|not|in|is|null|like|glob|between|set|update|insert|replace|into|values|delete|returning|order|group|by|limit|offset|on|conflict|do|nothing|as|join|left|inner|outer|having|union|all|distinct|case|when|then|else|end|exists|escape|collate|default|true|false)$/i

interface Value {
  /** Where it stands in the text. */
  start: number
  text: string
  /** The column that it is compared with or put into. */
  column: string
}

/** Each literal and placeholder with its column. */
function readValues(sql: string): Value[] {
  const values: Value[] = []
  /** Names in the parentheses before `values`, and the place in those after it. */
  let list: string[] = []
  let columns: string[] | undefined
  let place = 0
  let depth = 0
  let column = ''
  /** The value that an operator stands behind: `? = password`. */
  let compared: Value | undefined
  for (const { 0: text, index: start } of sql.matchAll(TOKEN)) {
    if (/^(?:--|\/\*)/.test(text)) continue
    if (text === '(') {
      depth++
      if (depth === 1) {
        place = 0
        if (!columns) list = []
      }
    } else if (text === ')') depth--
    else if (text === ',' && depth === 1) place++
    else if (text === ';') {
      columns = undefined
      column = ''
    } else if (/^values$/i.test(text)) columns = list
    else if (columns && /^(?:on|returning|select)$/i.test(text)) columns = undefined
    else if (/^['?\d]/.test(text)) {
      compared = { start, text, column: (columns && depth > 0 && columns[place]) || column }
      values.push(compared)
      continue
    } else if (/^[=<>!]$|^(?:is|like|glob|not)$/i.test(text)) continue
    else if (/^["`[A-Za-z_]/.test(text) && !KEYWORD.test(text)) {
      const name = text.replace(/^["`[]|["`\]]$/g, '')
      list.push(name)
      // What is called is no column.
      if (/^\s*\(/.test(sql.slice(start + text.length, start + text.length + 8))) continue
      column = name
      if (compared) compared.column = name
    }
    compared = undefined
  }
  return values
}

/** A statement as it goes onto the tape: its literals and parameters without those that a column's name hides. */
export function maskStatement(
  sql: string,
  params: readonly unknown[],
  names: MaskNames,
): { sql: string; params: unknown[] } {
  const values = readValues(sql)
  const masked = [...params]
  let text = sql
  let next = values.filter(value => value.text === '?').length
  for (const value of values.reverse()) {
    const { start, text: written, column } = value
    if (written === '?') next--
    if (!names.hides(column)) continue
    if (written.startsWith('?')) {
      const place = written === '?' ? next : Number(written.slice(1)) - 1
      if (hidesValue('all', masked[place])) masked[place] = MASKED
    } else if (written !== "''") text = `${text.slice(0, start)}'${MASKED}'${text.slice(start + written.length)}`
  }
  return { sql: text, params: masked }
}
