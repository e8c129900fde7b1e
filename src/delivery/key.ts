/** The API key's text, taken out of what others may see. */

/** A shorter one is no secret (`local`, `test`), and stands in anything. */
export const MIN_KEY_LENGTH = 8

/** `text` without the key, as it is and as JSON writes it. */
export function maskKey(text: string, key: string): string {
  if (key.length < MIN_KEY_LENGTH) return text
  return text.replaceAll(key, '[MASKED]').replaceAll(JSON.stringify(key).slice(1, -1), '[MASKED]')
}

/** What a JSON text says, its strings and names without the key. */
export function parseWithoutKey(json: string, key: string): unknown {
  // Without an escape, the key would be seen: nearly every answer, and a tenth of the time.
  if (!json.includes('\\') && !json.includes(key)) return JSON.parse(json)
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value === 'string') return maskKey(value, key)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [maskKey(name, key), member]))
  })
}
