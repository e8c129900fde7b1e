import type { Declaration, Declarations } from '../function-names.ts'
import type { SourceMapFile } from './source-map-file.ts'

/** Code after a name that declares a function of this name: its parameters and body, or a value that is one. */
const DECLARES_AFTER = /^\s*(?:\([^()]{0,200}\)\s*\{|=\s*(?:async\b|function\b|class\b|\(|[\w$]+\s*=>))/
/** Code before a name that declares a function or class of this name. */
const DECLARES_BEFORE = /(?:\bfunction\s*\*?\s*|\bclass\s+)$/

const IDENTIFIER = /[#\w$\u0080-\uffff]+/
const REACH = 300

/** The functions that a minifier renamed, as far as the map's names and the code beside it tell. */
export function findDeclarations(map: SourceMapFile): Declarations {
  const found = new Map<string, Declaration[]>()
  const named = map.namedPositions()
  const lines = named.length > 0 ? map.generatedLines() : []
  for (const { line, column, name } of named) {
    const code = lines[line] ?? ''
    const after = code.slice(column, column + REACH)
    const identifier = IDENTIFIER.exec(after)
    if (identifier?.index !== 0 || identifier[0] === name) continue
    const isDeclared =
      DECLARES_AFTER.test(after.slice(identifier[0].length)) ||
      DECLARES_BEFORE.test(code.slice(Math.max(0, column - 20), column))
    if (!isDeclared) continue
    const list = found.get(identifier[0]) ?? []
    list.push({ line, column, name })
    found.set(identifier[0], list)
  }
  return found
}
