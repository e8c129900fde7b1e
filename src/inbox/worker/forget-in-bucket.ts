import { PersonMatcher, type PersonStep, type PersonStepOptions } from '../person.ts'
import { DEAD_PREFIX } from './dead-letters.ts'
import type { Bucket } from './platform.ts'
import { LARGE_PREFIX, readMessage } from './queued-event.ts'

/** Objects that one step reads: each may have 10 MB. */
const STEP = 20

/** The same for the events that the bucket has of a project: those that wait for the queue, and those that could not be stored. */
export async function forgetInBucket(
  project: string,
  { person, isRemoving, after = '' }: PersonStepOptions,
  bucket: Bucket,
): Promise<PersonStep> {
  const matcher = new PersonMatcher(person)
  const [, kind = LARGE_PREFIX, cursor = ''] = /^(large\/|dead\/):(.*)$/s.exec(after) ?? []
  const page = await bucket.list({ prefix: `${kind}${project}/`, limit: STEP, ...(cursor && { cursor }) })
  const found: string[] = []
  for (const { key } of page.objects) {
    const text = (await (await bucket.get(key))?.text()) ?? ''
    if (matcher.isIn(readEvent(text))) found.push(key)
  }
  if (isRemoving && found.length > 0) await bucket.delete(found)
  if (page.truncated) return { found: found.length, next: `${kind}:${page.cursor}` }
  return { found: found.length, ...(kind === LARGE_PREFIX && { next: `${DEAD_PREFIX}:` }) }
}

/** What is no JSON is looked through as it is. */
function readEvent(text: string): unknown {
  const json = readMessage(text)?.json ?? text
  try {
    return JSON.parse(json)
  } catch {
    return text
  }
}
