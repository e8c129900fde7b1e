/** IP addresses: dotted IPv4 (RFC 791), and IPv6 as RFC 4291 §2.2 writes it. Not those of nobody: loopback, unspecified, broadcast. */
import type { Finder } from './finder.ts'

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const QUAD = `${BYTE}(?:\\.${BYTE}){3}`

/** A word before an address is none of it, but for the letter of an escape: `\n203.0.113.7`. */
const V4: RegExp = new RegExp(`(?<!(?<!\\\\)[A-Za-z]|[\\d_.]|[A-Za-z]-)${QUAD}(?![\\w]|-[A-Za-z]|\\.\\d)`, 'g')
const V6: RegExp = new RegExp(
  `(?<!(?<!\\\\)[A-Za-z]|[\\d_:.])[\\da-f]{0,4}:[\\da-f:]{2,36}(?:(?<=:)${QUAD})?(?![\\w:]|\\.\\d)`,
  'gi',
)

/** What such a number is else: `Chrome/120.0.0.0`, `version 1.2.3.4`. */
const VERSION = /(?:(?:^|[\s"'(;])[A-Z][\w.-]{0,40}\/|\bversion\W{0,4})$/i
const NOBODY = /^(?:127\.|255\.255\.255\.|0\.)|\.0\.0\.0$/

/** What addresses begin with: global unicast (2000::/3), unique local, link local, and IPv4 in IPv6. */
const PREFIX = /^(?:[23][\da-f]{3}|f[cd][\da-f]{2}|fe[89ab][\da-f]|64:ff9b|::ffff:)/i

function isV6(text: string): boolean {
  if (!PREFIX.test(text)) return false
  const halves = text.split('::')
  const groups = halves.flatMap(half => (half === '' ? [] : half.split(':')))
  // The last two groups in one.
  const count = groups.length + (text.includes('.') ? 1 : 0)
  const isWhole = halves.length === 1 ? count === 8 : halves.length === 2 && count < 8
  return isWhole && groups.every(group => /^[\da-f]{1,4}$|\./i.test(group))
}

export const findIpAddresses: Finder = (text, found) => {
  for (const { index, 0: address } of text.matchAll(V4)) {
    const isVersion = VERSION.test(text.slice(Math.max(0, index - 48), index))
    if (!isVersion && !NOBODY.test(address)) found(index, index + address.length)
  }
  if (!/:[\da-f]{0,4}:/i.test(text)) return
  for (const { index, 0: whole } of text.matchAll(V6)) {
    // The colon of a sentence.
    const address = whole.replace(/(?<!:):$/, '')
    if (isV6(address)) found(index, index + address.length)
  }
}
