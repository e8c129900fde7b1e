import { BodyText } from '../../src/mask/json.ts'

/** What a payload says: of a body's text, its value. */
export function payloadValue(payload: unknown): unknown {
  if (!BodyText.is(payload)) return payload
  const { text, isJson, whole } = payload
  if (whole) return { ...whole, beginning: text }
  try {
    return isJson ? JSON.parse(text) : text
  } catch {
    return text
  }
}
