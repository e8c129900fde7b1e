/** International bank account numbers (ISO 13616): by country, length and check digits, in one piece or in groups. */
import type { Finder } from './finder.ts'

/** Each country's length, as SWIFT's IBAN registry has them. */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  [
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24',
    'FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32',
    'LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24',
    'RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30',
  ]
    .join(' ')
    .split(' ')
    .map(row => [row.slice(0, 2), Number(row.slice(2))]),
)

/** In front there may be the letter of an escape: `\nDE89…`. */
const BEGINNING = /(?<!(?<!\\)[a-z]|\d)[a-z]{2}\d\d(?=[ \u00a0+-]?[a-z\d])/gi

/** ISO 7064, MOD 97-10: country and check digits go to the end, letters count from 10. */
function passesCheck(iban: string): boolean {
  let rest = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

/** Where the number ends that begins at `start`; `start` where none does. */
function endOf(text: string, start: number): number {
  const length = LENGTHS.get(text.slice(start, start + 2).toUpperCase()) ?? 0
  let iban = ''
  let end = start
  while (iban.length < length) {
    const character = text.charAt(end++)
    if (/[a-z\d]/i.test(character)) iban += character
    else if (!/[ \u00a0+-]/.test(character) || iban.length % 4 > 0) return start
  }
  return length > 0 && !/[a-z\d]/i.test(text.charAt(end)) && passesCheck(iban) ? end : start
}

export const findIbans: Finder = (text, found) => {
  for (const { index } of text.matchAll(BEGINNING)) {
    const end = endOf(text, index)
    if (end > index) found(index, end)
  }
}
