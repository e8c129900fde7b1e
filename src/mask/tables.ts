/** Secrets in columns: of CSV and TSV, whose first line has their names (RFC 4180), and of tables as Markdown and databases draw them. */
import { eachMatch, endOf, type Found } from './found.ts'
import { hidesValue, type MaskNames } from './names.ts'
import { isNothing } from './values.ts'

/** What is between two cells of a first line; a name is beside it. */
const DELIMITER = /^\s*"?[\w -]{1,64}"?([,;\t])/
/** A line under a drawn table's names: `| --- | --- |`, `----+----`. */
const RULE = /\n([ |+:-]+)(?=\r?(?:\n|$))/g
const JOINT = /-[ :]{0,2}[|+][ :]{0,2}-/
const LINE = /([^\n\r]*)\r?\n?/y
const NAME = /^[\w .-]{0,64}$/

/** A line's cells, without quotes and the spaces around. */
function cellsOf(line: string, delimiter: string): readonly (readonly [start: number, text: string])[] {
  const cells: [number, string][] = []
  for (let at = 0; at <= line.length; ) {
    at = endOf(/ */y, line, at)
    if (line[at] === '"') at++
    const end = line[at - 1] === '"' ? endOf(/(?:[^"]|"")*/y, line, at) : at
    const next = line.indexOf(delimiter, end)
    const stop = next < 0 ? line.length : next
    cells.push([at, line.slice(at, end > at ? end : stop).trim()])
    at = stop + 1
  }
  return cells
}

/** Calls `found` with the cells of hidden columns, in the lines after `head`. @returns where the table ends */
function findCells(
  text: string,
  head: string,
  delimiter: string,
  from: number,
  names: MaskNames,
  found: Found,
): number {
  const columns = cellsOf(head, delimiter)
  if (columns.length < 2 || !columns.every(([, name]) => NAME.test(name))) return from
  const hides = columns.map(([, name]) => names.hides(name))
  if (!hides.some(Boolean)) return from
  for (LINE.lastIndex = from; LINE.lastIndex < text.length; ) {
    const start = LINE.lastIndex
    const [, line = ''] = LINE.exec(text) ?? []
    const cells = cellsOf(line, delimiter)
    if (cells.length !== columns.length) {
      if (delimiter === '|' && cells.length < 2) return start
      continue
    }
    cells.forEach(([at, cell], place) => {
      if (hidesValue(hides[place] ?? false, cell) && !isNothing(cell)) found(start + at, start + at + cell.length)
    })
  }
  return text.length
}

/** Whether a text may be a table of lines from its beginning. */
export const startsTable = (text: string): boolean => DELIMITER.test(text) && text.includes('\n')

export function findTables(text: string, names: MaskNames, found: Found): void {
  const end = text.indexOf('\n')
  if (end < 0) return
  const [, delimiter] = DELIMITER.exec(text) ?? []
  const head = text.slice(0, end)
  // After a comma of prose there is a space.
  if (delimiter && !/[,;] /.test(head)) findCells(text, head, delimiter, end + 1, names, found)
  eachMatch(RULE, text, ({ index, 1: rule = '' }, from) => {
    if (!JOINT.test(rule)) return
    const above = text.slice(text.lastIndexOf('\n', index - 1) + 1, index)
    RULE.lastIndex = Math.max(from, findCells(text, above, '|', from + 1, names, found) - 1)
  })
}
