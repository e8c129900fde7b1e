import type { JsonValue } from '../../types.ts'

export type JsonObject = { readonly [key: string]: JsonValue }

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Whether a value stands for a payload or header map that was not kept whole. */
export function isMarker(value: JsonValue | undefined): boolean {
  return isTruncated(value) || isNotCaptured(value)
}

/** Over `maxPayloadSizeBytes`: what is left is its size and how it begins. */
export function isTruncated(value: JsonValue | undefined): value is JsonObject {
  return isObject(value) && value['__truncated'] === true
}

/** A stream, binary or encoded body: what is left is the reason. */
export function isNotCaptured(value: JsonValue | undefined): value is JsonObject & { readonly reason: string } {
  return isObject(value) && value['captured'] === false && typeof value['reason'] === 'string'
}
