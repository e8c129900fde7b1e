import { builtinModules } from 'node:module'
import type { Import } from './read-imports.ts'

/** A part of `src/`, and who else may be imported from it. Its own files always may. */
export interface Room {
  name: string
  /** Files whose match is the same text are one room: each adapter is its own. */
  files: RegExp
  imports: readonly RegExp[]
  /** What may be imported as a type alone. */
  types?: readonly RegExp[]
  /** Packages, Node's own among them. */
  packages?: RegExp
  /** How many packages may be imported at run time. */
  maxHelpers?: number
}

const types = /^src\/types\.ts$/
const event = /^src\/event\//
const body = /^src\/body\//
const delivery = /^src\/delivery\//
const core = /^src\/(?!index\.|testing\.)[^/]+\.ts$/
/** The package's own number, made at build time: the SDK and the command tell the same. */
const version = /^src\/version\.ts$/
/** What an adapter is written against. */
const lifecycle = /^src\/(observe|observe-fetch|observe-parts|observer|hold|relay|wrap|client|scope)\.ts$/

/** Who may import whom. The first room that a file matches is its own; a file without one is a violation itself. */
export const rooms: readonly Room[] = [
  { name: 'types', files: types, imports: [], types: [/^src\/client\.ts$/] },
  { name: 'event', files: event, imports: [types] },
  { name: 'body', files: body, imports: [types] },
  { name: 'delivery', files: delivery, imports: [types] },
  { name: 'index', files: /^src\/index\.ts$/, imports: [core, event, body, delivery] },
  { name: 'testing', files: /^src\/testing\.ts$/, imports: [core, event] },
  { name: 'core', files: /^src\/(?=[^/]+\.ts$)/, imports: [types, event, body, delivery] },
  { name: 'node adapter', files: /^src\/adapters\/node\//, imports: [lifecycle, types], packages: /^node:/ },
  {
    name: 'adapter',
    files: /^src\/adapters\/[\w-]+(?=[/.])/,
    imports: [lifecycle, types],
    packages: /^(hono|itty-router)(\/|$)/,
    maxHelpers: 1,
  },
  {
    name: 'inbox',
    files: /^src\/inbox\//,
    imports: [types, event, version],
    packages: /^(node:|hono(\/|$)|(@hono\/node-server|@jridgewell\/trace-mapping|diff)$)/,
  },
]

/** The room of a file, and the text by which two files are in the same one. */
function roomOf(file: string): { room: Room; own: string } | undefined {
  for (const room of rooms) {
    const own = room.files.exec(file)?.[0]
    if (own !== undefined) return { room, own }
  }
  return undefined
}

/** A built-in module of Node's without its prefix is Node's all the same. */
const packageName = (name: string): string => (builtinModules.includes(name) ? `node:${name}` : name)

function isAllowed({ from, to, isPackage, isType }: Import): boolean {
  const own = roomOf(from)
  if (!own) return false
  const { room } = own
  if (isPackage) return room.packages?.test(packageName(to)) ?? false
  const other = roomOf(to)
  if (other?.room === room && other.own === own.own) return true
  const allowed = isType ? [...room.imports, ...(room.types ?? [])] : room.imports
  return allowed.some(pattern => pattern.test(to))
}

/** Each import that breaks a rule, as `from → to (its room)`; and each adapter with more helpers than it may have. */
export function findViolations(imports: readonly Import[]): string[] {
  const broken = imports.filter(one => !isAllowed(one))
  const lines = broken.map(({ from, to }) => `${from} → ${to} (${roomOf(from)?.room.name ?? 'no room'})`)
  for (const file of new Set(imports.map(({ from }) => from))) {
    const { maxHelpers = Number.POSITIVE_INFINITY } = roomOf(file)?.room ?? {}
    const helpers = imports.filter(({ from, isPackage, isType }) => from === file && isPackage && !isType)
    if (helpers.length > maxHelpers)
      lines.push(`${file} → ${helpers.map(({ to }) => to).join(', ')} (too many helpers)`)
  }
  return lines
}
