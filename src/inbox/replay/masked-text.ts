import { MASKED } from '../../event/mask-text.ts'

/** Whether something in a text was masked, also where the mask itself was percent-encoded. */
export function hasMask(text: string): boolean {
  return text.includes(MASKED) || text.includes('%5BMASKED%5D')
}

/** Whether a text is the masked one with something, or nothing, in each mask's place. Linear. */
export function matchesMasked(masked: string, text: string): boolean {
  const parts = masked.split(MASKED)
  const first = parts[0] ?? ''
  const last = parts[parts.length - 1] ?? ''
  if (parts.length === 1) return masked === text
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let from = first.length
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return from <= text.length - last.length
}
