import { JsonText } from '../../src/body/json-text.ts'

/** What a payload says: of a JSON body's text, its value. */
export function payloadValue(payload: unknown): unknown {
  const text = JsonText.of(payload)
  try {
    return text === undefined ? payload : JSON.parse(text)
  } catch {
    return text
  }
}
