/** What the ingest contract lets a sender leave out, and the inbox needs of every event that it keeps. */

/** The field in which a kept event says what of it was not taken as it was sent. */
export const INGEST_WARNINGS = 'ingestWarnings'

/** Lists of entries with a message, a level, a time and metadata. */
const NOTE_LISTS = ['breadcrumbs', 'logs'] as const

/**
 * Fills in, in place, a missing trace id, and the missing level and time of breadcrumbs and log lines. A log line that is
 * a string becomes one. Metadata that is not an object is removed, and the event says so in {@link INGEST_WARNINGS}: the
 * ReplayStack backend may refuse such an event, so the fault of its sender must show.
 *
 * @param receivedAt ISO 8601: the time of entries without one
 * @returns whether anything was changed
 */
export function completeEvent(event: Record<string, unknown>, receivedAt: string): boolean {
  let changed = false
  const warnings: string[] = []
  if (event['traceId'] === undefined) {
    event['traceId'] = crypto.randomUUID()
    changed = true
  }
  for (const list of NOTE_LISTS) {
    const notes = event[list]
    if (!Array.isArray(notes)) continue
    for (const [index, given] of notes.entries()) {
      const note: unknown = list === 'logs' && typeof given === 'string' ? { message: given } : given
      if (typeof note !== 'object' || note === null) continue
      const { level, timestamp, metadata }: { level?: unknown; timestamp?: unknown; metadata?: unknown } = note
      const lacks = {
        ...(level === undefined && { level: 'info' }),
        ...(timestamp === undefined && { timestamp: receivedAt }),
      }
      if (Object.keys(lacks).length > 0) {
        notes[index] = Object.assign(note, lacks)
        changed = true
      }
      if (metadata === undefined || (typeof metadata === 'object' && !Array.isArray(metadata))) continue
      Reflect.deleteProperty(note, 'metadata')
      warnings.push(
        `${list}[${index}].metadata must be a JSON object; it was ${describeKind(metadata)} and is left out`,
      )
      changed = true
    }
  }
  if (warnings.length > 0) event[INGEST_WARNINGS] = warnings
  return changed
}

function describeKind(value: unknown): string {
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

/** What {@link completeEvent} has left in an event. */
export function readIngestWarnings(event: unknown): string[] {
  const warnings: unknown =
    typeof event === 'object' && event !== null ? Reflect.get(event, INGEST_WARNINGS) : undefined
  return Array.isArray(warnings) ? warnings.filter(warning => typeof warning === 'string') : []
}
