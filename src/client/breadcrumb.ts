import { read } from '../safe-read.ts'

/** What a breadcrumb's second argument says of it: it is the options, or else the metadata itself. */
export function breadcrumbFields(given: unknown): { category?: unknown; level?: unknown; metadata?: unknown } {
  if (!isOptions(given)) return { metadata: given }
  return { category: read(given, 'category'), level: read(given, 'level'), metadata: read(given, 'metadata') }
}

/** Options have a category or a level; an object that has `metadata` alone is taken for them too. */
function isOptions(given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return given === undefined || given === null
  if (read(given, 'category') !== undefined || read(given, 'level') !== undefined) return true
  try {
    return Object.keys(given).every(name => name === 'metadata')
  } catch {
    // A Proxy that refuses to be listed.
    return true
  }
}
