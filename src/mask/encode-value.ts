/** Texts and values of an event as JSON: masked, bounded, serialised once. */

import { read } from '../safe-read.ts'
import { detach } from './detach.ts'
import { maskJsonText } from './json-text.ts'
import type { MaskNames } from './names.ts'
import { plainJson } from './plain.ts'
import { MASKED, mayHoldSecret } from './text.ts'
import { fitsUtf8, isTruncationMarker, truncateUtf8String, truncationMarker, utf8Length } from './truncate.ts'
import { maskTextWithin, maskValue } from './value.ts'

/** What every text and value is encoded by. */
export interface ValueRules {
  readonly names: MaskNames
  readonly maxPayloadSizeBytes: number
  /** Short texts without a secret that were encoded before, and their JSON: paths, header values and an application's own words come with every request. */
  readonly known: Map<string, string>
  /** By name, the headers that were encoded before. */
  readonly headers: Map<string, KnownHeader>
}

/** UTF-16 units of a known text, and how many are kept: the table starts anew when it is full. */
const MAX_KNOWN_LENGTH = 128
const MAX_KNOWN = 1024

/**
 * Free text: masked by shape, then bounded. Anything but text and numbers is left out.
 * @param isKept whether it may come again, and is worth remembering
 */
export function encodeText(
  value: unknown,
  rules: ValueRules,
  maxBytes: number = rules.maxPayloadSizeBytes,
  isKept = true,
): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value)
  const { names, known } = rules
  const isShort = text.length <= MAX_KNOWN_LENGTH && fitsUtf8(text, maxBytes)
  const before = isShort ? known.get(text) : undefined
  if (before !== undefined) return before
  const masked = maskTextWithin(text, names, maxBytes)
  const json = JSON.stringify(truncateUtf8String(masked, maxBytes))
  if (isShort && masked === text && isKept) {
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(detach(text), json)
  }
  return json
}

/** What stands for a value that a name hides. */
const MASKED_JSON: string = JSON.stringify(MASKED)

/** A header whose name has come before, and what stood there then. */
export interface KnownHeader {
  /** None where the name hides any. */
  readonly value: string | undefined
  /** The name as JSON, and its colon. */
  readonly start: string
  /** With its value. */
  readonly json: string
}

/** One header as a member of an object. `undefined` where what is seen of it is no text, or its name has to be masked or escaped. */
function encodeHeader(name: string, value: unknown, rules: ValueRules): string | undefined {
  const known = rules.headers.get(name)
  if (known && (known.value === undefined || known.value === value)) return known.json
  const hides = known ? false : rules.names.has(name)
  if (!hides && typeof value !== 'string') return undefined
  const start = known?.start ?? `${encodeText(name, rules)}:`
  if (start !== `"${name}":`) return undefined
  // The first value alone is remembered: under some names each is another. None that is a secret, as with texts.
  const json = start + (hides ? MASKED_JSON : encodeText(value, rules, rules.maxPayloadSizeBytes, !known))
  if (!known && (hides || rules.known.has(String(value))) && name.length <= MAX_KNOWN_LENGTH) {
    if (rules.headers.size >= MAX_KNOWN) rules.headers.clear()
    rules.headers.set(detach(name), { value: hides ? undefined : detach(String(value)), start, json })
  }
  return json
}

/**
 * Headers, each encoded by itself: nearly all have come before. `undefined` where there is one that is no text, or whose
 * name has to be masked or escaped, and where there is more than a payload may be.
 */
export function encodeHeaders(
  { entries }: { readonly entries: readonly (readonly [string, unknown])[] },
  rules: ValueRules,
): string | undefined {
  let json = ''
  for (const [name, value] of entries) {
    const header = encodeHeader(name, value, rules)
    if (header === undefined) return undefined
    json += (json ? ',' : '{') + header
  }
  return json && fitsUtf8(`${json}}`, rules.maxPayloadSizeBytes) ? `${json}}` : undefined
}

/** Characters of a value that is encoded while an answer waits for it. */
const MAX_SMALL_CHARACTERS = 8_192

/** JSON text that is masked and bounded already. */
class EncodedJson {
  readonly #json: string

  constructor(json: string) {
    this.#json = json
  }

  /** The text, where `value` has been encoded; of a Proxy nothing is asked. */
  static textOf(value: unknown): string | undefined {
    return typeof value === 'object' && value !== null && #json in value ? value.#json : undefined
  }
}

/** A small plain value as it is now, whatever becomes of it; `undefined` for any other. */
export function encodeSmall(value: unknown, rules: ValueRules): unknown {
  const max = Math.min(MAX_SMALL_CHARACTERS, rules.maxPayloadSizeBytes)
  const json = plainJson(value, rules.names, max)
  return json !== undefined && fitsUtf8(json, max) ? new EncodedJson(json) : undefined
}

/** What a JSON body's text is in the event: itself, where it can be masked as it stands; else its value, and what is no JSON a text. */
export function readJson(text: string, rules: ValueRules): unknown {
  // What says that it was cut may end in half of a secret: {@link encodePayload} has to see its value.
  const json = text.includes('"__truncated"') ? undefined : maskJsonText(text, rules.names)
  if (json !== undefined && fitsUtf8(json, rules.maxPayloadSizeBytes)) return new EncodedJson(json)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Any value: masked and bounded in one walk, serialised once. */
export function encodeValue(value: unknown, rules: ValueRules, maxBytes: number): string | undefined {
  if (value === undefined) return undefined
  const plain = plainJson(value, rules.names, maxBytes)
  if (plain !== undefined && (fitsUtf8(plain, maxBytes) || isTruncationMarker(plain))) return plain
  const masked = maskValue(value, rules.names, maxBytes)
  const json: string | undefined = JSON.stringify(masked.value)
  if (json === undefined || (!masked.partial && fitsUtf8(json, maxBytes))) return json
  return JSON.stringify(truncationMarker(json, utf8Length(json) + masked.unseen, maxBytes))
}

/** A body that was cut before it was masked, without what may be half of a secret at its end: it no longer looks like one. */
function withoutHalf(value: unknown): unknown {
  const preview = read(value, '__truncated') === true && read(value, 'preview')
  if (typeof preview !== 'string') return value
  const cut = preview.replace(/[\uD800-\uDBFF]$/, '')
  const [last = ''] = /[\w+/=.~-]+$/.exec(cut.slice(-256)) ?? []
  return { ...Object(value), preview: mayHoldSecret(last) ? cut.slice(0, -last.length) : cut }
}

/** A body: what {@link encodeSmall} or {@link readJson} made of it, or any value. */
export function encodePayload(value: unknown, rules: ValueRules): string | undefined {
  return EncodedJson.textOf(value) ?? encodeValue(withoutHalf(value), rules, rules.maxPayloadSizeBytes)
}
