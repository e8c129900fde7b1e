/** A client knows its own API key: wherever that stands, it is masked, whatever it looks like. */
import { read } from '../safe-read.ts'

/** A shorter one is no secret (`local`, `test`), and stands in anything. */
const MIN_KEY_LENGTH = 8

/** Objects that are looked at in what was thrown, and causes that are copied. */
const MAX_OBJECTS = 100
const MAX_CAUSES = 10

/** What of an error is seen by printing it, though it need not be its own. */
const SHOWN = ['name', 'message', 'stack', 'cause']

/** `text` without the key, as it is and as JSON writes it. */
export function maskKey(text: string, key: string): string {
  if (key.length < MIN_KEY_LENGTH) return text
  return text.replaceAll(key, '[MASKED]').replaceAll(keyInJson(key), '[MASKED]')
}

/** What a JSON text says, its strings and names without the key; `undefined` where it is no JSON. */
export function parseWithoutKey(json: string, key: string): unknown {
  try {
    // Without an escape, the key would be seen: nearly every response, and a tenth of the time.
    if (!json.includes('\\') && !json.includes(key)) return JSON.parse(json)
    return JSON.parse(json, (_, value: unknown) => {
      if (typeof value === 'string') return maskKey(value, key)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [maskKey(name, key), member]))
    })
  } catch {
    return undefined
  }
}

/** The key as JSON writes it. */
export const keyInJson = (key: string): string => JSON.stringify(key).slice(1, -1)

/** A JSON text in which {@link keyInJson} stands, without the key. */
export function maskKeyInJson(json: string, key: string): string {
  return key.length < MIN_KEY_LENGTH ? json : JSON.stringify(parseWithoutKey(json, key))
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

/** What was thrown; where the key may be in it, a copy of its texts and of its causes. */
export function withoutKey(thrown: unknown, key: string, causes: number = MAX_CAUSES): unknown {
  try {
    if (key.length < MIN_KEY_LENGTH || isFree(thrown, key, new Set())) return thrown
  } catch {
    // A Proxy that refuses: what it says is copied as far as it can be read.
  }
  const textOf = (name: string): string | undefined => {
    const text = typeof thrown === 'string' && name === 'message' ? thrown : read(thrown, name)
    return typeof text === 'string' ? maskKey(text, key) : undefined
  }
  const [code, cause] = [textOf('code'), read(thrown, 'cause')]
  const copy = new Error(textOf('message'))
  copy.name = textOf('name') ?? 'Error'
  copy.stack = textOf('stack') ?? ''
  if (code !== undefined) Object.assign(copy, { code })
  if (cause !== undefined && causes > 0) copy.cause = withoutKey(cause, key, causes - 1)
  return copy
}
