/** Runs of letters, digits, `_`, `-`, `+` and `/`: what is long enough may be a token, or something in base64. */
import { endOf } from './found.ts'
import { MIN_TOKEN_LENGTH, tokenEnd } from './shapes.ts'

const isAlphanumeric = (code: number): boolean => ((code | 32) - 97) >>> 0 < 26 || (code ^ 48) < 10

/** By character code of ASCII, 1 where an expression matches the character. */
export const codesOf = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 128 }, (_, code) => Number(pattern.test(String.fromCharCode(code))))

let runCodes: Uint8Array | undefined

/** What tokens and base64 are made of. */
const ofRuns = (): Uint8Array => {
  runCodes ??= codesOf(/[\w+/-]/)
  return runCodes
}

/** Where a run of `least` characters begins at `from` or later; -1 where none does. Of shorter ones it reads a part alone. */
export function nextRun(
  text: string,
  from: number,
  least: number = MIN_TOKEN_LENGTH,
  codes: Uint8Array = ofRuns(),
): number {
  const { length } = text
  // What is between these two is of a run.
  let before = from - 1
  let known = before
  for (let at = before + least; at < length; at = before + least) {
    let place = at
    while (place > known && codes[text.charCodeAt(place)] === 1) place--
    if (place === known) return before + 1
    before = place
    known = at
  }
  return -1
}

/** Where the run ends that is `least` characters long at least from `start`. */
export function runEnd(
  text: string,
  start: number,
  least: number = MIN_TOKEN_LENGTH,
  codes: Uint8Array = ofRuns(),
): number {
  let end = start + least
  while (codes[text.charCodeAt(end)] === 1) end++
  return end
}

/** What may be before a run and belong to a token all the same: `SG.`, `hooks.slack.com`, `1000.`. */
let beforeCodes: Uint8Array | undefined
const MAX_BEFORE = 40

/** The first part of a JSON Web Signature or Encryption (RFC 7515, 7516), and the others. */
const FIRST_PART = /[\w-]*/y
const PARTS = /(?:\.[\w-]*)+/y

const BACKSLASH = 0x5c
const PERCENT = 0x25
const SLASH = 0x2f

/** Calls `found` with where each token begins and ends that is in the run, or around it. @returns where the last ends */
export function findTokens(
  text: string,
  start: number,
  end: number,
  found: (start: number, end: number) => void,
): number {
  beforeCodes ??= codesOf(/[\w.$~-]/)
  let at = start
  while (at > 0 && start - at < MAX_BEFORE && beforeCodes[text.charCodeAt(at - 1)] === 1) at--
  let last = end
  /** Where the base64url ends that was read last. */
  let partEnd = 0
  for (let isBoundary = true; at < end; at++) {
    const code = text.charCodeAt(at)
    const isPart = isAlphanumeric(code)
    if (isBoundary && isPart) {
      let close = tokenEnd(text, at)
      if (close === at && text.startsWith('eyJ', at)) {
        if (partEnd <= at) partEnd = endOf(FIRST_PART, text, at)
        if (partEnd - at > 8 && text[partEnd] === '.') close = endOf(PARTS, text, partEnd)
      }
      if (close > at) {
        found(at, close)
        at = close - 1
        if (close > last) last = close
      }
    }
    // After an escape (`\nsk_live_…`, `%20sk_live_…`) one may begin, too.
    isBoundary = !isPart || text.charCodeAt(at - 1) === BACKSLASH || text.charCodeAt(at - 2) === PERCENT
  }
  return last
}

const BASE64_END = /={0,2}/y

/** Shorter ones are not looked into. */
const MIN_BASE64_LENGTH = 12

/** Of a text in base64 the first characters, for the first bit of each byte of ASCII is 0. */
const ASCII_BYTES = /(?:[A-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][\w+/-]){3,6}/y
const MAX_ASCII_LENGTH = 24

const looksLikeBase64Text = (text: string, start: number, end: number): boolean =>
  end - start >= MIN_BASE64_LENGTH && endOf(ASCII_BYTES, text, start) > Math.min(end, start + MAX_ASCII_LENGTH) - 4

/** The places of what may be a text in base64: a run, or its parts between slashes. */
export function base64Texts(text: string, start: number, end: number): [start: number, end: number][] {
  const places: [number, number][] = []
  if (looksLikeBase64Text(text, start, end)) places.push([start, end])
  for (let from = start, at = start; at <= end; at++) {
    if (at < end ? text.charCodeAt(at) !== SLASH : from === start) continue
    if (looksLikeBase64Text(text, from, at)) places.push([from, at])
    from = at + 1
  }
  return places
}

export const fillEnd = (text: string, end: number): number => endOf(BASE64_END, text, end)
