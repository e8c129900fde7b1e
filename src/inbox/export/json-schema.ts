/** A JSON schema of values that were seen: what they have in common, and nothing of what they hold. */
import { MASKED } from '../../mask/text.ts'
import type { JsonValue } from '../../types.ts'

/** What was seen in one place of several values. */
export interface Seen {
  /** How many values. */
  count: number
  types: Map<'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object', number>
  /** Formats that each text so far has. */
  formats: string[] | undefined
  members: Map<string, Seen>
  items: Seen | undefined
}

/** Deeper, and beyond so many names, a schema says nothing more. */
const MAX_DEPTH = 30
const MAX_MEMBERS = 500

/** Items of one list that are looked at. */
const MAX_ITEMS = 100

const FORMATS: readonly (readonly [format: string, pattern: RegExp])[] = [
  ['date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/],
  ['date', /^\d{4}-\d\d-\d\d$/],
  ['uuid', /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i],
]

export function createSeen(): Seen {
  return { count: 0, types: new Map(), formats: undefined, members: new Map(), items: undefined }
}

/** Adds a value to what was seen. A mask says nothing of the type that it hides. */
export function addValue(seen: Seen, value: JsonValue, depth = 0): void {
  seen.count++
  if (value === MASKED) return
  const type = typeOf(value)
  seen.types.set(type, (seen.types.get(type) ?? 0) + 1)
  if (typeof value === 'string') {
    const known = seen.formats ?? FORMATS.map(([format]) => format)
    seen.formats = known.filter(format => FORMATS.some(([name, pattern]) => name === format && pattern.test(value)))
  }
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return
  if (Array.isArray(value)) {
    const items: readonly JsonValue[] = value
    seen.items ??= createSeen()
    for (const item of items.slice(0, MAX_ITEMS)) addValue(seen.items, item, depth + 1)
    return
  }
  for (const [name, member] of Object.entries(value)) {
    if (name.includes(MASKED)) continue
    const known = seen.members.get(name) ?? createSeen()
    if (!seen.members.has(name) && seen.members.size >= MAX_MEMBERS) continue
    seen.members.set(name, known)
    addValue(known, member, depth + 1)
  }
}

function typeOf(value: JsonValue): 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object' {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value === 'string' ? 'string' : 'boolean'
  return 'object'
}

/** The schema, as JSON Schema 2020-12 and so OpenAPI 3.1 have it. */
export function writeSchema({ types, formats, members, items }: Seen): { [name: string]: JsonValue } {
  const names = [...types.keys()].filter(type => type !== 'integer' || !types.has('number')).sort()
  const objects = types.get('object') ?? 0
  const required = [...members].filter(([, { count }]) => count === objects).map(([name]) => name)
  return {
    ...(names.length === 0 && { description: 'Masked wherever it was captured.' }),
    ...(names.length > 0 && { type: names.length === 1 ? (names[0] ?? '') : names }),
    ...(formats?.[0] !== undefined && { format: formats[0] }),
    ...(members.size > 0 && {
      properties: Object.fromEntries([...members].map(([name, member]) => [name, writeSchema(member)])),
    }),
    ...(required.length > 0 && { required }),
    ...(types.has('array') && { items: items && items.count > 0 ? writeSchema(items) : {} }),
  }
}
