/** Events as files for other tools. What was masked stays masked in all of them. */
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { curlCommand } from '../curl.ts'
import { planReplay } from '../replay/plan.ts'
import type { KeptEvent } from '../replay/test-file.ts'
import { escapeControlCharacters } from '../terminal-text.ts'
import { fetchCode } from './fetch-code.ts'
import { harEntry, harLog } from './har.ts'
import { openApiDocument, refuseOperation } from './openapi.ts'

export const EXPORT_FORMATS = ['curl', 'fetch', 'har', 'json', 'openapi'] as const

export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** An event as it is exported. */
export interface ExportedEvent extends KeptEvent {
  /** The event's JSON text, as it is kept. */
  json: string
}

/** A file of events. */
export interface ExportedFile {
  text: string
  contentType: string
  /** With its extension: `post-orders-1f3a9c2e.har`. */
  name: string
}

const TYPES: Readonly<Record<ExportFormat, readonly [extension: string, contentType: string]>> = {
  curl: ['.sh', 'text/plain; charset=utf-8'],
  fetch: ['.mjs', 'text/plain; charset=utf-8'],
  har: ['.har', 'application/json; charset=utf-8'],
  json: ['.json', 'application/json; charset=utf-8'],
  openapi: ['.openapi.json', 'application/json; charset=utf-8'],
}

/**
 * Writes events into one file. What cannot be written in this form is left out, and the file says so; where nothing is
 * left, there is no file, but the reason.
 *
 * @param events oldest first
 */
export function exportEvents(
  events: readonly ExportedEvent[],
  format: ExportFormat,
): ExportedFile | { refusal: string } {
  const [extension, contentType] = TYPES[format]
  const written = WRITERS[format](events)
  return typeof written === 'string' ? { text: written, contentType, name: nameFile(events) + extension } : written
}

type Writer = (events: readonly ExportedEvent[]) => string | { refusal: string }

const WRITERS: Readonly<Record<ExportFormat, Writer>> = {
  curl: events =>
    writeSnippets(events, '#', event => {
      const command = curlCommand(event)
      return command ?? { refusal: planReplay(event).refusal ?? 'It cannot be sent again.' }
    }),
  fetch: events =>
    writeSnippets(events, '//', event => {
      const written = fetchCode(event)
      if ('refusal' in written) return written
      // Each in a block: names may repeat.
      return events.length === 1 ? written.code : `{\n${written.code.replace(/^(?=.)/gm, '  ')}\n}`
    }),
  json: events => {
    const texts = events.map(({ id, receivedAt, json }) => {
      return `{"id":${JSON.stringify(id)},"receivedAt":${JSON.stringify(receivedAt)},"event":${json}}`
    })
    return events.length === 1 ? `${texts.join('')}\n` : `[\n${texts.join(',\n')}\n]\n`
  },
  har: events => {
    const { kept, leftOut } = sort(events, harEntry)
    return kept.length === 0 ? refuse(leftOut) : formatJson(harLog(kept, describeLeftOut(leftOut)))
  },
  openapi: events => {
    const { kept, leftOut } = sort(events, event => {
      const refusal = refuseOperation(event)
      return refusal === undefined ? event : { refusal }
    })
    return kept.length === 0 ? refuse(leftOut) : formatJson(openApiDocument(kept, describeLeftOut(leftOut)))
  },
}

interface LeftOut {
  id: string
  refusal: string
}

function sort<Written>(
  events: readonly ExportedEvent[],
  write: (event: ExportedEvent) => Written | { refusal: string },
): { kept: Written[]; leftOut: LeftOut[] } {
  const kept: Written[] = []
  const leftOut: LeftOut[] = []
  for (const event of events) {
    const written = write(event)
    if (isRefusal(written)) leftOut.push({ id: event.id, refusal: written.refusal })
    else kept.push(written)
  }
  return { kept, leftOut }
}

function isRefusal(value: unknown): value is { refusal: string } {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 1 && 'refusal' in value
}

function refuse(leftOut: readonly LeftOut[]): { refusal: string } {
  const [first] = leftOut
  if (!first) return { refusal: 'There are no events to export.' }
  return {
    refusal:
      leftOut.length === 1 ? first.refusal : `None of ${leftOut.length} events can be exported so: ${first.refusal}`,
  }
}

/** How many of those that were left out are named. */
const MAX_NAMED = 20

function describeLeftOut(leftOut: readonly LeftOut[]): string | undefined {
  if (leftOut.length === 0) return undefined
  const rest = leftOut.length - MAX_NAMED
  const named = leftOut.slice(0, MAX_NAMED).map(({ id, refusal }) => `${id.slice(0, 8)}: ${refusal}`)
  return ['Left out:', ...named, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n')
}

function writeSnippets(
  events: readonly ExportedEvent[],
  comment: string,
  write: (event: ReplayStackEvent) => string | { refusal: string },
): string | { refusal: string } {
  const { kept, leftOut } = sort(events, ({ id, receivedAt, event }) => {
    const snippet = write(event)
    if (typeof snippet !== 'string' || events.length === 1) return snippet
    const title = `${id.slice(0, 8)}  ${receivedAt}  ${event.method ?? ''} ${event.endpoint ?? ''}`
    return `${comment} ${escapeControlCharacters(title)}\n${snippet}`
  })
  if (kept.length === 0) return refuse(leftOut)
  const missing = describeLeftOut(leftOut)
  const notes = missing === undefined ? [] : [missing.replace(/^/gm, `${comment} `)]
  return `${[...kept, ...notes].join('\n\n')}\n`
}

function formatJson(value: JsonValue): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function nameFile(events: readonly ExportedEvent[]): string {
  const [first, second] = events
  if (!first || second) return 'events'
  const { method, endpoint = '', eventType } = first.event
  const title = [method ?? eventType, endpoint].join(' ').toLowerCase()
  const name = title.replace(/[^a-z\d]+/g, '-').replace(/^-+|-+$/g, '')
  return `${name.slice(0, 60)}-${first.id.replace(/[^\w-]/g, '').slice(0, 8)}`
}
