import type { SourceMapFile } from './source-map-file.ts'

/** Code after a name that declares a function of this name: its parameters and body, or a value that is one. */
const DECLARES_AFTER = /^\s*(?:\([^()]{0,200}\)\s*\{|=\s*(?:async\b|function\b|class\b|\(|[\w$]+\s*=>))/
/** Code before a name that declares a function or class of this name. */
const DECLARES_BEFORE = /(?:\bfunction\s*\*?\s*|\bclass\s+)$/

const IDENTIFIER = /[#\w$\u0080-\uffff]+/
const IDENTIFIERS = /[#\w$\u0080-\uffff]+/g
const REACH = 300

interface Declaration {
  line: number
  column: number
  name: string
}

/**
 * What functions were called before a minifier renamed them: `y` is `chargeCard`, `Svc.#r` is `Svc.#charge`. A name
 * that the map does not explain stays as it is.
 */
export function createNaming(map: SourceMapFile): (functionName: string, line: number, column: number) => string {
  let declarations: Map<string, Declaration[]> | undefined
  return (functionName, line, column) => {
    declarations ??= findDeclarations(map)
    if (declarations.size === 0) return functionName
    const known = declarations
    return functionName.replace(IDENTIFIERS, identifier => {
      // Of several functions of one short name, the frame is in the one that begins nearest before it.
      const before = known.get(identifier)?.findLast(at => at.line < line || (at.line === line && at.column <= column))
      return before?.name ?? identifier
    })
  }
}

function findDeclarations(map: SourceMapFile): Map<string, Declaration[]> {
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
