/** UTF-16 units of a message that say of which kind it is. */
const MAX_READ = 2000
const MAX_KIND = 300

/**
 * What differs between two messages of one kind, from the most particular to the least, each with what stands for it.
 * Every quantifier that could meet itself again is bounded: a stranger's message costs no more than its length.
 */
const VARIABLE_PARTS: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s'"`<>)\]}]{1,1000}/gi, '<url>'],
  [/[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}/g, '<email>'],
  // In quotes, but not between an apostrophe and the next: "can't read the user's name".
  [/(?<![\w\\])'(?:[^'\\\n]|\\.){0,500}'(?!\w)/g, '<text>'],
  [/"(?:[^"\\\n]|\\.){0,500}"/g, '<text>'],
  [/`(?:[^`\\\n]|\\.){0,500}`/g, '<text>'],
  [/[“„«‘](?:[^”“»’\n]){0,500}[”“»’]/g, '<text>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?)?/g, '<date>'],
  [
    /\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} \d{1,2}|\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6})(?:,? \d{4})?(?:,? \d{1,2}:\d\d(?::\d\d)?(?: ?(?:GMT|UTC)(?:[+-]\d{4})?)?)?/g,
    '<date>',
  ],
  [/\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b/g, '<date>'],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?\b/g, '<date>'],
  [/\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b/gi, '<id>'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b/g, '<id>'],
  [/\[?(?:[\da-f]{0,4}:){3,7}[\da-f]{1,4}\]?(?::\d{1,5})?/gi, '<id>'],
  [/\b0x[\da-f]{1,64}\b/gi, '<id>'],
  // Hexadecimal digits, and long tokens of letters and digits mixed; a word of letters alone stays.
  [/\b(?=[a-f]{0,64}\d)(?=\d{0,64}[a-f])[\da-f]{6,64}\b/gi, '<id>'],
  [/(?<![\w-])(?=[\w-]{0,100}\d)(?=[\w-]{0,100}[A-Za-z])[A-Za-z\d_-]{20,100}(?![\w-])/g, '<id>'],
  // An id after its prefix: `ord_7f3a`, `cus-12ab`.
  [/(?<![A-Za-z\d])([A-Za-z]{2,12})[_-](?=[A-Za-z]{0,40}\d)[A-Za-z\d]{1,40}\b/g, '$1_<id>'],
  [/(?<![A-Za-z\d])[+-]?\d[\d.,_]{0,40}(?:e[+-]?\d{1,3})?(?<![.,_])/gi, '<n>'],
]

/** A message without its numbers, ids, addresses, dates and quoted values: the same for all messages of one kind. */
export function readMessageKind(message: string): string {
  let kind = message.slice(0, MAX_READ)
  for (const [pattern, substitute] of VARIABLE_PARTS) kind = kind.replace(pattern, substitute)
  return kind.replace(/\s+/g, ' ').trim().slice(0, MAX_KIND)
}
