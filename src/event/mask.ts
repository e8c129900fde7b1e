/**
 * The one walk over a value: masks it by name and by shape, makes it plain JSON, and bounds it. The input is never
 * changed; what comes out shares nothing with it. Hostile values cost nothing but themselves: each read that can throw
 * is guarded on its own, and what has no JSON form leaves a marker.
 */
import { compileMaskNames, type MaskNames } from './mask-names.ts'
import { MASKED, maskText } from './mask-text.ts'

/** Deeper than any real payload; a receiver's parser has to survive it too. */
const MAX_DEPTH = 100

/** Values a walk may visit for each byte it may keep: enough to tell how large an oversized payload is. */
const OVERSIZE_FACTOR = 4

/** A walk's outcome: plain JSON, and whether the budget ended it early. */
export interface MaskedValue {
  value: unknown
  /** Only a part of the input was visited: its size is at least that of `value`. */
  partial: boolean
}

/**
 * Masks `value`.
 * @param maxBytes the size the result is allowed later; the walk stops at a small multiple of it
 */
export function maskValue(value: unknown, names: MaskNames, maxBytes: number = Number.POSITIVE_INFINITY): MaskedValue {
  const walk = new Walk(names, maxBytes * OVERSIZE_FACTOR)
  return { value: walk.visit(value, 0), partial: walk.budget < 0 }
}

class Walk {
  /** The objects between the root and here. A repeated reference is not a cycle; only one that is among these is. */
  readonly ancestors: Set<object> = new Set()
  readonly names: MaskNames
  /** Characters this walk may still produce, about. */
  budget: number

  constructor(names: MaskNames, budget: number) {
    this.names = names
    this.budget = budget
  }

  visit(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        return this.text(value, depth)
      case 'object':
        return value === null ? null : this.object(value, depth)
      case 'bigint':
        return String(value)
      case 'symbol':
        return this.text(String(value), depth)
      case 'function':
        return '[Function]'
      default:
        this.budget -= 5
        return value
    }
  }

  text(text: string, depth: number): string {
    this.budget -= text.length + 3
    const first = text.charCodeAt(0)
    const json =
      first === 0x7b || first === 0x5b || first === 0x20 || first === 0x0a ? this.json(text, depth) : undefined
    return json ?? maskText(text, this.names)
  }

  /** JSON inside a string: masked as the value that it is, and left as it was written where nothing had to go. */
  json(text: string, depth: number): string | undefined {
    if (depth >= MAX_DEPTH || !/^\s*[[{]/.test(text)) return undefined
    try {
      const parsed: unknown = JSON.parse(text)
      const before = JSON.stringify(parsed)
      const after = JSON.stringify(this.visit(parsed, depth + 1))
      // As written, but never unseen: of a name that repeats, the parser showed the last value alone.
      return before === after ? maskText(text, this.names) : after
    } catch {
      return undefined
    }
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
    this.budget -= 2
    if (Array.isArray(object)) return this.list(object, depth)
    const prototype: unknown = Object.getPrototypeOf(object)
    if (prototype !== Object.prototype && prototype !== null) {
      const special = this.special(object, depth)
      if (special !== undefined) return special
    } else if ('toJSON' in object && typeof object.toJSON === 'function') {
      return this.visit(object.toJSON(''), depth)
    }
    return this.record(object, depth)
  }

  list(list: readonly unknown[], depth: number): unknown[] {
    const masked: unknown[] = []
    for (let index = 0; index < list.length && this.budget >= 0; index++) {
      masked.push(this.read(list, index, depth) ?? null)
    }
    return masked
  }

  record(object: object, depth: number): Record<string, unknown> {
    const masked: Record<string, unknown> = {}
    for (const key of Object.keys(object)) {
      if (this.budget < 0) break
      this.set(masked, key, this.names.has(key) ? MASKED : this.read(object, key, depth))
    }
    return masked
  }

  /** Key and value pairs of a Map, a form, a query or headers; a name that repeats becomes a list. */
  entries(entries: Iterable<readonly [unknown, unknown]>, depth: number): Record<string, unknown> {
    const masked: Record<string, unknown> = {}
    for (const [key, value] of entries) {
      if (this.budget < 0) break
      const name = typeof key === 'object' || typeof key === 'function' ? `[${typeof key}]` : String(key)
      const next = this.names.has(name) ? MASKED : this.visit(value, depth)
      const known = Object.hasOwn(masked, name) ? masked[name] : undefined
      this.set(masked, name, known === undefined || next === MASKED ? next : [known, next].flat())
    }
    return masked
  }

  read(object: object, key: PropertyKey, depth: number): unknown {
    try {
      return this.visit(Reflect.get(object, key), depth)
    } catch {
      return '[Unreadable]'
    }
  }

  /** Sets a key as data: `__proto__` is a name like any other. A key that holds a secret is masked by its shape. */
  set(target: Record<string, unknown>, key: string, value: unknown): void {
    if (value === undefined) return
    this.budget -= key.length + 4
    const name = maskText(key, this.names)
    if (name === '__proto__') {
      Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
    } else target[name] = value
  }

  /** What is not a plain object; `undefined` where its own properties say it best. */
  special(object: object, depth: number): unknown {
    if (ArrayBuffer.isView(object) || object instanceof ArrayBuffer) {
      return `[${object.constructor.name} of ${object.byteLength} bytes]`
    }
    if ('toJSON' in object && typeof object.toJSON === 'function') return this.visit(object.toJSON(''), depth)
    switch (Object.prototype.toString.call(object)) {
      case '[object Map]':
      case '[object FormData]':
      case '[object URLSearchParams]':
      case '[object Headers]':
        return this.entries(object as Iterable<[unknown, unknown]>, depth)
      case '[object Error]':
        return this.error(object, depth)
      case '[object Set]':
        return this.list([...(object as Iterable<unknown>)], depth)
      case '[object String]':
      case '[object Number]':
      case '[object Boolean]':
      case '[object BigInt]':
      case '[object Symbol]':
        return this.visit(object.valueOf(), depth)
      case '[object Promise]':
      case '[object WeakMap]':
      case '[object WeakSet]':
      case '[object WeakRef]':
      case '[object ReadableStream]':
      case '[object Blob]':
      case '[object File]':
      case '[object Request]':
      case '[object Response]':
        return Object.prototype.toString.call(object)
      default:
        return undefined
    }
  }

  /** An error's own text is not enumerable. */
  error(error: object, depth: number): unknown {
    const masked = this.record(error, depth)
    for (const key of ['name', 'message', 'stack', 'cause'] as const) {
      if (key in error) this.set(masked, key, this.read(error, key, depth))
    }
    return masked
  }
}

/**
 * A masked, plain-JSON copy of `value`, by the rules events are masked by: names (the defaults and `fields`) and
 * secrets by shape, at any depth. `value` is not changed. Cycles become `[Circular]`.
 */
export function maskSensitiveData(value: unknown, fields: readonly string[] = []): unknown {
  return maskValue(value, compileMaskNames(fields)).value
}
