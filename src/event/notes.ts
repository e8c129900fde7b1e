/** Breadcrumbs and log lines: written when they are left, so that later changes to their metadata do not show. */
import { type MaskRules, writeText, writeValue } from '../mask/json.ts'
import { read } from '../safe-read.ts'
import type { Level } from '../types.ts'

/** UTF-8 bytes of one breadcrumb's or log line's message, and of its metadata. */
const MAX_NOTE_BYTES = 16_384

/** Log levels, lowest first. */
export const LEVELS: readonly Level[] = ['debug', 'info', 'warning', 'error']
/** What breadcrumbs and log lines have in common. */
type Note = { message: unknown; level: unknown; category?: unknown; metadata?: unknown; timestamp?: unknown }
const NOTE_FIELDS: readonly string[] = ['message', 'level', 'category', 'metadata', 'timestamp']

/** An object's JSON text, of its members' JSON texts; one without a value is absent. */
export function joinMembers(members: Readonly<Record<string, string | undefined>>): string {
  let json = ''
  for (const [name, member] of Object.entries(members)) if (member !== undefined) json += `,"${name}":${member}`
  return `{${json.slice(1)}}`
}

/** A map's JSON text: what is none is kept as the value of one, for the backend may refuse any other metadata. */
export function writeMap(value: unknown, rules: MaskRules, maxBytes?: number): string | undefined {
  const json = writeValue(value ?? undefined, rules, maxBytes)
  return json === undefined || json.startsWith('{') ? json : `{"value":${json}}`
}

/** `value` where it is one of the words that a field may have. */
export function oneOf<T extends string>(words: readonly T[], value: unknown): T | undefined {
  const known: readonly unknown[] = words
  return words[known.indexOf(value)]
}

/** `value` where it is a time, written anew in UTC: nothing else that its text may hold goes out. Else now. */
function timeOf(value: unknown): string {
  const isText = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)
  const time = isText ? Date.parse(value) : value instanceof Date ? value.getTime() : Number.NaN
  return (Number.isNaN(time) ? new Date() : new Date(time)).toISOString()
}

/** Whether a note says anything. */
export const hasText = (message: unknown): boolean =>
  message !== undefined && message !== null && !(typeof message === 'string' && message.trim() === '')

/** What can be read of a note that was given. */
export function readNote(given: unknown): Note {
  const [message, level, category, metadata, timestamp] = NOTE_FIELDS.map(name => read(given, name))
  return { message, level, category, metadata, timestamp }
}

/** A breadcrumb or log line as JSON text, masked when it is left: later changes to its metadata do not show. */
export function writeNote({ message, level, category, metadata, timestamp }: Note, rules: MaskRules): string {
  const maxBytes = Math.min(MAX_NOTE_BYTES, rules.maxPayloadSizeBytes)
  return joinMembers({
    message: writeText(message, rules, maxBytes) ?? '""',
    category: writeText(category, rules, maxBytes),
    level: `"${oneOf(LEVELS, level) ?? 'info'}"`,
    metadata: writeMap(metadata, rules, maxBytes),
    timestamp: `"${timeOf(timestamp)}"`,
  })
}

/** A breadcrumb that does not change any more, and is not masked yet. */
export interface UnwrittenNote {
  message: string
  category?: string | undefined
  level: Level
  metadata?: unknown
  timestamp: Date
}

/** What was kept of a note: its JSON text, or what is to be written when it is wanted. */
export type KeptNote = string | UnwrittenNote

/** The newest `max` of the notes that are given, else of those that were kept. */
export function writeNotes(
  given: unknown,
  kept: readonly KeptNote[],
  rules: MaskRules,
  max: number = Number.POSITIVE_INFINITY,
): string | undefined {
  const isGiven = Array.isArray(given)
  const { length } = isGiven ? given : kept
  const texts: string[] = []
  for (let place = Math.max(0, length - max); place < length; place++) {
    const note = isGiven ? readNote(read(given, place)) : kept[place]
    if (note !== undefined) texts.push(typeof note === 'string' ? note : writeNote(note, rules))
  }
  return texts.length > 0 ? `[${texts.join()}]` : undefined
}

/** What a breadcrumb's second argument says of it: it is the options, or else the metadata itself. */
export function breadcrumbFields(given: unknown): { category?: unknown; level?: unknown; metadata?: unknown } {
  if (!isOptions(given)) return { metadata: given }
  return { category: read(given, 'category'), level: read(given, 'level'), metadata: read(given, 'metadata') }
}

/** Options have a category or a level; an object that has `metadata` alone is taken for them too. */
function isOptions(given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return false
  if (read(given, 'category') !== undefined || read(given, 'level') !== undefined) return true
  try {
    return Object.keys(given).every(name => name === 'metadata')
  } catch {
    // A Proxy that refuses to be listed.
    return true
  }
}
