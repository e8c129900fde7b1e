/** Events on their way into the object of their project. */
import { read } from '../../safe-read.ts'
import type { KeptSources } from '../source-maps.ts'
import { stubOf } from './objects.ts'
import type { TeamInboxEnv } from './platform.ts'

export interface Insertion {
  message: string
  /** Its frames in their sources. */
  sources?: KeptSources | undefined
}

/**
 * Has a project's object store events.
 *
 * @returns the ids of those that cannot be stored
 * @throws where none is stored
 */
export async function insertEvents(
  project: string,
  insertions: readonly Insertion[],
  { PROJECTS }: TeamInboxEnv,
): Promise<Set<string>> {
  const request = new Request('https://inbox/insert', { method: 'POST', body: JSON.stringify(insertions) })
  const response = await stubOf(PROJECTS, project).fetch(request)
  if (!response.ok) throw new Error(`The project's object responded ${response.status}`)
  const failed = read(await response.json(), 'failed')
  return new Set(Array.isArray(failed) ? failed.map(String) : [])
}
