/**
 * A value as it is at this moment, in the form of the tape: each part of it is read once, and what the application does to it
 * later does not show. What its names hide is masked when the tape is written; here only what no longer stands beside its
 * name then: the entries of maps, forms and headers.
 */

import { hidesValue, type MaskNames } from '../mask/names.ts'
import { MASKED } from '../mask/text.ts'
import { utf8Length } from '../mask/truncate.ts'
import { callMember, read } from '../safe-read.ts'
import { textOf } from './bytes.ts'
import type { Copied } from './call.ts'
import type { MissingReason, TapeHeaders } from './format.ts'
import { describeId, isStored } from './platform-objects.ts'

/** Deeper than any real value, and with room for what is around it in an event. */
const MAX_DEPTH = 80

/** What a snapshot is taken by. */
export interface SnapshotRules {
  readonly names: MaskNames
  /** Characters that may be copied. */
  readonly room: number
  /** Copies what has to be read first. Returns what stands for it meanwhile. */
  readonly readLater: (value: Blob | ReadableStream | ArrayBuffer | ArrayBufferView, mark: Copied) => Copied
  /** Called with each value that is missing. */
  readonly onMissing: (why: MissingReason) => void
  /** What our own wrappers stand for. */
  readonly describe: (value: object) => unknown
}

/** What there was no room for. */
class NoRoom extends Error {}

/** The value as it is now. */
export function takeSnapshot(value: unknown, rules: SnapshotRules): { value: unknown; size: number } {
  const walk = new Walk(rules)
  try {
    const copy = walk.value(value, 0)
    return { value: copy, size: rules.room - walk.left }
  } catch (thrown) {
    if (!(thrown instanceof NoRoom)) throw thrown
    rules.onMissing('too large')
    const text = typeof value === 'string' ? value : jsonOf(value)
    // Its hash is made of this when the tape is kept.
    return { value: { $: 'missing', why: 'too large', size: utf8Length(text), text }, size: 100 }
  }
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

const kindOf = (object: object): string => {
  try {
    return Object.prototype.toString.call(object).slice(8, -1)
  } catch {
    return ''
  }
}

class Walk {
  readonly rules: SnapshotRules
  left: number
  readonly ancestors: object[] = []

  constructor(rules: SnapshotRules) {
    this.rules = rules
    this.left = rules.room
  }

  spend(characters: number): void {
    this.left -= characters
    if (this.left < 0) throw new NoRoom()
  }

  value(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        this.spend(value.length + 2)
        return value
      case 'number':
        this.spend(8)
        if (Number.isFinite(value) && !Object.is(value, -0)) return value
        return { $: 'number', value: Object.is(value, -0) ? '-0' : String(value) }
      case 'bigint':
        this.spend(24)
        return { $: 'bigint', value: String(value) }
      case 'undefined':
        this.spend(8)
        return { $: 'undefined' }
      case 'object':
        this.spend(4)
        return value === null ? null : this.object(value, depth)
      case 'function': {
        const known = this.rules.describe(value)
        return known ?? this.missing('not recordable')
      }
      case 'boolean':
        this.spend(5)
        return value
      default:
        return this.missing('not recordable')
    }
  }

  missing(why: MissingReason): Copied {
    this.rules.onMissing(why)
    return { $: 'missing', why }
  }

  object(object: object, depth: number): unknown {
    const known = this.rules.describe(object)
    if (known !== undefined) return known
    if (depth >= MAX_DEPTH || this.ancestors.includes(object)) return this.missing('not recordable')
    this.ancestors.push(object)
    try {
      return this.members(object, depth + 1)
    } catch (thrown) {
      if (thrown instanceof NoRoom) throw thrown
      return this.missing('not recordable')
    } finally {
      this.ancestors.pop()
    }
  }

  members(object: object, depth: number): unknown {
    if (Array.isArray(object)) return this.list(object, depth)
    const prototype: unknown = Object.getPrototypeOf(object)
    if (prototype === Object.prototype || prototype === null) return this.record(object, depth)
    if (ArrayBuffer.isView(object)) return this.bytes(object, kindOf(object))
    switch (kindOf(object)) {
      case 'ArrayBuffer':
        return this.bytes(object as ArrayBuffer, 'ArrayBuffer')
      case 'ReadableStream':
        return this.rules.readLater(object as ReadableStream, { $: 'stream' })
      case 'Blob':
      case 'File':
        return this.rules.readLater(object as Blob, {
          $: 'bytes',
          type: 'Blob',
          contentType: String(read(object, 'type')),
        })
      case 'Date':
        return { $: 'date', value: Number.isNaN(Number(object)) ? '' : new Date(Number(object)).toISOString() }
      case 'Map':
        return { $: 'map', entries: this.entries(object as Map<unknown, unknown>, depth) }
      case 'FormData':
        return { $: 'form', entries: this.entries(object as Iterable<[unknown, unknown]>, depth) }
      case 'Set':
        return { $: 'set', values: this.list([...(object as Set<unknown>)], depth) }
      case 'Headers':
        return { $: 'headers', entries: this.headers(object as Headers) }
      case 'Error':
      case 'DOMException':
        return this.error(object, depth)
      case 'URL':
      case 'URLSearchParams':
        return this.value(String(object), depth)
      case 'DurableObjectId':
        return describeId(object)
      case 'Request':
      case 'Response':
      case 'Promise':
      case 'WebSocket':
        return this.missing('not recordable')
      default:
        return isStored(object) ? this.stored(object, depth) : this.record(object, depth)
    }
  }

  list(list: readonly unknown[], depth: number): unknown[] {
    const copy: unknown[] = []
    for (let place = 0; place < list.length; place++) copy.push(this.value(read(list, place), depth))
    return copy
  }

  /** A member that is `undefined` is left out, as in JSON. */
  record(object: object, depth: number): Copied {
    const copy: Copied = {}
    for (const key of Object.keys(object)) {
      const value = read(object, key)
      if (value === undefined) continue
      this.spend(key.length + 4)
      const kept = this.value(value, depth)
      if (key !== '__proto__') copy[key] = kept
      // A member as any other.
      else Object.defineProperty(copy, key, { value: kept, enumerable: true, configurable: true, writable: true })
    }
    return '$' in copy ? { $: 'object', value: copy } : copy
  }

  entries(entries: Iterable<readonly [unknown, unknown]>, depth: number): unknown[][] {
    return Array.from(entries, ([key, value]) => {
      const isHidden = typeof key === 'string' && hidesValue(this.rules.names.hides(key), value)
      return [this.value(key, depth), isHidden ? MASKED : this.value(value, depth)]
    })
  }

  headers(headers: Headers): TapeHeaders {
    const list = copyHeaders(headers, this.rules.names)
    for (const [name, value] of list) this.spend(name.length + value.length + 8)
    return list
  }

  error(error: object, depth: number): Copied {
    const { name, message, stack: _, cause, ...fields } = { ...error, ...errorMembers(error) }
    const isTold = cause !== undefined
    return {
      $: 'error',
      name: this.value(String(name), depth),
      message: this.value(String(message), depth),
      ...(isTold && { cause: this.value(cause, depth) }),
      ...(Object.keys(fields).length > 0 && { fields: this.record(fields, depth) }),
    }
  }

  bytes(bytes: ArrayBuffer | ArrayBufferView, type: string): Copied {
    const text = bytes.byteLength <= this.left ? textOf(bytes) : undefined
    if (text === undefined) {
      const why = bytes.byteLength <= this.left ? 'binary' : 'too large'
      this.rules.onMissing(why)
      return this.rules.readLater(bytes, { $: 'missing', why, size: bytes.byteLength })
    }
    this.spend(text.length)
    return { $: 'bytes', type, text }
  }

  /** An R2 object, but for its body. */
  stored(object: object, depth: number): Copied {
    const { checksums, body: _, bodyUsed: __, ...members } = { ...object } as Copied
    const sums: unknown = callMember(checksums, 'toJSON') ?? checksums
    return { $: 'r2', fields: this.record({ ...members, ...(sums !== undefined && { checksums: sums }) }, depth) }
  }
}

const errorMembers = (error: object): { name: unknown; message: unknown; stack: unknown; cause: unknown } => ({
  name: read(error, 'name'),
  message: read(error, 'message'),
  stack: undefined,
  cause: read(error, 'cause'),
})

/** Headers by name and value; what a name hides, without. */
export function copyHeaders(headers: Headers, names: MaskNames): [name: string, value: string][] {
  return Array.from(headers, ([name, value]) => [name, hidesValue(names.hides(name), value) ? MASKED : value])
}
