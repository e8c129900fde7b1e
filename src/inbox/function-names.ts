/** Where a function begins that a minifier renamed. Lines and columns count from 0. */
export interface Declaration {
  line: number
  column: number
  /** What it is called in its source. */
  name: string
}

/** Functions by the names that a minifier gave them, each list in the order of the code. */
export type Declarations = ReadonlyMap<string, readonly Declaration[]>

const IDENTIFIERS = /[#\w$\u0080-\uffff]+/g

/**
 * What a function was called before a minifier renamed it: `y` is `chargeCard`, `Svc.#r` is `Svc.#charge`. A name that is
 * not known stays as it is.
 */
export function restoreName(known: Declarations, functionName: string, line: number, column: number): string {
  if (known.size === 0) return functionName
  return functionName.replace(IDENTIFIERS, identifier => {
    // Of several functions of one short name, the frame is in the one that begins nearest before it.
    const before = known.get(identifier)?.findLast(at => at.line < line || (at.line === line && at.column <= column))
    return before?.name ?? identifier
  })
}
