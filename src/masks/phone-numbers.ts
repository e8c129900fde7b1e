/**
 * Phone numbers as people write them: international (ITU-T E.164), of North America, with the zero of a national number,
 * with an area in brackets, or after a word that says that one follows. Ten digits by themselves are no phone number.
 */
import type { Finder } from './finder.ts'

/** A word or number before it is none of it, but for the letter of an escape: `\n+49 …`. */
const ALONE = '(?<!(?<!\\\\)[A-Za-z]|[\\d_.+-])'
/** What may stand between two digits: spaces, dashes, brackets. */
const GAP = '[ \\u00a0\\u2009\\u202f()./\\u2010-\\u2013-]{0,3}'

const WORDS = [
  'tel|tele?phone|phone|mobile|cell|fax|whatsapp|sms|telefon|telefax|handy|mobil|mobiel|tlf|gsm|t[eé]l[eé]phone|portable',
  'tel[eé]fono|m[oó]vil|celular|telefone|telem[oó]vel|cellulare|puhelin|телефон|тел|моб|电话|手机|電話|携帯|전화|휴대폰|هاتف|फ़ोन|मोबाइल',
].join('|')

const FORMS: readonly RegExp[] = [
  // +49 (0)30 123456, 0049 30 123456
  `(?<!(?<!\\\\)[A-Za-z]|[\\d_+])\\+[1-9](?:${GAP}\\d){6,14}(?!\\d)`,
  `${ALONE}00[1-9]\\d{0,2}[ ./-](?:${GAP}\\d){6,12}(?!\\d)`,
  // (415) 555-2671, 1-415-555-2671; not 200 in the midst of a longer number
  `${ALONE}(?:1[ .-])?[2-9]\\d\\d([ .-])[2-9]\\d\\d\\1\\d{4}(?![\\w-]|\\.\\d)`,
  // (0171) 1234567, (11) 91234-5678
  `(?<!(?<!\\\\)[A-Za-z]|[\\d_)\\]])\\(0?\\d{1,4}\\)[ /-]?\\d(?:[ .-]?\\d){5,9}(?!\\d)`,
  // 030 1234567, 06 12 34 56 78, 090-1234-5678; neither a date nor a row of bytes
  `(?<!\\d[ .])${ALONE}0[1-9](?![ ./-]\\d\\d[ ./-](?:19|20)\\d\\d)(?=\\d{0,4}[ ./-])(?:[ ./-]?\\d){7,11}(?![\\w-]|\\.\\d|[ .-]\\d\\d[ .-]\\d\\d)`,
  // 612 34 56 78, 138 1234 5678
  `${ALONE}(?:[6-9]\\d\\d([ .-])\\d\\d\\1\\d\\d\\1\\d\\d|1[3-9]\\d([ -])\\d{4}\\2\\d{4})(?![\\w-]|[ .]\\d)`,
  // Phone: 98765 43210, tel:5552671
  `(?<!(?<!\\\\)\\p{L}|\\p{N})(?:${WORDS})(?:[\\s_-]?(?:numbers?|nummer|no|nr|num))?[^\\p{L}\\p{N}+]{1,4}(?=\\d)(?<number>\\d(?:${GAP}\\d){5,14})(?!\\d)`,
].map(form => new RegExp(form, 'giu'))

/** A postal code of the United States. */
const NO_NUMBER = /^\d{5}-\d{4}$/

export const findPhoneNumbers: Finder = (text, found) => {
  if (!/\d[^A-Za-z]{4}/.test(text)) return
  for (const form of FORMS) {
    for (const { index, 0: whole, groups } of text.matchAll(form)) {
      const number = groups?.['number'] ?? whole
      if (!NO_NUMBER.test(number)) found(index + whole.length - number.length, index + whole.length)
    }
  }
}
