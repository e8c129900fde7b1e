/** Breadcrumbs and log lines: written when they are left, so that later changes to their metadata do not show. */
import { type MaskRules, writeText, writeValue } from '../mask/json.ts'
import { read } from '../safe-read.ts'
import type { Level } from '../types.ts'
import { asObject, member, objectOf, oneOf } from './members.ts'

/** UTF-8 bytes of one breadcrumb's or log line's message, and of its metadata. */
const MAX_NOTE_BYTES = 16_384

/** Log levels, lowest first. */
export const LEVELS: readonly Level[] = ['debug', 'info', 'warning', 'error']
/** What breadcrumbs and log lines have in common. */
type Note = { message: unknown; level: unknown; category?: unknown; metadata?: unknown; timestamp?: unknown }
const NOTE_FIELDS: readonly string[] = ['message', 'level', 'category', 'metadata', 'timestamp']

/** `value` where it is a time, written anew in UTC: nothing else that its text may hold goes out. */
function isoTime(value: unknown): string | undefined {
  const isText = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)
  const time = isText ? Date.parse(value) : value instanceof Date ? value.getTime() : Number.NaN
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

/** Now, in ISO 8601. */
export const isoNow = (): string => new Date().toISOString()

/** Whether a note says anything. */
export const hasText = (message: unknown): boolean =>
  message !== undefined && message !== null && !(typeof message === 'string' && message.trim() === '')

/** What can be read of a note that was given. */
export function readNote(given: unknown): Note {
  const [message, level, category, metadata, timestamp] = NOTE_FIELDS.map(name => read(given, name))
  return { message, level, category, metadata, timestamp }
}

/** A breadcrumb or log line as JSON text, masked when it is left: later changes to its metadata do not show. */
export function writeNote(note: Note, rules: MaskRules, now: string): string {
  const { message, level, category, metadata, timestamp } = note
  const maxBytes = Math.min(MAX_NOTE_BYTES, rules.maxPayloadSizeBytes)
  return objectOf(
    member('message', writeText(message, rules, maxBytes) ?? '""') +
      member('category', writeText(category, rules, maxBytes)) +
      member('level', `"${oneOf(LEVELS, level) ?? 'info'}"`) +
      member('metadata', asObject(writeValue(metadata ?? undefined, rules, maxBytes))) +
      member('timestamp', `"${isoTime(timestamp) ?? now}"`),
  )
}

/** What was kept of a note: its text; or of one that nobody changes, what is to be written when it is wanted. */
export type KeptNote = string | UnwrittenNote

/** A breadcrumb that is not masked yet. */
export interface UnwrittenNote {
  message: string
  category?: string | undefined
  level: Level
  metadata?: unknown
  time: Date
}

/** The JSON text of a note that was kept. */
export function noteText(kept: KeptNote, rules: MaskRules): string {
  return typeof kept === 'string' ? kept : writeNote({ ...kept }, rules, kept.time.toISOString())
}

/** The newest `max` of the notes that are given, else those that were kept. */
export function writeNotes(
  given: unknown,
  kept: readonly KeptNote[],
  now: () => string,
  rules: MaskRules,
  max: number,
): string | undefined {
  let texts: string[]
  if (!Array.isArray(given)) texts = kept.slice(Math.max(0, kept.length - max)).map(note => noteText(note, rules))
  else {
    const start = Math.max(0, given.length - max)
    texts = Array.from({ length: given.length - start }, (_, index) =>
      writeNote(readNote(read(given, start + index)), rules, now()),
    )
  }
  return texts.length > 0 ? `[${texts.join()}]` : undefined
}
