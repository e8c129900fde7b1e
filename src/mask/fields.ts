import { DEFAULT_MASK_FIELDS } from './names.ts'

/** Names to mask that a service hands out, as the option `remoteMaskingRules` takes them. */
export interface RemoteMaskingRules {
  /** Added to the names that are masked. */
  fields?: readonly string[] | null | undefined
}

/** The names in force: the defaults, then `fields`, then the remote ones, each once. */
export function resolveMaskFields(
  fields?: readonly string[] | null,
  remote?: RemoteMaskingRules | null,
): readonly string[] {
  return [...new Set([...DEFAULT_MASK_FIELDS, ...(fields ?? []), ...(remote?.fields ?? [])])]
}
