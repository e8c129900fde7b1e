import type { Breadcrumb, JsonValue, LogLine, ReplayStackEvent } from '../types.ts'
import { type FormatOptions, formatDuration, formatStatus } from './format-values.ts'
import { EVENT_FIELDS } from './ingest.ts'
import { createPaint, type Paint, STATUS_STYLES, type Style } from './paint.ts'
import { type FrameRun, groupFrames, type ShownFrame } from './shown-frames.ts'
import type { SourceMaps } from './source-maps.ts'
import { escapeControlCharacters } from './terminal-text.ts'

const LEVEL_STYLES: Readonly<Record<string, Style>> = { error: 'red', warning: 'yellow', debug: 'dim' }

/** UTF-16 units of a line of source that are shown. */
const MAX_SOURCE_LINE = 200

export interface FormatEventOptions extends FormatOptions {
  /** Traces stack frames back to their sources. @default frames are shown as they came */
  sourceMaps?: SourceMaps | undefined
}

/** One event in full, in sections that are there when the event has something for them. Without a newline at its end. */
export function formatEvent(event: ReplayStackEvent, { color = false, sourceMaps }: FormatEventOptions = {}): string {
  const paint = createPaint(color)
  const sections = [
    formatHead(event, paint),
    formatSection('Error', formatErrorLines(event, paint, sourceMaps), paint),
    formatSection('Request', formatMessage(event.requestHeaders, event.requestPayload, paint), paint),
    formatSection('Response', formatMessage(event.responseHeaders, event.responsePayload, paint), paint),
    formatSection('Breadcrumbs', formatTimeLine(event.breadcrumbs ?? [], paint), paint),
    formatSection('Logs', formatTimeLine(event.logs ?? [], paint), paint),
    formatSection('Metadata', formatJson(event.metadata), paint),
    formatSection('Other fields', formatOtherFields(event), paint),
  ]
  return sections.filter(section => section !== '').join('\n\n')
}

function formatHead(event: ReplayStackEvent, paint: Paint): string {
  const subject = [event.method, event.endpoint].filter(part => part).join(' ') || event.eventType
  const title = [
    paint('bold', escapeControlCharacters(subject)),
    paint(STATUS_STYLES[event.status], formatStatus(event)),
    formatDuration(event.executionTimeMs),
  ]
  const details: readonly (readonly [name: string, value: string | undefined])[] = [
    ['trace id', event.traceId],
    ['type', event.eventType],
    ['url', event.requestUrl],
    ['auth', event.authScheme ? `${event.authMode ?? 'other'} (${event.authScheme})` : event.authMode],
    ['service', event.serviceName],
    ['environment', event.environment],
    ['version', event.appVersion],
    ['commit', event.commitHash],
    ['source ip', event.sourceIp],
    ['user agent', event.userAgent],
  ]
  const lines = details.flatMap(([name, value]) =>
    value ? [`  ${paint('dim', name.padEnd(11))}  ${escapeControlCharacters(value)}`] : [],
  )
  return [title.filter(part => part !== '').join('  '), ...lines].join('\n')
}

function formatSection(title: string, lines: readonly string[], paint: Paint): string {
  return lines.length === 0 ? '' : [paint('bold', title), ...lines.map(line => line && `  ${line}`)].join('\n')
}

function formatErrorLines(event: ReplayStackEvent, paint: Paint, sourceMaps: SourceMaps | undefined): string[] {
  const summary = [event.errorName, event.errorMessage].filter(part => part).join(': ')
  const message = summary ? splitLines(summary).map(line => paint('red', line)) : []
  const runs = groupFrames(event.stackFrames ?? [], sourceMaps)
  const frames = runs.length > 0 ? formatFrames(runs, paint) : splitLines(event.stackTrace ?? '')
  return [...message, ...frames]
}

/** The application's frames, the first with its source; of each run of others, how many there are. */
function formatFrames(runs: readonly FrameRun[], paint: Paint): string[] {
  const first = runs.find(({ own }) => own)?.frames[0]
  return runs.flatMap(({ own, frames }) => {
    if (!own) {
      const count = frames.length === 1 ? '1 frame' : `${frames.length} frames`
      return [`  ${paint('dim', `… ${count} outside the application`)}`]
    }
    return frames.flatMap(frame => [formatFrame(frame), ...(frame === first ? formatSource(frame, paint) : [])])
  })
}

function formatFrame({ functionName, place }: ShownFrame): string {
  const text = functionName ? `at ${functionName} (${place})` : place.startsWith('at ') ? place : `at ${place}`
  return `  ${escapeControlCharacters(text)}`
}

function formatSource({ context = [] }: ShownFrame, paint: Paint): string[] {
  const width = String(context.at(-1)?.line ?? 0).length
  return context.map(({ line, text, failing }) => {
    const source = escapeControlCharacters(text.slice(0, MAX_SOURCE_LINE).replaceAll('\t', '  '))
    return `    ${paint(failing ? 'red' : 'dim', `${failing ? '>' : ' '} ${String(line).padStart(width)}  ${source}`)}`
  })
}

function formatMessage(headers: JsonValue | undefined, payload: JsonValue | undefined, paint: Paint): string[] {
  const headerLines = isPlainObject(headers)
    ? Object.entries(headers).flatMap(([name, value]) =>
        [value].flat().map(entry => `${paint('cyan', escapeControlCharacters(name))}: ${formatInline(entry)}`),
      )
    : formatJson(headers)
  const payloadLines = typeof payload === 'string' ? splitLines(payload) : formatJson(payload)
  const gap = headerLines.length > 0 && payloadLines.length > 0 ? [''] : []
  return [...headerLines, ...gap, ...payloadLines]
}

/** Breadcrumbs and log lines, each with its distance from the first. */
function formatTimeLine(entries: readonly (Breadcrumb | LogLine)[], paint: Paint): string[] {
  const times = entries.map(({ timestamp }) => Date.parse(timestamp))
  const start = times.find(time => !Number.isNaN(time)) ?? 0
  const offsets = times.map(time => (Number.isNaN(time) ? '?' : formatOffset(time - start)))
  const width = offsets.reduce((widest, offset) => Math.max(widest, offset.length), 0)
  return entries.map((entry, index) => {
    const category = 'category' in entry && entry.category ? `[${escapeControlCharacters(entry.category)}] ` : ''
    const metadata = entry.metadata === undefined ? '' : `  ${formatInline(entry.metadata)}`
    const level = escapeControlCharacters(entry.level).padEnd(7)
    return [
      (offsets[index] ?? '').padStart(width),
      paint(LEVEL_STYLES[entry.level] ?? 'green', level),
      `${category}${escapeControlCharacters(entry.message)}${paint('dim', metadata)}`,
    ].join('  ')
  })
}

function formatOffset(milliseconds: number): string {
  return milliseconds < 0 ? `-${formatDuration(-milliseconds)}` : `+${formatDuration(milliseconds)}`
}

function formatOtherFields(event: ReplayStackEvent): string[] {
  return Object.entries(event)
    .filter(([name]) => !EVENT_FIELDS.has(name))
    .map(([name, value]) => `${escapeControlCharacters(name)}: ${formatInline(value)}`)
}

function formatInline(value: unknown): string {
  return typeof value === 'string' ? escapeControlCharacters(value) : escapeControlCharacters(stringify(value))
}

function formatJson(value: JsonValue | undefined): string[] {
  return value === undefined ? [] : splitLines(stringify(value, 2))
}

function stringify(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent) ?? ''
  } catch {
    return '(nested too deeply to be shown)'
  }
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.split(/\r?\n/).map(escapeControlCharacters)
}

function isPlainObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
