/** A place in generated code. Lines and columns count from 0; without a column, the line's first place is meant. */
export interface GeneratedPlace {
  line: number
  column: number | undefined
}

/** Where that is in a source. Lines and columns count from 0. */
export interface SourcePlace {
  source: number
  line: number
  column: number
}

const COMMA = 44
const SEMICOLON = 59

/** The value of each character of base64, by its code. */
function createDigits(): Uint8Array {
  const digits = new Uint8Array(128)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  for (let value = 0; value < alphabet.length; value++) digits[alphabet.charCodeAt(value)] = value
  return digits
}

/**
 * Finds places in the mappings of a source map, all in one pass that keeps nothing else: decoded, the mappings of a map
 * of 10 MB are most of the memory that a Worker has.
 *
 * @param mappings characters of base64, `,` and `;` alone
 * @returns one for each place, in their order; `undefined` where the map has nothing
 * @see https://tc39.es/ecma426/#sec-mappings
 */
export function scanMappings(mappings: string, places: readonly GeneratedPlace[]): (SourcePlace | undefined)[] {
  const digits = createDigits()
  const found: (SourcePlace | undefined)[] = places.map(() => undefined)
  const columns = places.map(() => -1)
  const wanted = new Map<number, number[]>()
  for (const [index, place] of places.entries()) wanted.set(place.line, [...(wanted.get(place.line) ?? []), index])
  const lastLine = Math.max(...wanted.keys())
  let [line, generatedColumn, source, sourceLine, sourceColumn] = [0, 0, 0, 0, 0]
  let here = wanted.get(0)
  let at = 0

  const readNumber = (): number => {
    let value = 0
    let digit: number
    let shift = 0
    do {
      digit = digits[mappings.charCodeAt(at++)] ?? 0
      value |= (digit & 31) << shift
      shift += 5
    } while (digit & 32 && at < mappings.length)
    return value & 1 ? -(value >>> 1) : value >>> 1
  }
  const isInSegment = (): boolean => {
    const code = mappings.charCodeAt(at)
    return at < mappings.length && code !== COMMA && code !== SEMICOLON
  }

  while (at < mappings.length) {
    const code = mappings.charCodeAt(at)
    if (code === SEMICOLON || code === COMMA) {
      at++
      if (code === COMMA) continue
      line++
      if (line > lastLine) break
      generatedColumn = 0
      here = wanted.get(line)
      continue
    }
    generatedColumn += readNumber()
    const hasSource = isInSegment()
    if (hasSource) {
      source += readNumber()
      sourceLine += readNumber()
      sourceColumn += readNumber()
      while (isInSegment()) readNumber()
    }
    if (!here) continue
    for (const index of here) {
      const column = places[index]?.column
      const best = columns[index] ?? -1
      // Without a column, the first that has a source; else the nearest one before it. Of several at one column it is the
      // last, but the first where the place is just there: as `@jridgewell/trace-mapping` has it.
      const isNearer = column !== undefined && generatedColumn <= column && generatedColumn > best
      const isLater = column !== undefined && generatedColumn < column && generatedColumn === best
      const isBetter = column === undefined ? hasSource && best < 0 : isNearer || isLater
      if (!isBetter) continue
      columns[index] = generatedColumn
      const isPlace = hasSource && source >= 0 && sourceLine >= 0 && sourceColumn >= 0
      found[index] = isPlace ? { source, line: sourceLine, column: sourceColumn } : undefined
    }
  }
  return found
}
