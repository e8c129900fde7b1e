/**
 * The short way for plain data, which is nearly all there is: looked over without being copied, written by the
 * runtime's own `JSON.stringify`, and masked in the text. What is not plain takes the long way, the walk of mask.ts; both
 * come to the same text.
 */
import type { MaskNames } from './names.ts'
import { findSuspect, MASKED, maskText, mayHoldSecret } from './text.ts'

/** Deeper values take the long way, which says where it ends. */
const MAX_DEPTH = 100

/** Thrown, for there may be many levels to leave: here is something that is not plain, or too much of it. */
const NOT_PLAIN: unique symbol = Symbol()

/** What `JSON.stringify` asks of every object. */
interface MaybeWriter {
  toJSON?: unknown
}

class Look {
  readonly names: MaskNames
  /** Characters this look may still meet, about. */
  budget: number
  /** The last record's keys that hide nothing. Records of a list are alike: most keys stand where they stood before. */
  readonly shown: string[] = []

  constructor(names: MaskNames, budget: number) {
    this.names = names
    this.budget = budget
  }

  /** `value` itself, or a copy without what stands under a masked name. */
  at(value: unknown, depth: number): unknown {
    if (typeof value === 'string') this.budget -= value.length
    else if (typeof value === 'object' && value !== null) {
      if (depth > MAX_DEPTH) throw NOT_PLAIN
      return Array.isArray(value) ? this.list(value, depth + 1) : this.record(value, depth + 1)
    } else if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') throw NOT_PLAIN
    return value
  }

  list(list: readonly unknown[] & MaybeWriter, depth: number): readonly unknown[] {
    if (list.toJSON !== undefined) throw NOT_PLAIN
    let copy: unknown[] | undefined
    for (let index = 0; index < list.length; index++) {
      this.spend(4)
      const value = list[index]
      const seen = this.at(value, depth)
      if (seen === value && !copy) continue
      copy ??= list.slice(0, index)
      copy.push(seen)
    }
    return copy ?? list
  }

  record(record: object, depth: number): object {
    if (!isRecord(record)) throw NOT_PLAIN
    let copy: [string, unknown][] | undefined
    let place = 0
    for (const key in record) {
      this.spend(4 + key.length)
      if (this.shown[place] !== key) {
        if (this.names.has(key)) {
          // What a masked name hides is not even read.
          copy ??= entriesBefore(record, key)
          copy.push([key, MASKED])
          continue
        }
        this.shown[place] = key
      }
      place++
      const value = record[key]
      const seen = this.at(value, depth)
      if (seen === value && !copy) continue
      copy ??= entriesBefore(record, key)
      copy.push([key, seen])
    }
    return copy ? Object.fromEntries(copy) : record
  }

  spend(characters: number): void {
    this.budget -= characters
    if (this.budget < 0) throw NOT_PLAIN
  }
}

/** An object whose own enumerable members are all that JSON shows of it. */
function isRecord(object: object & MaybeWriter): object is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype === Date.prototype) return true
  return (prototype === Object.prototype || prototype === null) && object.toJSON === undefined
}

function entriesBefore(record: Record<string, unknown>, end: string): [string, unknown][] {
  const entries: [string, unknown][] = []
  for (const key in record) {
    if (key === end) break
    entries.push([key, record[key]])
  }
  return entries
}

/** Where the string ends whose first character is at `from`. */
function stringEnd(json: string, from: number): number {
  for (let at = json.indexOf('"', from); ; at = json.indexOf('"', at + 1)) {
    let escapes = 0
    while (json[at - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return at
  }
}

/** Masks each string of a JSON text that may hold a secret. `undefined` where a key does: it may hide what follows. */
export function maskStrings(json: string, names: MaskNames): string | undefined {
  if (!mayHoldSecret(json)) return json
  let masked = ''
  let from = 0
  for (let suspect = findSuspect(json, 0); suspect >= 0; ) {
    // Before the first sign of a string there is no escape in it: the quote before is its own.
    const start = json.lastIndexOf('"', suspect)
    const end = stringEnd(json, suspect) + 1
    if (json[end] === ':') return undefined
    const text: string = JSON.parse(json.slice(start, end))
    const clean = maskText(text, names)
    if (clean !== text) {
      masked += json.slice(from, start) + JSON.stringify(clean)
      from = end
    }
    suspect = findSuspect(json, end)
  }
  return from > 0 ? masked + json.slice(from) : json
}

/**
 * The masked JSON text of plain data: objects, lists, dates, strings, numbers, booleans, `null`.
 * @param budget characters it may hold, about
 * @returns `undefined` where there is anything else in it, or more
 */
export function plainJson(value: unknown, names: MaskNames, budget: number): string | undefined {
  try {
    const json: string | undefined = JSON.stringify(new Look(names, budget).at(value, 0))
    return json && maskStrings(json, names)
  } catch {
    return undefined
  }
}
