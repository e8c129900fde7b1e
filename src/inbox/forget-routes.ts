import { Hono } from 'hono'
import { readJsonObject } from './limited-body.ts'
import { type PersonStep, type PersonStepOptions, readPerson } from './person.ts'
import type { EventStore } from './store.ts'

const MAX_BODY_BYTES = 16 * 1024

/** Begins the cursors of what is looked at after the store. */
const ELSEWHERE = 'elsewhere:'

export interface ForgetRoutesOptions {
  store: EventStore
  /** Is called before events of somebody are removed, and waited for. @default nothing is done */
  beforeRemoving?: ((person: string) => Promise<void>) | undefined
  /** Looks where else events are: those that are on their way. @default nowhere */
  forgetElsewhere?: ((options: PersonStepOptions) => Promise<PersonStep>) | undefined
}

/**
 * `POST { person, remove, after }`: looks for the events that mention somebody, and removes them with `remove: true`. It goes in
 * steps: `next` is the `after` of the next one.
 */
export function createForgetRoutes({ store, beforeRemoving, forgetElsewhere }: ForgetRoutesOptions): Hono {
  const routes = new Hono()
  routes.post('/', async context => {
    const { person, remove, after } = await readJsonObject(context.req.raw, MAX_BODY_BYTES)
    const options = { person: readPerson(person), isRemoving: remove === true }
    const cursor = typeof after === 'string' ? after : ''
    if (forgetElsewhere && cursor.startsWith(ELSEWHERE)) {
      const { found, next } = await forgetElsewhere({ ...options, after: cursor.slice(ELSEWHERE.length) })
      return context.json({ success: true, data: { found, next: next === undefined ? null : ELSEWHERE + next } })
    }
    if (options.isRemoving && cursor === '') await beforeRemoving?.(options.person)
    const { found, next } = store.forget({ ...options, after: cursor || undefined })
    const last = forgetElsewhere ? ELSEWHERE : null
    return context.json({ success: true, data: { found, next: next ?? last } })
  })
  return routes
}
