/** Secrets in columns of CSV and TSV, whose first line has their names (RFC 4180). */
import { eachMatch, endOf, execFrom, type Found } from './found.ts'
import type { Hides, MaskNames } from './names.ts'
import { isNothing } from './values.ts'

/** A table's first name, and what is between it and the next; a byte order mark may be before it. */
const DELIMITER = /^[\ufeff ]*"?[\w -]{1,64}"?([,;\t])/
/** In front of a string's first line break in JSON: that line. */
const HEAD_IN_JSON = /(?<="((?:[^"\\\n]|\\["t])*)(?:\\r)?)/y
const LINE = /.+/g
const NAME = /^[\w .-]{0,64}$/

/** A line's cells, without quotes and the spaces around. */
function cellsOf(line: string, delimiter: string): readonly (readonly [start: number, text: string])[] {
  const cells: [number, string][] = []
  for (let at = 0; at <= line.length; ) {
    at = endOf(/[\ufeff ]*/y, line, at)
    if (line[at] === '"') at++
    const end = line[at - 1] === '"' ? endOf(/(?:[^"]|"")*/y, line, at) : at
    const next = line.indexOf(delimiter, end)
    const stop = next < 0 ? line.length : next
    cells.push([at, line.slice(at, end > at ? end : stop).trim()])
    at = stop + 1
  }
  return cells
}

/** Whether a text of several lines may be a table from its beginning. */
export const startsTable = (text: string): boolean => DELIMITER.test(text)

/** What is between a table's columns, and what each hides, by its first line; nothing where it is none, or hides nothing. */
function tableOf(head: string, names: MaskNames): { delimiter: string; hides: readonly Hides[] } | undefined {
  const [, delimiter] = DELIMITER.exec(head) ?? []
  // After a comma of prose there is a space.
  if (!delimiter || /[,;] /.test(head)) return undefined
  const columns = cellsOf(head, delimiter)
  const hides = columns.map(([, name]) => names.hides(name))
  return hides.some(Boolean) && columns.every(([, name]) => NAME.test(name)) ? { delimiter, hides } : undefined
}

/** Calls `found` with a place in each string of a JSON text that is a table with a hidden column. */
export function findTables(json: string, names: MaskNames, found: (start: number) => void): void {
  for (let at = json.indexOf('\\n'); at >= 0; at = json.indexOf('\\n', at + 2)) {
    const [, head] = execFrom(HEAD_IN_JSON, json, at) ?? []
    if (head && tableOf(JSON.parse(`"${head}"`), names)) found(at)
  }
}

/** Calls `found` with the cells of hidden columns. */
export function findCells(text: string, names: MaskNames, found: Found): void {
  const table = tableOf(text.slice(0, text.search(/[\n\r]/)), names)
  if (!table) return
  eachMatch(LINE, text, ({ index, 0: line }) => {
    const cells = index > 0 ? cellsOf(line, table.delimiter) : []
    if (cells.length !== table.hides.length) return
    cells.forEach(([start, cell], place) => {
      const from = index + start
      if (table.hides[place] && !isNothing(cell)) found(from, from + cell.length)
    })
  })
}
