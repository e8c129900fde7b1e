/** Values as OTLP writes them in JSON: each says its kind, and an integer is a text, because it may have 64 bits. */
import { entriesOf } from '../safe-read.ts'

/** `opentelemetry.proto.common.v1.AnyValue`. An empty one is `null`. */
export interface AnyValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: string
  doubleValue?: number
  arrayValue?: { values: AnyValue[] }
  kvlistValue?: { values: KeyValue[] }
}

/** `opentelemetry.proto.common.v1.KeyValue`. */
export interface KeyValue {
  key: string
  value: AnyValue
}

/** @param value what `JSON.parse` returns */
function anyValue(value: unknown): AnyValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { intValue: `${value}` } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return value === null ? {} : { kvlistValue: { values: keyValues(entriesOf(value)) } }
}

/** Attributes; those without a value are left out. */
export function keyValues(entries: Iterable<readonly [key: string, value: unknown]>): KeyValue[] {
  return Array.from(entries)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: anyValue(value) }))
}
