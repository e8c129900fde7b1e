/** The name that stands before a `:` or `=` in a text. */
import { codesOf } from './runs.ts'

/** Nothing is a name that has more characters. */
export const MAX_NAME_LENGTH = 256

/** Characters that no name without quotes has. */
const NO_NAME = /[\s"'&;,:=?#<>(){}/\\|!@*`^~]/

let noNameCodes: Uint8Array | undefined

function isOfName(code: number): boolean {
  noNameCodes ??= codesOf(NO_NAME)
  return code < 128 ? noNameCodes[code] === 0 : !NO_NAME.test(String.fromCharCode(code))
}

/** Whether a character is a quote. */
export const isQuote = (character: string | undefined): boolean =>
  character === '"' || character === "'" || character === '`'

function wordStart(text: string, end: number): number {
  let start = end
  while (start > 0 && end - start < MAX_NAME_LENGTH && isOfName(text.charCodeAt(start - 1))) start--
  return start
}

/** Where the name without quotes begins that ends at `end`; `API key: …` and `verification code: …` are of two words. */
export function nameStart(text: string, end: number): number {
  const start = wordStart(text, end)
  const isSecond =
    text[start - 1] === ' ' && end - start < 7 && /^(?:key|code|phrase|answer)$/i.test(text.slice(start, end))
  return isSecond ? wordStart(text, start - 1) : start
}

/** Where the name after a quote begins that ends at `end`; -1 where no quote is before it. */
export function quotedStart(text: string, end: number): number {
  for (let at = end - 1; at >= 0 && end - at <= MAX_NAME_LENGTH && text[at] !== '\n'; at--) {
    if (isQuote(text[at])) return at + 1
  }
  return -1
}
