/** Secrets in columns of CSV and TSV, whose first line has their names (RFC 4180). */
import { eachMatch, endOf, type Found } from './found.ts'
import { hidesValue, type MaskNames } from './names.ts'
import { isNothing } from './values.ts'

/** What is between two cells of a first line; a name is beside it. */
const DELIMITER = /^\s*"?[\w -]{1,64}"?([,;\t])/
const LINE = /.+/g
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

/** Whether a text of several lines may be a table from its beginning. */
export const startsTable = (text: string): boolean => DELIMITER.test(text)

/** Calls `found` with the cells of hidden columns. */
export function findCells(text: string, names: MaskNames, found: Found): void {
  const [, delimiter = ''] = text.includes('\n') ? (DELIMITER.exec(text) ?? []) : []
  if (!delimiter) return
  const [head = ''] = /^.*/.exec(text) ?? []
  // After a comma of prose there is a space.
  if (/[,;] /.test(head)) return
  const columns = cellsOf(head, delimiter)
  const hides = columns.map(([, name]) => names.hides(name))
  if (!hides.some(Boolean) || !columns.every(([, name]) => NAME.test(name))) return
  eachMatch(LINE, text, ({ index, 0: line }) => {
    const cells = index > 0 ? cellsOf(line, delimiter) : []
    if (cells.length !== columns.length) return
    cells.forEach(([start, cell], place) => {
      if (hidesValue(hides[place] ?? false, cell) && !isNothing(cell)) found(index + start, index + start + cell.length)
    })
  })
}
