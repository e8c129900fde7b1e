import { matchesParts } from '../../mask/names.ts'
import { MASKED } from '../../mask/text.ts'

/** Whether something in a text was masked, also where the mask itself was percent-encoded. */
export function hasMask(text: string): boolean {
  return text.includes(MASKED) || text.includes('%5BMASKED%5D')
}

/** Whether a text is the masked one with something, or nothing, in each mask's place. Linear. */
export function matchesMasked(masked: string, text: string): boolean {
  const parts = masked.split(MASKED)
  return parts.length === 1 ? masked === text : matchesParts(text, parts)
}
