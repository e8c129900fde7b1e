import { InvalidInputError } from '../invalid-input.ts'

/** A query that means nothing. The message names the term and its place; it goes out as a 400. */
export class QueryError extends InvalidInputError {
  override name = 'QueryError'
  /** Offsets in the query's text, in UTF-16 units: where what is wrong begins, and the first after it. */
  readonly start: number
  readonly end: number

  /** @param reason completes "`term` at character n …" */
  constructor(query: string, { start, end }: { start: number; end: number }, reason: string) {
    const term = query.slice(start, end)
    super(`${term.length > 60 ? `${term.slice(0, 60)}…` : term} at character ${start + 1} ${reason}`)
    this.start = start
    this.end = end
  }
}
