/**
 * The one walk over a value: masks it by name and by shape, makes it plain JSON, and bounds it. The input is never
 * changed; what comes out shares nothing with it. Hostile values cost nothing but themselves: each read that can throw
 * is guarded on its own, and what has no JSON form leaves a marker.
 */
import { compileMaskNames, type MaskNames } from './names.ts'
import { MASKED, maskText } from './text.ts'
import { cutText } from './truncate.ts'

/** Deeper than any real payload; a receiver's parser has to survive it too. */
const MAX_DEPTH = 100

/** Values a walk may visit for each byte it may keep: enough to tell how large an oversized payload is. */
const OVERSIZE_FACTOR = 4

/** Where no size is given, a walk ends after this many characters, about: a graph can be endless without a cycle. */
const MAX_CHARACTERS = 2 ** 23

/** What iterates as name and value, by its `Object.prototype.toString`. */
const MAPS = ['Map', 'FormData', 'URLSearchParams', 'Headers']
const BOXED = ['String', 'Number', 'Boolean', 'BigInt', 'Symbol']
const ERRORS = ['Error', 'DOMException']
/** What an error says, though it is not enumerable. */
const ERROR_FIELDS = ['name', 'message', 'stack', 'cause', 'errors']
/** What has nothing of its own to show. */
const OPAQUE = [
  ...['ArrayBuffer', 'Promise', 'ReadableStream', 'Blob', 'File', 'Request', 'Response'],
  // Of a Worker's stubs every member is a call to another Worker, `toJSON` too.
  ...['Fetcher', 'DurableObject', 'JsRpcStub', 'JsRpcPromise', 'JsRpcProperty'],
]

/** Bits of a BigInt that is written out: digits cost more than in proportion. */
const MAX_BIGINT_BITS = 4096

/** Characters at the end of a text that was cut which may be a secret's beginning, without what tells it. */
const CUT_MARGIN = 1024

/** A walk's outcome: plain JSON, and whether the budget ended it early. */
export interface MaskedValue {
  value: unknown
  /** Only a part of the input was visited: its size is at least that of `value`. */
  partial: boolean
  /** Characters of texts that are known not to have been visited. */
  unseen: number
}

/**
 * Masks `value`.
 * @param maxBytes the size the result is allowed later; the walk stops at a small multiple of it
 */
export function maskValue(
  value: unknown,
  names: MaskNames,
  maxBytes: number = MAX_CHARACTERS / OVERSIZE_FACTOR,
): MaskedValue {
  const walk = new Walk(names, maxBytes * OVERSIZE_FACTOR)
  return { value: walk.visit(value, 0), partial: walk.budget < 0, unseen: walk.unseen }
}

/**
 * {@link maskText} of a text's first `maxLength` characters or a few more. No text is scanned further; a secret that
 * stands where it is cut is not left half.
 */
export function maskTextWithin(text: string, names: MaskNames, maxLength: number): string {
  if (text.length <= maxLength + CUT_MARGIN) return maskText(text, names)
  const masked = maskText(text.slice(0, maxLength + CUT_MARGIN), names)
  return cutText(masked, Math.max(0, masked.length - CUT_MARGIN))
}

/** How a key is shown, and whether it hides its value. */
interface Key {
  name: string
  hides: boolean
}

class Walk {
  /** The objects between the root and here. A repeated reference is not a cycle; only one that is among these is. */
  readonly ancestors: Set<object> = new Set()
  readonly names: MaskNames
  /** Characters this walk may still produce, about. */
  budget: number
  unseen = 0
  /** Keys of one payload repeat: each is looked at once. */
  readonly keys: Map<string, Key> = new Map()

  constructor(names: MaskNames, budget: number) {
    this.names = names
    this.budget = budget
  }

  visit(value: unknown, depth: number): unknown {
    this.budget -= 4
    switch (typeof value) {
      case 'string':
        return this.text(value)
      case 'object':
        return value === null ? null : this.object(value, depth)
      case 'bigint':
        return BigInt.asIntN(MAX_BIGINT_BITS, value) === value ? String(value) : '[BigInt]'
      case 'symbol':
        return this.text(String(value))
      case 'function':
        return '[Function]'
      default:
        return value
    }
  }

  text(text: string): string {
    const room = Math.max(0, this.budget)
    this.budget -= text.length
    if (text.length > room + CUT_MARGIN) this.unseen += text.length - room
    return maskTextWithin(text, this.names, room)
  }

  object(object: object, depth: number): unknown {
    if (depth >= MAX_DEPTH) return '[Too deep]'
    if (this.ancestors.has(object)) return '[Circular]'
    this.ancestors.add(object)
    try {
      return this.members(object, depth + 1)
    } catch {
      return '[Unreadable]'
    } finally {
      this.ancestors.delete(object)
    }
  }

  members(object: object, depth: number): unknown {
    if (Array.isArray(object)) return this.list(object, depth)
    if (ArrayBuffer.isView(object)) return '[Binary]'
    const prototype: unknown = Object.getPrototypeOf(object)
    const plain = prototype === Object.prototype || prototype === null
    const tag = plain ? '' : Object.prototype.toString.call(object)
    const kind = tag.slice(8, -1)
    if (OPAQUE.includes(kind)) return tag
    if ('toJSON' in object && typeof object.toJSON === 'function') return this.visit(object.toJSON(''), depth)
    if (plain) return this.record(object, depth)
    if (MAPS.includes(kind)) return this.entries(object as Iterable<[unknown, unknown]>, depth)
    if (kind === 'Set') return this.values(object as Iterable<unknown>, depth)
    if (BOXED.includes(kind)) return this.visit(object.valueOf(), depth)
    return this.record(object, depth, ERRORS.includes(kind) ? ERROR_FIELDS : undefined)
  }

  list(list: readonly unknown[], depth: number): unknown[] {
    const masked: unknown[] = []
    for (let index = 0; index < list.length && this.budget >= 0; index++) {
      masked.push(this.read(list, index, depth) ?? null)
    }
    return masked
  }

  values(values: Iterable<unknown>, depth: number): unknown[] {
    const masked: unknown[] = []
    for (const value of values) {
      if (this.budget < 0) break
      masked.push(this.visit(value, depth) ?? null)
    }
    return masked
  }

  record(object: object, depth: number, hidden?: readonly string[]): Record<string, unknown> {
    const masked: Record<string, unknown> = {}
    const keys = Object.keys(object)
    for (const key of hidden ? new Set([...keys, ...hidden]) : keys) {
      if (this.budget < 0) break
      const { name, hides } = this.key(key)
      set(masked, name, hides ? MASKED : this.read(object, key, depth))
    }
    return masked
  }

  /** Name and value pairs; a name that repeats becomes a list. */
  entries(entries: Iterable<readonly [unknown, unknown]>, depth: number): Record<string, unknown> {
    const lists = new Map<string, unknown[]>()
    for (const [key, value] of entries) {
      if (this.budget < 0) break
      this.budget -= 4
      const name = typeof key === 'object' || typeof key === 'function' ? `[${typeof key}]` : String(key)
      const list = lists.get(name)
      if (list) list.push(value)
      else lists.set(name, [value])
    }
    const masked: Record<string, unknown> = {}
    for (const [key, list] of lists) {
      if (this.budget < 0) break
      const { name, hides } = this.key(key)
      set(masked, name, hides ? MASKED : this.visit(list.length === 1 ? list[0] : list, depth))
    }
    return masked
  }

  read(object: object, key: PropertyKey, depth: number): unknown {
    let value: unknown
    try {
      value = Reflect.get(object, key)
    } catch {
      value = '[Unreadable]'
    }
    return this.visit(value, depth)
  }

  /** A key that holds a secret is itself masked; it hides its value by what it was or by what it is now. */
  key(key: string): Key {
    let known = this.keys.get(key)
    if (!known) {
      const name = this.text(key)
      known = { name, hides: this.names.has(key) || this.names.has(name) }
      this.keys.set(key, known)
    } else this.budget -= key.length
    return known
  }
}

/** Sets a key as data: `__proto__` is a name like any other. */
function set(target: Record<string, unknown>, name: string, value: unknown): void {
  if (value === undefined) return
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
  } else target[name] = value
}

/**
 * A masked, plain-JSON copy of `value`, by the rules events are masked by: names (the defaults and `fields`) and
 * secrets by shape, at any depth. `value` is not changed. Cycles become `[Circular]`; what is beyond a depth of 100 or
 * some 8 million characters is left out.
 */
export function maskSensitiveData(value: unknown, fields: readonly string[] = []): unknown {
  return maskValue(value, compileMaskNames(fields)).value
}
