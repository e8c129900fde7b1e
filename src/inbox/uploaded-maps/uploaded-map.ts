import type { Declaration, Declarations } from '../function-names.ts'
import { InvalidInputError } from '../invalid-input.ts'

/** Bytes of one map. */
export const MAX_MAP_BYTES: number = 10 * 1024 * 1024

/** A function that a minifier renamed: its short name, line and column in the generated code, and its name in the source. */
export type RenamedFunction = readonly [short: string, line: number, column: number, name: string]

/**
 * A source map as it is kept: version 3, in one section, with what resolving a frame needs of the disk it was built on:
 * sources named by their paths in the project, their texts, and the functions that a minifier renamed.
 */
export interface UploadedMap {
  sources: (string | null)[]
  sourcesContent: (string | null)[]
  mappings: string
  /** Places in `sources` that are not the application's own. */
  ignoreList: number[]
  functions: Declarations
}

/** What {@link readUploadedMap} reads, as it is written. */
export interface WrittenMap {
  version: 3
  sources: (string | null)[]
  sourcesContent: (string | null)[]
  names: []
  mappings: string
  ignoreList: number[]
  x_replaystack_functions: RenamedFunction[]
}

/** @throws InvalidInputError that says what is wrong */
export function readUploadedMap(text: string): UploadedMap {
  const map = parseObject(text)
  const { version, mappings, sources, sections } = map
  if (sections !== undefined) throw new InvalidInputError('source map must not be in sections')
  if (version !== 3) throw new InvalidInputError('source map must be of version 3')
  if (typeof mappings !== 'string') throw new InvalidInputError('mappings must be a string')
  if (!/^[A-Za-z0-9+/,;]*$/.test(mappings)) throw new InvalidInputError('mappings must be base64 VLQ')
  if (!Array.isArray(sources)) throw new InvalidInputError('sources must be an array')
  const contents = listOf(map['sourcesContent'])
  return {
    sources: sources.map(textOrNull),
    sourcesContent: sources.map((_, index) => textOrNull(contents[index])),
    mappings,
    ignoreList: listOf(map['ignoreList'] ?? map['x_google_ignoreList']).filter(entry => typeof entry === 'number'),
    functions: readFunctions(listOf(map['x_replaystack_functions'])),
  }
}

function readFunctions(list: readonly unknown[]): Declarations {
  const functions = new Map<string, Declaration[]>()
  for (const entry of list) {
    const [short, line, column, name] = listOf(entry)
    if (typeof short !== 'string' || typeof name !== 'string') continue
    if (typeof line !== 'number' || typeof column !== 'number') continue
    const known = functions.get(short)
    if (known) known.push({ line, column, name })
    else functions.set(short, [{ line, column, name }])
  }
  return functions
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InvalidInputError('source map must be valid JSON')
  }
  if (typeof value !== 'object' || value === null) throw new InvalidInputError('source map must be a JSON object')
  return { ...value }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
