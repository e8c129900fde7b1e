/** A part of a page that is generated stands between two comments: `<!-- name:start -->` and `<!-- name:end -->`. */

/** @throws {Error} where the page has not exactly one such part, well formed */
function boundsOf(page: string, name: string): [start: number, end: number] {
  const [first, second] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const start = page.indexOf(first)
  const end = page.indexOf(second)
  if (start < 0 || end < start || page.split(first).length !== 2 || page.split(second).length !== 2) {
    throw new Error(`The page needs "${first}" once, and "${second}" once after it.`)
  }
  return [start + first.length, end]
}

/** The text between the comments, without its empty lines. */
export function readSection(page: string, name: string): string {
  return page.slice(...boundsOf(page, name)).trim()
}

/** The page with another text between the comments. */
export function replaceSection(page: string, name: string, text: string): string {
  const [start, end] = boundsOf(page, name)
  return `${page.slice(0, start)}\n${text}\n${page.slice(end)}`
}
