import type { JsonValue } from '../../types.ts'
import { InvalidInputError } from '../invalid-input.ts'

/**
 * A body as it is copied: a text as it is, anything else as JSON in lines.
 *
 * @throws InvalidInputError for one that cannot be written
 */
export function payloadText(payload: JsonValue): string {
  if (typeof payload === 'string') return payload
  try {
    return JSON.stringify(payload, null, 2)
  } catch {
    // Too deep for what JavaScript has, or too wide for one string.
    throw new InvalidInputError('The body is nested too deeply to be written as text')
  }
}
