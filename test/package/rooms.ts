import { builtinModules } from 'node:module'
import type { Import } from './read-imports.ts'

/** A part of `src/`, and who else may be imported from it. Its own files always may. */
export interface Room {
  name: string
  /** Files whose match is the same text are one room: each adapter is its own. */
  files: RegExp
  imports: readonly RegExp[]
  /** Packages, Node's own among them. */
  packages?: RegExp
  /** How many packages may be imported at run time. */
  maxHelpers?: number
}

const types = /^src\/types\.ts$/
const safeRead = /^src\/safe-read\.ts$/
const everyone = [types, safeRead]
const mask = /^src\/mask\//
const event = /^src\/event\//
const body = /^src\/body\//
const delivery = /^src\/delivery\//
const client = /^src\/client\//
const observe = /^src\/observe\//
const masks = /^src\/masks\//
const otlp = /^src\/otlp\//
const tape = /^src\/tape\//
const inbox = /^src\/inbox\//

/**
 * Who may import whom: only what is further down the street. The first room that a file matches is its own; a file without
 * one is a violation itself.
 */
export const rooms: readonly Room[] = [
  { name: 'types', files: types, imports: [] },
  { name: 'safe-read', files: safeRead, imports: [] },
  { name: 'mask', files: mask, imports: everyone },
  { name: 'delivery', files: delivery, imports: everyone },
  { name: 'event', files: event, imports: [...everyone, mask] },
  { name: 'body', files: body, imports: [...everyone, mask] },
  { name: 'masks', files: masks, imports: everyone },
  { name: 'tape', files: tape, imports: [...everyone, mask] },
  { name: 'client', files: client, imports: [...everyone, mask, event, delivery] },
  { name: 'observe', files: observe, imports: [...everyone, mask, event, delivery, body, client] },
  { name: 'console', files: /^src\/console\//, imports: everyone },
  { name: 'otlp', files: otlp, imports: [...everyone, event, delivery, client] },
  { name: 'index', files: /^src\/index\.ts$/, imports: [...everyone, mask, event, client] },
  {
    name: 'testing',
    files: /^src\/testing(?=[/.])/,
    // What a host makes of a Lambda function's result.
    imports: [...everyone, mask, client, tape, /^src\/adapters\/lambda\/http-answer\.ts$/],
  },
  {
    name: 'node adapter',
    files: /^src\/adapters\/node\//,
    imports: [...everyone, observe, client],
    packages: /^node:/,
  },
  {
    name: 'netlify adapter',
    files: /^src\/adapters\/netlify\.ts$/,
    // Its functions of the form `export const handler` are Lambda functions.
    imports: [...everyone, observe, client, /^src\/adapters\/lambda\//],
  },
  {
    name: 'adapter',
    files: /^src\/adapters\/[\w-]+(?=[/.])/,
    imports: [...everyone, observe, client],
    packages: /^(hono|itty-router)(\/|$)/,
    maxHelpers: 1,
  },
  {
    name: 'local inbox',
    files: /^src\/inbox\/local\//,
    imports: [...everyone, mask, event, tape, inbox],
    packages: /^(node:|(hono|@modelcontextprotocol\/sdk)(\/|$)|(@hono\/node-server|@jridgewell\/trace-mapping|diff)$)/,
  },
  {
    name: 'team inbox',
    files: /^src\/inbox\/worker\//,
    // Its own errors are recorded by our own client.
    imports: [...everyone, mask, event, tape, client, /^src\/inbox\/(?!local\/)/],
    packages: /^hono(\/|$)/,
  },
  {
    name: 'inbox',
    // It runs on Workers too: nothing of Node's.
    files: inbox,
    imports: [...everyone, mask, event, tape],
    packages: /^(hono(\/|$)|diff$)/,
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

function isAllowed({ from, to, isPackage }: Import): boolean {
  const own = roomOf(from)
  if (!own) return false
  const { room } = own
  if (isPackage) return room.packages?.test(packageName(to)) ?? false
  const other = roomOf(to)
  if (other?.room === room && other.own === own.own) return true
  return room.imports.some(pattern => pattern.test(to))
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

/** Files that import themselves by way of others, each such way once, as `a → b → a`. */
export function findCircles(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>()
  for (const { from, to, isPackage } of imports) {
    if (!isPackage) next.set(from, [...(next.get(from) ?? []), to])
  }
  const done = new Set<string>()
  const circles: string[] = []
  const walk = (file: string, way: readonly string[]): void => {
    const start = way.indexOf(file)
    if (start >= 0) circles.push([...way.slice(start), file].join(' → '))
    if (start >= 0 || done.has(file)) return
    for (const to of next.get(file) ?? []) walk(to, [...way, file])
    done.add(file)
  }
  for (const file of next.keys()) walk(file, [])
  return circles
}
