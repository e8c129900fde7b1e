/** Secrets in XML and HTML: an element's content by its name, and an attribute by another that names or types it. */
import { eachMatch, type Found } from './found.ts'
import type { MaskNames } from './names.ts'

const TAG = /<((?:[\w.-]{1,64}:)?[\w.-]{1,64})((?:\s|\/(?!>))[^<>]*)?>/g
const CLOSING = /<\/([\w.:-]{1,129})\s*>/g
const NAMING = /\s(?:name|type|key|id|property|field)=\\*(["']?)([^"'\s\\<>]{1,200})\\*\1/gi
const VALUE = /\s(?:value|content)=(\\*["']|(?=[^\s"'\\]))/gi

/** A property list's key before its value, a table's cells, and pairs like these. */
const PAIR =
  /<(?:key|name|t[dh]|dt|label)(?:\s[^<>]{0,200})?>\s*([\w .[\]-]{1,64}):?<\/\w{2,5}>\s*(?:<\w{1,32}(?:\s[^<>]{0,200})?>\s*){1,3}(?=([^<]+))/gi

/** Where closing tags stand, by name, in turn. */
function closings(text: string): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const match of text.matchAll(CLOSING)) {
    const [, name = ''] = match
    const list = places.get(name)
    if (list) list.push(match.index)
    else places.set(name, [match.index])
  }
  for (const list of places.values()) list.reverse()
  return places
}

export function findTags(text: string, names: MaskNames, found: Found): void {
  eachMatch(PAIR, text, ([, name = '', value = ''], start) => {
    if (names.hides(name.trim())) found(start, start + value.length)
  })
  let places: Map<string, number[]> | undefined
  eachMatch(TAG, text, ({ index, 1: name = '', 2: attributes = '' }, start) => {
    let hides = names.hides(name.slice(name.indexOf(':') + 1)) !== false
    const isNamed = attributes !== '' && [...attributes.matchAll(NAMING)].some(one => names.hides(one[2] ?? ''))
    if (isNamed) {
      hides = true
      eachMatch(VALUE, attributes, ([, quote = ''], from) => {
        const end = quote ? attributes.indexOf(quote, from) : from + attributes.slice(from).search(/\s|\/?$/)
        const at = start - 1 - attributes.length
        found(at + from, at + (end < 0 ? attributes.length : end))
      })
    }
    if (!hides || attributes.endsWith('/')) return
    places ??= closings(text)
    const list = places.get(name)
    while (list && (list.at(-1) ?? start) < start) list.pop()
    const close = list?.at(-1)
    if (close !== undefined) found(start, close)
    // Without its end it was cut; or it is no element (`Map<Token>`, `usage: <token>`).
    else if (!/\w/.test(text[index - 1] ?? '') && /^\s*</.test(text.slice(0, 64))) {
      if (/^[^\s<][^<]*(?:<\/?[\w.:-]*)?$/.test(text.slice(start, start + 4096))) found(start, text.length)
    }
  })
}
