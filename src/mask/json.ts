/** The one way out: whatever an event says is written here, as JSON text that is masked and bounded. */

import type { TruncatedPayload } from '../types.ts'
import { CUT_MARGIN, copyMasked } from './copy.ts'
import { endOf } from './found.ts'
import { maskJsonNames } from './json-text.ts'
import { lookFor } from './look.ts'
import { compileMaskNames, type MaskNames } from './names.ts'
import { hasPrefix } from './shapes.ts'
import { maskSuspect, maskText, type Work, workFor } from './text.ts'
import {
  cutText,
  ELLIPSIS,
  fitsUtf8,
  isTruncationMarker,
  MAX_MARKER_LENGTH,
  previewLength,
  truncateUtf8String,
  truncationMarker,
  utf8Length,
} from './truncate.ts'

/** What every text and value of a client is written by. */
export interface MaskRules {
  readonly names: MaskNames
  /** UTF-8 bytes of one payload, header map or text. */
  readonly maxPayloadSizeBytes: number
  /** Short texts without a secret that were written before, and their JSON: paths, header values and an application's own words come with every request. */
  readonly known: Map<string, string>
}

/** Rules of one client or one call. */
export function maskRules(fields: readonly string[], maxPayloadSizeBytes: number): MaskRules {
  return {
    names: compileMaskNames(fields),
    maxPayloadSizeBytes,
    known: new Map(),
  }
}

/** UTF-16 units of a known text, and how many are kept: the table starts anew when it is full. */
const MAX_KNOWN_LENGTH = 128
const MAX_KNOWN = 1024

/** How large a payload is of which only a part was seen. */
export type WholeSize = Pick<TruncatedPayload, 'originalSizeBytes' | 'sizeIsMinimum'>

/** A body as it came: its text, of which the rest may be missing. */
export class BodyText {
  /** Whether a value is one; of a Proxy nothing is asked. */
  static is(value: unknown): value is BodyText {
    return typeof value === 'object' && value !== null && #brand in value
  }

  readonly #brand = true
  /** What is there of it. */
  readonly text: string
  /** Whether its type says that it is JSON. */
  readonly isJson: boolean
  /** What is known of the whole, where `text` is only its beginning. */
  readonly whole: WholeSize | undefined

  constructor(text: string, isJson: boolean, whole?: WholeSize) {
    this.text = text
    this.isJson = isJson
    this.whole = whole
  }
}

/** Characters of a body that is a text; none of any other. */
export function bodyLength(body: unknown): number {
  const text = BodyText.is(body) ? body.text : body
  return typeof text === 'string' ? text.length : 0
}

/** Free text as JSON: masked by shape, then bounded. Anything but text and numbers is left out. */
export function writeText(
  value: unknown,
  rules: MaskRules,
  maxBytes: number = rules.maxPayloadSizeBytes,
): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value)
  const { names, known } = rules
  const isShort = text.length <= MAX_KNOWN_LENGTH && fitsUtf8(text, maxBytes)
  const before = isShort ? known.get(text) : undefined
  if (before !== undefined) return before
  const masked = maskTextWithin(text, names, maxBytes)
  // What was cut before it was masked may fit now.
  const shown = text.length > maxBytes + CUT_MARGIN ? `${masked}${ELLIPSIS}` : masked
  const json = JSON.stringify(truncateUtf8String(shown, maxBytes))
  if (isShort && masked === text) {
    if (known.size >= MAX_KNOWN) known.clear()
    // A text that was cut from a larger one keeps all of that in memory; what is parsed anew does not.
    known.set(JSON.parse(json), json)
  }
  return json
}

/**
 * `maskText` of a text's first `maxLength` characters or a few more: no text is looked at further, and a secret that
 * stands where it is cut is not left half.
 */
export function maskTextWithin(text: string, names: MaskNames, maxLength: number): string {
  if (text.length <= maxLength + CUT_MARGIN) return maskText(text, names)
  const masked = maskText(text.slice(0, maxLength + CUT_MARGIN), names)
  return cutText(masked, Math.max(0, masked.length - CUT_MARGIN))
}

/** Any value as JSON: masked, and a `TruncatedPayload` where it is more than `maxBytes`. */
export function writeValue(
  value: unknown,
  rules: MaskRules,
  maxBytes: number = rules.maxPayloadSizeBytes,
): string | undefined {
  // A marker is not cut again, however small the limit.
  const { value: copy, length, partial } = copyMasked(value, rules.names, Math.max(maxBytes, MAX_MARKER_LENGTH))
  if (isTruncationMarker(copy)) copy.preview = withoutHalfSecret(copy.preview, rules.names)
  const json: string | undefined = JSON.stringify(copy)
  if (json === undefined) return undefined
  if (partial) {
    const reached = {
      originalSizeBytes: Math.max(length, utf8Length(json)),
      sizeIsMinimum: true,
    } as const
    return writeMarker(copy, rules, maxBytes, reached)
  }
  const masked = maskStrings(json, rules.names)
  if (fitsUtf8(masked, maxBytes) || isTruncationMarker(copy)) return masked
  return writeMarker(copy, rules, maxBytes, {
    originalSizeBytes: utf8Length(masked),
  })
}

/** What stands for a value that is too large. Of its texts no more is looked at than is shown. */
function writeMarker(copy: unknown, { names }: MaskRules, maxBytes: number, whole: WholeSize): string {
  const beginning = JSON.stringify(copyMasked(copy, names, previewLength(maxBytes)).value)
  return JSON.stringify(truncationMarker(maskStrings(beginning, names), whole, maxBytes))
}

/**
 * A preview without what may be half of a secret at its end: an application may cut a payload before it is masked, and a
 * half no longer looks like one.
 */
function withoutHalfSecret(preview: string, names: MaskNames): string {
  const cut = preview.replace(/[\uD800-\uDBFF]$/, '')
  const [last = ''] = /[\w+/=.~-]+$/.exec(cut.slice(-256)) ?? []
  return last && (hasPrefix(last) || lookFor(last, names)(0) < last.length) ? cut.slice(0, -last.length) : cut
}

/** A body: its text as it came, or any value. */
export function writeBody(value: unknown, rules: MaskRules): string | undefined {
  if (!BodyText.is(value)) return writeValue(value, rules)
  const { text, isJson, whole } = value
  const { names, maxPayloadSizeBytes: maxBytes } = rules
  if (whole) {
    const preview = maskTextWithin(text, names, previewLength(maxBytes))
    return JSON.stringify(truncationMarker(preview, whole, maxBytes))
  }
  const json = isJson ? maskJsonNames(text, names) : undefined
  return json === undefined ? writeText(text, rules) : withinLimit(maskStrings(json, names), rules)
}

/** Masked JSON, or a `TruncatedPayload` of it where it is more than a payload may be. */
export function withinLimit(masked: string, { maxPayloadSizeBytes: maxBytes }: MaskRules): string {
  return fitsUtf8(masked, maxBytes)
    ? masked
    : JSON.stringify(truncationMarker(masked, { originalSizeBytes: utf8Length(masked) }, maxBytes))
}

const STRING_END = /(?<!\\)(?:\\\\)*"/g

/** Masks each string of a JSON text that holds a secret by its shape. */
export function maskStrings(json: string, names: MaskNames): string {
  const next = lookFor(json, names)
  let work: Work | undefined
  let masked = ''
  let from = 0
  let suspect = -1
  for (let start = json.indexOf('"'), end = 0; start >= 0; start = json.indexOf('"', end)) {
    // What stands between two strings is in neither.
    if (suspect < start) suspect = next(start)
    if (suspect > json.length) break
    end = endOf(STRING_END, json, start + 1)
    if (suspect >= end) continue
    const literal = json.slice(start, end)
    const text: string = literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1)
    work ??= workFor(json.length)
    const clean = maskSuspect(text, names, work)
    if (clean !== text) {
      masked += json.slice(from, start) + JSON.stringify(clean)
      from = end
    }
  }
  return from > 0 ? masked + json.slice(from) : json
}

/** Where no size is given, a walk ends after this many characters, about: a graph can be endless without a cycle. */
const MAX_CHARACTERS = 2 ** 23

/**
 * A masked, plain-JSON copy of `value`, by the rules events are masked by: names (the defaults and `fields`) and
 * secrets by shape, at any depth. `value` is not changed, and each part of it is read once. Cycles become `[Circular]`;
 * what is beyond a depth of 100 or some 8 million characters is left out.
 */
export function maskSensitiveData(value: unknown, fields: readonly string[] = []): unknown {
  const names = compileMaskNames(fields)
  const json: string | undefined = JSON.stringify(copyMasked(value, names, MAX_CHARACTERS).value)
  return json === undefined ? undefined : JSON.parse(maskStrings(json, names))
}
