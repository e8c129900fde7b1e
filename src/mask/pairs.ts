/** Names that stand beside their values instead of before them: `{ name, value }`, `['authorization', '…']`. */
import { type Hides, hidesValue, type MaskNames } from './names.ts'

/** Keys of a record under which the name of its value may stand; `path` is JSON Patch's (RFC 6902 §4), the last ones validators'. */
export const PAIR_NAMES: readonly string[] = ['name', 'key', 'path', 'Name', 'Key', 'property', 'param', 'field', 'loc']

/** Keys of a record whose value may have its name beside it. */
export const PAIR_VALUES: ReadonlySet<string> = new Set(['value', 'Value', 'input'])

/** The private parts of a key that has a `kty` (RFC 7518 §6), a JSON Web Key. */
export const KEY_PARTS: ReadonlySet<string> = new Set(['d', 'k', 'p', 'q', 'dp', 'dq', 'qi'])

/** More than any list of headers has. */
export const MAX_NAME_LENGTH = 64

/** What could be a name at all: nothing else is looked up. */
const NAME = /^[A-Za-z][\w .[\]-]*$/

/** What a name does to the value beside it; of a list its last member is the name (`["body", "password"]`). */
export function hidesBeside(beside: unknown, names: MaskNames): Hides {
  const name: unknown = Array.isArray(beside) ? beside.at(-1) : beside
  return typeof name === 'string' && name.length <= MAX_NAME_LENGTH && names.hides(name)
}

/**
 * The places of a list of texts that are hidden by the text before them: in a pair of name and value, or where these take
 * turns, as in Node's `rawHeaders`. A longer list that could be names alone, a form's required fields, hides nothing.
 */
export function hiddenPlaces(texts: readonly unknown[], names: MaskNames): number[] {
  if (texts.length % 2 > 0) return []
  const hidden: number[] = []
  for (let place = 0; place < texts.length; place += 2) {
    const name = String(texts[place])
    if (name.length > MAX_NAME_LENGTH || !NAME.test(name)) return []
    if (hidesValue(hidesBeside(name, names), texts[place + 1])) hidden.push(place + 1)
  }
  const isPair = texts.length === 2
  return isPair || hidden.some(place => !/^[A-Za-z_]*$/.test(String(texts[place]))) ? hidden : []
}
