import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { isList, isObject, type JsonObject } from './json-kinds.ts'

/** A call to the outside, as an event's tape has it. */
export interface RecordedCall {
  kind: string
  /** What was called, in one line: `SELECT … `, `POST https://bank.example/charge`, `CACHE.get`. */
  summary: string
  /** Since the work began. */
  startedMs: number
  /** Absent where it had not ended. */
  durationMs: number | undefined
  input: JsonValue | undefined
  output: JsonValue | undefined
  error: JsonValue | undefined
}

/** UTF-16 units of what was called. */
const MAX_SUMMARY = 300

/** The calls of an event's tape; none where it has none, or one of another form. */
export function readCalls({ metadata }: ReplayStackEvent): RecordedCall[] {
  const calls = readTape(metadata)?.['calls']
  return isList(calls) ? calls.flatMap(call => (isObject(call) ? readCall(call) : [])) : []
}

/** Why an event's tape cannot be played back whole; none where it can. */
export function readTapeGaps({ metadata }: ReplayStackEvent): string[] {
  const why = readTape(metadata)?.['why']
  return isList(why) ? why.filter(reason => typeof reason === 'string') : []
}

function readTape(metadata: JsonValue | undefined): JsonObject | undefined {
  const tape = isObject(metadata) ? metadata['tape'] : undefined
  return isObject(tape) ? tape : undefined
}

function readCall(call: JsonObject): RecordedCall[] {
  const { kind, target, method, startedMs, durationMs, input, output, error } = call
  if (typeof kind !== 'string' || typeof startedMs !== 'number') return []
  return [
    {
      kind,
      summary: summarize(kind, String(target ?? ''), String(method ?? ''), input).slice(0, MAX_SUMMARY),
      startedMs,
      durationMs: typeof durationMs === 'number' ? durationMs : undefined,
      input,
      output,
      error,
    },
  ]
}

function summarize(kind: string, target: string, method: string, input: JsonValue | undefined): string {
  const { sql, url } = isObject(input) ? input : {}
  if (typeof sql === 'string') return `${target}: ${sql}`
  if (typeof url === 'string') return `${method} ${url}`
  return kind === 'var' || kind === 'now' || kind === 'uuid' ? target : `${target}.${method}`
}
