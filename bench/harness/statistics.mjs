/** The few numbers that a table needs. */

/** Of values in ascending order: the one below which a part of them lies. */
export const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]

export function median(values) {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const digitsOf = value => (Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)

/** A number as a table shows it; a dash for none. */
export const show = (value, digits = digitsOf(value)) => (Number.isFinite(value) ? value.toFixed(digits) : '–')

/** `0.92 (0.90–0.95)`: the median of rounds and their extremes. */
export function spread(values, digits) {
  const known = values.filter(Number.isFinite)
  if (known.length === 0) return '–'
  return `${show(median(known), digits)} (${show(Math.min(...known), digits)}–${show(Math.max(...known), digits)})`
}

/** A Markdown table whose columns line up: the first to the left, the others to the right. */
export function table(head, rows) {
  const lines = [head, ...rows].map(cells => cells.map(String))
  const widths = head.map((_, column) => Math.max(3, ...lines.map(cells => cells[column].length)))
  const line = cells => `| ${cells.map((cell, n) => cell[n ? 'padStart' : 'padEnd'](widths[n])).join(' | ')} |`
  const rule = `| ${widths.map((width, n) => (n ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`
  return [line(lines[0]), rule, ...lines.slice(1).map(line)].join('\n')
}
