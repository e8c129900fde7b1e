/** Secrets in XML and HTML: an element's content by its name, and an attribute by another that names or types it. */
import type { Found } from './found.ts'
import { MASKED } from './masked.ts'
import type { MaskNames } from './names.ts'

const TAG = /<((?:[\w.-]{1,64}:)?[\w.-]{1,64})((?:\s|\/(?!>))[^<>]*)?>/g
const CLOSING = /<\/([\w.:-]{1,129})\s*>/g
const NAMING = /\s(?:name|type|key|id|property|field)=\\*(["']?)([^"'\s\\<>]{1,200})\\*\1/gi
const VALUE = /\s(?:value|content)=(\\*["'])/gi

/** A property list's key before its value, and pairs like it. */
const PAIR = /<(?:key|name)>\s*([\w.[\]-]{1,64})\s*<\/(?:key|name)>\s*<\w{1,32}>(?=([^<]+))/gi

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
  for (const match of text.matchAll(PAIR)) {
    const start = match.index + match[0].length
    if (names.hides(match[1] ?? '')) found.add(start, start + (match[2] ?? '').length, MASKED)
  }
  let places: Map<string, number[]> | undefined
  TAG.lastIndex = 0
  for (let match = TAG.exec(text); match; match = TAG.exec(text)) {
    const [, name = '', attributes = ''] = match
    const start = TAG.lastIndex
    const attributesAt = start - 1 - attributes.length
    let hides = names.hides(name.slice(name.indexOf(':') + 1)) !== false
    if (attributes) {
      NAMING.lastIndex = 0
      for (let one = NAMING.exec(attributes); one; one = NAMING.exec(attributes)) {
        if (names.hides(one[2] ?? '') === false) continue
        hides ||= !attributes.endsWith('/')
        maskAttributes(attributes, attributesAt, found)
        break
      }
    }
    if (!hides || attributes.endsWith('/')) continue
    places ??= closings(text)
    const list = places.get(name)
    while (list && (list.at(-1) ?? start) < start) list.pop()
    const close = list?.at(-1)
    if (close !== undefined) found.add(start, close, MASKED)
    // Without its end it was cut; or it is no element (`Map<Token>`, `usage: <token>`).
    else if (!/\w/.test(text[match.index - 1] ?? '') && /^\s*</.test(text.slice(0, 64))) {
      const rest = /^[^\s<][^<]*(?:<\/?[\w.:-]*)?$/.exec(text.slice(start, start + 4096))
      if (rest) found.add(start, text.length, MASKED)
    }
  }
}

function maskAttributes(attributes: string, at: number, found: Found): void {
  VALUE.lastIndex = 0
  for (let match = VALUE.exec(attributes); match; match = VALUE.exec(attributes)) {
    const end = attributes.indexOf(match[1] ?? '"', VALUE.lastIndex)
    found.add(at + VALUE.lastIndex, at + (end < 0 ? attributes.length : end), MASKED)
  }
}
