/** Card numbers: by issuer, length and check digit, whole or in groups. */

import { eachMatch } from './found.ts'
import { codesOf, nextRun, runEnd } from './runs.ts'

/** ISO/IEC 7812-1 numbers by their issuers' ranges and lengths: Visa, Mastercard, American Express, Discover, Diners Club, JCB, UnionPay, Maestro. */
const ISSUER =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|(?:6011|64[4-9]\d|65\d\d)\d{12,15}|3(?:0[0-59]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12,15}|62\d{14,17}|(?:50(?:18|20|38)|5893|6304|67(?:59|6[1-3]))\d{8,15})$/

/** A number as it may stand in a text: whole, or in groups. In front of it there may be an escape's letter (`\n4242…`). */
const CARD =
  /(?<!(?<!\\)\w|[.+-])(?:[2-6]\d{12,18}|\d{4}([ -])(?:\d{4}\1\d{4}\1\d{1,4}(?:\1\d{3})?|\d{6}\1\d{4,5}))(?![\w-]|\.\d)/g

/** Luhn's check digit. */
function passesCheck(digits: string): boolean {
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]) * ((place % 2) + 1)
    sum += digit > 9 ? digit - 9 : digit
  }
  return sum % 10 === 0
}

/** Whether these digits, and nothing else, are the number of a card. */
export function isCardNumber(text: string): boolean {
  if (text.length > MAX_LENGTH) return false
  const digits = text.replace(/[ -]/g, '')
  return ISSUER.test(digits) && passesCheck(digits)
}

/** Digits of the shortest number, and characters of the longest in groups. */
const MIN_LENGTH = 13
const MAX_LENGTH = 23

let digitCodes: Uint8Array | undefined

/** Calls `found` with where each card number begins and ends. */
export function findCards(text: string, found: (start: number, end: number) => void): void {
  digitCodes ??= codesOf(/[\d -]/)
  for (let start = nextRun(text, 0, MIN_LENGTH, digitCodes); start >= 0; ) {
    const end = runEnd(text, start, MIN_LENGTH, digitCodes)
    const from = Math.max(0, start - 2)
    eachMatch(CARD, text.slice(from, end + 2), ({ 0: number, index }, next) => {
      if (isCardNumber(number)) found(from + index, from + next)
      // Its first group may be of something else.
      else CARD.lastIndex = index + 1
    })
    start = nextRun(text, end, MIN_LENGTH, digitCodes)
  }
}
