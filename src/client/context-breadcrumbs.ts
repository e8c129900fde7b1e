/** The breadcrumbs of the scope that this code runs in, for code that has no client at hand. */

import { safeJsonClone } from '../event/json-clone.ts'
import { breadcrumbFields, hasText, LEVELS } from '../event/notes.ts'
import type { Breadcrumb, BreadcrumbDetails, BreadcrumbMetadata } from '../types.ts'
import { currentScope, keepNewest } from './scope.ts'

/** Breadcrumbs kept until a client, whose `maxBreadcrumbs` is not known here, makes its event of them. */
const MAX_BREADCRUMBS = 1_000

/**
 * Adds a breadcrumb to the scope that this code runs in, as the client's `addBreadcrumb` does; it is masked by the client
 * that makes the scope's event. Never throws.
 * @returns whether there was a scope to add it to, and something to add
 */
export function addContextBreadcrumb(message: string, details?: BreadcrumbDetails | BreadcrumbMetadata): boolean {
  const scope = currentScope()
  if (!scope || !hasText(message)) return false
  const { category, level, metadata } = breadcrumbFields(details)
  const note = {
    message: String(message),
    category: typeof category === 'string' ? category : undefined,
    level: LEVELS.find(known => known === level) ?? 'info',
    metadata: safeJsonClone(metadata),
    timestamp: new Date(),
  }
  keepNewest(scope.breadcrumbs, note, MAX_BREADCRUMBS)
  return true
}

/** The breadcrumbs of the scope that this code runs in, oldest first; none outside any scope. */
export function getContextBreadcrumbs(): Breadcrumb[] {
  return (currentScope()?.breadcrumbs ?? []).map((kept): Breadcrumb => {
    if (typeof kept === 'string') return JSON.parse(kept)
    const { message, category, level, metadata, timestamp } = kept
    return {
      message,
      ...(category !== undefined && { category }),
      level,
      ...(metadata !== undefined && { metadata }),
      timestamp: timestamp.toISOString(),
    }
  })
}

/** Removes the breadcrumbs of the scope that this code runs in. */
export function clearContextBreadcrumbs(): void {
  const scope = currentScope()
  if (scope) scope.breadcrumbs = []
}
