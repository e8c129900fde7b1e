import { inspect } from 'node:util'

/** The ways in which a text shows a key: as it is, and as JSON, URLs and `inspect` write it. */
export function keyForms(key: string): string[] {
  return [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key), inspect(key).slice(1, -1), btoa(key)]
}

/** All that is to be seen of a value: printed to any depth, as JSON, and as text. */
export function showAll(value: unknown): string {
  const printed = inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    getters: true,
    maxArrayLength: null,
    maxStringLength: null,
    showProxy: true,
  })
  let text = printed
  for (const write of [JSON.stringify, String]) {
    try {
      text += `\n${write(value)}`
    } catch {
      // A cycle has no JSON.
    }
  }
  if (value instanceof Error) text += `\n${value.name}\n${value.message}\n${value.stack}\n${showAll(value.cause)}`
  return text
}

/** The forms of the key that are to be seen in a value: none, where all is well. */
export function findKey(value: unknown, key: string): string[] {
  const text = showAll(value)
  return keyForms(key).filter(form => text.includes(form))
}
