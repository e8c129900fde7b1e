/** A client knows its own key: wherever that stands, it is masked, whatever it looks like. */
import { MIN_KEY_LENGTH, maskKey, parseWithoutKey } from '../delivery/key.ts'
import { getErrorDetails } from '../event/error.ts'
import { read } from '../safe-read.ts'

/** Objects that are looked at in what was thrown, and causes that are copied. */
const MAX_OBJECTS = 100
const MAX_CAUSES = 10

/** What of an error is seen by printing it, though it need not be its own. */
const SHOWN = ['name', 'message', 'stack', 'cause']

/** An event's JSON text, as `JSON.stringify` writes one, without the key. */
export function maskKeyInJson(json: string, key: string): string {
  if (key.length < MIN_KEY_LENGTH || !json.includes(JSON.stringify(key).slice(1, -1))) return json
  return JSON.stringify(parseWithoutKey(json, key))
}

/** Whether all that is to be seen of a value was looked at, and the key was nowhere. */
function isFree(value: unknown, key: string, seen: Set<unknown>): boolean {
  if (typeof value === 'string') return maskKey(value, key) === value
  if (Object(value) !== value || seen.has(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  // A request or its headers show what is in no property of theirs.
  const isPlain = value instanceof Error || Array.isArray(value) || prototype === Object.prototype || !prototype
  if (!isPlain || seen.add(value).size > MAX_OBJECTS) return false
  const names = [...SHOWN, ...Reflect.ownKeys(Object(value))]
  return names.every(name => isFree(String(name), key, seen) && isFree(read(value, name), key, seen))
}

/** What was thrown; where the key may be in it, a copy of what it says, of its code and of its causes. */
export function withoutKey(thrown: unknown, key: string, causes: number = MAX_CAUSES): unknown {
  try {
    if (key.length < MIN_KEY_LENGTH || isFree(thrown, key, new Set())) return thrown
  } catch {
    // A Proxy that refuses: what it says is copied as far as it can be read.
  }
  const { errorName = 'Error', errorMessage, stackTrace = '' } = getErrorDetails(thrown)
  const [cause, code] = [read(thrown, 'cause'), read(thrown, 'code')]
  const copy = new Error(maskKey(errorMessage, key))
  copy.name = maskKey(errorName, key)
  copy.stack = maskKey(stackTrace, key)
  if (typeof code === 'string') Object.assign(copy, { code: maskKey(code, key) })
  if (cause !== undefined && causes > 0) copy.cause = withoutKey(cause, key, causes - 1)
  return copy
}
