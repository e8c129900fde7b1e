/**
 * The one walk over a value: a plain copy of it, masked by name and bounded, for `JSON.stringify` to write. Each value is
 * read once, because a getter, a Proxy or a `toJSON` may return something else the second time. What throws costs only
 * itself.
 */
import { read } from '../safe-read.ts'
import { isCardNumber } from './cards.ts'
import { hidesValue, type MaskNames } from './names.ts'
import { hiddenPlaces, hidesBeside, KEY_PARTS, PAIR_NAMES, PAIR_VALUES } from './pairs.ts'
import { hidesParameters } from './sql.ts'
import { MASKED } from './text.ts'

/** Deeper than any real payload; a receiver's parser has to survive it too. */
export const MAX_DEPTH = 100

/** Stands for what is deeper. */
export const TOO_DEEP = '[Too deep]'

/** Characters kept of a text beyond the bound, so that a secret that begins before it is recognised whole. */
export const CUT_MARGIN = 1024

/** The least that has the digits of a card's. */
const MIN_CARD_NUMBER = 1e12

const UNREADABLE = '[Unreadable]'

/** What iterates as name and value, by its `Object.prototype.toString`. */
const MAPS = /^(?:Map|FormData|URLSearchParams|Headers)$/
const BOXED = /^(?:String|Number|Boolean|BigInt|Symbol)$/
const ERRORS = /^(?:Error|DOMException)$/
/** What has nothing of its own to show. Of a Worker's stubs, the last ones, every member is a call to another Worker, `toJSON` too. */
const OPAQUE =
  /^(?:ArrayBuffer|Promise|ReadableStream|Blob|File|Request|Response|Fetcher|DurableObject|JsRpc(?:Stub|Promise|Property))$/
/** What an error says, though it is not enumerable. */
const ERROR_FIELDS = ['name', 'message', 'stack', 'cause', 'errors']
/** Lists of parameters beside a statement, as drivers and ORMs keep both in an error. */
const PARAMETERS = ['params', 'parameters', 'bindings', 'bind', 'values', 'args']
/** Bits of a BigInt that is written out: digits cost more than in proportion. */
const MAX_BIGINT_BITS = 4096

/** A copy, and what is known of the size of the whole. */
export interface MaskedCopy {
  value: unknown
  /** Characters that the walk has met; more where it is partial. */
  length: number
  /** Whether the bound ended the walk. */
  partial: boolean
}

type Record = { [name: string]: unknown }

/**
 * Copies a value without what its names hide. Texts are not looked into.
 * @param maxLength characters after which the walk ends: its JSON is sure to be longer
 */
export function copyMasked(whole: unknown, names: MaskNames, maxLength: number): MaskedCopy {
  /** Characters that may still be met. */
  let left = maxLength
  /** The objects between the root and here. A repeated reference is not a cycle; only one to these is. */
  const ancestors: object[] = []
  /** By depth, the last record's keys that hide nothing: in a list of records most keys stand where they stood before. */
  const known: string[][] = []

  const copyOf = (value: unknown, depth: number): unknown => {
    switch (typeof value) {
      case 'string':
        return copyText(value)
      case 'object':
        if (value !== null) return copyObject(value, depth)
        break
      case 'number':
        if (value >= MIN_CARD_NUMBER && isCardNumber(String(value))) return copyText(MASKED)
        break
      case 'bigint':
        return copyText(BigInt.asIntN(MAX_BIGINT_BITS, value) === value ? String(value) : '[BigInt]')
      case 'symbol':
        return copyText(String(value))
      case 'function':
        return copyText('[Function]')
    }
    left--
    return value
  }

  const copyText = (text: string): string => {
    const room = Math.max(0, left)
    left -= text.length + 2
    return left < 0 ? text.slice(0, room + CUT_MARGIN) : text
  }

  const copyObject = (object: object, depth: number): unknown => {
    left -= 2
    if (depth >= MAX_DEPTH) return TOO_DEEP
    if (ancestors.includes(object)) return '[Circular]'
    ancestors.push(object)
    try {
      return copyMembers(object, depth + 1)
    } catch {
      return UNREADABLE
    } finally {
      ancestors.pop()
    }
  }

  const copyMembers = (object: { toJSON?: unknown }, depth: number): unknown => {
    const isList = Array.isArray(object)
    const prototype: unknown = isList ? undefined : Object.getPrototypeOf(object)
    const isPlain = isList || prototype === Object.prototype || prototype === null
    const kind = isPlain ? '' : kindOf(object)
    if (kind && OPAQUE.test(kind)) return copyText(`[object ${kind}]`)
    if (ArrayBuffer.isView(object)) return copyText('[Binary]')
    const { toJSON } = object
    const written: unknown = typeof toJSON === 'function' ? Reflect.apply(toJSON, object, ['']) : object
    if (written !== object) return copyOf(written, depth)
    if (isList) return copyList(object, depth)
    if (isPlain) return maskRecord(ownMembers(object), depth)
    if (MAPS.test(kind)) return maskRecord(pairsOf(object as Iterable<[unknown, unknown]>), depth)
    if (kind === 'Set') return copyList(first(object as Iterable<unknown>), depth)
    if (BOXED.test(kind)) return copyOf(object.valueOf(), depth)
    return maskRecord(ERRORS.test(kind) ? errorMembers(object) : ownMembers(object), depth)
  }

  const copyList = (list: readonly unknown[], depth: number): unknown[] => {
    const copy: unknown[] = []
    let texts = 0
    for (let place = 0; place < list.length && left >= 0; place++) {
      const value = readPlace(list, place)
      if (typeof value === 'string') texts++
      left--
      copy.push(copyOf(value, depth) ?? null)
    }
    if (texts > 1 && texts === copy.length) for (const place of hiddenPlaces(copy, names)) copy[place] = MASKED
    return copy
  }

  /** Masks a record in place: one of ours, whose members were read. */
  const maskRecord = (copy: Record, depth: number): Record => {
    known[depth] ??= []
    const shown = known[depth]
    let place = 0
    let met = 0
    let pairValue: string | undefined
    let hasParameters = false
    let keyParts: string[] | undefined
    for (const key in copy) {
      if (left < 0) return Object.fromEntries(Object.entries(copy).slice(0, met))
      met++
      const value = copy[key]
      left -= key.length + 4
      if (shown[place] === key) place++
      else if (!Object.hasOwn(copy, key)) continue
      else {
        const hides = names.hides(key)
        const isHidden = hidesValue(hides, value)
        if (isHidden || (hides && typeof value === 'object' && value !== null)) {
          left -= MASKED.length
          // Not read again: what was an empty list stays one.
          copy[key] = isHidden ? MASKED : []
          continue
        }
        if (PAIR_VALUES.has(key)) pairValue = key
        else if (PARAMETERS.includes(key)) hasParameters = true
        else if (KEY_PARTS.has(key)) keyParts = [...(keyParts ?? []), key]
        else if (!hides) shown[place++] = key
      }
      const seen = copyOf(value, depth)
      if (seen !== value) copy[key] = seen
    }
    if (hasParameters) {
      const sql = copy['query'] ?? copy['sql'] ?? copy['text']
      if (typeof sql === 'string' && hidesParameters(sql, names))
        for (const name of PARAMETERS) if (Array.isArray(copy[name])) copy[name] = MASKED
    }
    if (keyParts && 'kty' in copy) for (const key of keyParts) copy[key] = MASKED
    if (pairValue) {
      const name = PAIR_NAMES.find(key => typeof copy[key] === 'string' || Array.isArray(copy[key]))
      if (name && hidesValue(hidesBeside(copy[name], names), copy[pairValue])) copy[pairValue] = MASKED
    }
    return copy
  }

  /** Name and value pairs as a record; a name that repeats has a list. */
  const pairsOf = (entries: Iterable<readonly [unknown, unknown]>): Record => {
    const lists = new Map<string, unknown[]>()
    for (const [key, value] of first(entries)) {
      const name = typeof key === 'object' || typeof key === 'function' ? `[${typeof key}]` : String(key)
      const list = lists.get(name)
      if (list) list.push(value)
      else lists.set(name, [value])
    }
    return Object.fromEntries(Array.from(lists, ([name, list]) => [name, list.length > 1 ? list : list[0]]))
  }

  /** As many as there is room for: an iterator may have no end. */
  const first = <Value>(values: Iterable<Value>): Value[] => {
    const taken: Value[] = []
    for (const value of values) {
      if (taken.length * 4 > left) break
      taken.push(value)
    }
    return taken
  }

  const value = copyOf(whole, 0)
  return { value, length: maxLength - left, partial: left < 0 }
}

const kindOf = (object: object): string => Object.prototype.toString.call(object).slice(8, -1)

function readPlace(list: readonly unknown[], place: number): unknown {
  try {
    return list[place]
  } catch {
    return UNREADABLE
  }
}

/** An object's own enumerable members. Copied at once where none throws: faster than one by one. */
function ownMembers(object: object): Record {
  try {
    return { ...object }
  } catch {
    return Object.fromEntries(Object.keys(object).map(key => [key, readKey(object, key)]))
  }
}

function readKey(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key)
  } catch {
    return UNREADABLE
  }
}

function errorMembers(error: object): Record {
  const members = ownMembers(error)
  for (const name of ERROR_FIELDS) if (!(name in members)) members[name] = read(error, name)
  return members
}
