import { type Context, Hono } from 'hono'
import { readEventFilter } from './event-filter.ts'
import { EXPORT_FORMATS, type ExportedEvent, type ExportFormat, exportEvents } from './export/export-events.ts'
import { assertEvent } from './ingest.ts'
import { InvalidInputError } from './invalid-input.ts'
import type { EventStore, EventSummary, StoredEvent } from './store.ts'

/** Events of one file, and what they may take together. */
export const MAX_EXPORTED_EVENTS = 1_000
const MAX_EXPORTED_CHARACTERS = 32 * 1024 * 1024

/** Events of one page of a list. */
const PAGE_SIZE = 200

/**
 * The routes under `/api/v1` that write events as files for other tools: one, or those of a list's own parameters. What
 * cannot be written in the form that was asked for is answered 409, with the reason.
 */
export function createExportRoutes(store: EventStore): Hono {
  const routes = new Hono()

  routes.get('/events/:id/export', context => {
    const format = readFormat(context)
    const stored = store.get(context.req.param('id'))
    if (!stored) return context.json({ success: false, message: 'Event not found' }, 404)
    return answerFile(context, [readExported(stored)], format)
  })

  routes.get('/export', context => {
    const { as: _as, limit: given, ...parameters } = context.req.query()
    const format = readFormat(context)
    const limit = readLimit(given)
    const summaries: EventSummary[] = []
    let before = readEventFilter(parameters).before
    do {
      const page = store.list({
        ...readEventFilter(parameters),
        before,
        limit: Math.min(PAGE_SIZE, limit - summaries.length),
      })
      summaries.push(...page.events)
      before = page.next ?? undefined
    } while (before !== undefined && summaries.length < limit)
    return answerFile(context, readAll(store, summaries), format)
  })

  return routes
}

/** Oldest first. */
function readAll(store: EventStore, newestFirst: readonly EventSummary[]): ExportedEvent[] {
  let characters = 0
  return newestFirst.toReversed().flatMap(({ id }) => {
    const stored = store.get(id)
    if (!stored) return []
    characters += stored.json.length
    if (characters > MAX_EXPORTED_CHARACTERS) {
      throw new InvalidInputError('The events are too large for one file: ask for fewer, by limit or a narrower query')
    }
    return [readExported(stored)]
  })
}

function readExported({ id, receivedAt, json }: StoredEvent): ExportedEvent {
  const event: unknown = JSON.parse(json)
  assertEvent(event)
  return { id, receivedAt, event, json }
}

function answerFile(context: Context, events: readonly ExportedEvent[], format: ExportFormat): Response {
  const file = exportEvents(events, format)
  if ('refusal' in file) return context.json({ success: false, message: file.refusal }, 409)
  return context.body(file.text, 200, {
    'content-type': file.contentType,
    'content-disposition': `attachment; filename="${file.name}"`,
    'cache-control': 'no-cache',
  })
}

/** @throws InvalidInputError */
function readFormat(context: Context): ExportFormat {
  const given = context.req.query('as')
  const format = EXPORT_FORMATS.find(known => known === given)
  if (!format) throw new InvalidInputError(`as must be one of ${EXPORT_FORMATS.join(', ')}`)
  return format
}

function readLimit(given: string | undefined): number {
  if (!given) return MAX_EXPORTED_EVENTS
  const limit = Number(given)
  if (!/^[1-9]\d*$/.test(given) || limit > MAX_EXPORTED_EVENTS) {
    throw new InvalidInputError(`limit must be an integer from 1 to ${MAX_EXPORTED_EVENTS}`)
  }
  return limit
}
