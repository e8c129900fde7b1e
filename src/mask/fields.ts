import type { RemoteMaskingRules } from '../types.ts'
import { DEFAULT_MASK_FIELDS } from './names.ts'

/** The names in force: the defaults, then `fields`, then the remote ones, each once. */
export function resolveMaskFields(
  fields?: readonly string[] | null,
  remote?: RemoteMaskingRules | null,
): readonly string[] {
  return [...new Set([...DEFAULT_MASK_FIELDS, ...(fields ?? []), ...(remote?.fields ?? [])])]
}
