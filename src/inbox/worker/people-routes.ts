import { Hono } from 'hono'
import { InvalidInputError } from '../invalid-input.ts'
import { MAX_NAME_LENGTH, readBody, readRights, refuse, respondMade } from './admin-request.ts'
import type { PeopleStore } from './people.ts'

/** The routes that say what those may do whom Cloudflare Access lets in. */
export function createPeopleRoutes(store: PeopleStore): Hono {
  const routes = new Hono()

  routes.get('/', context => context.json({ people: store.people() }))

  routes.post('/', async context => {
    const body = await readBody(context)
    const identity = readIdentity(body['identity'])
    store.setPerson(identity, readRights(body))
    return respondMade(context, `/people/${encodeURIComponent(identity)}`, { identity, ...store.findPerson(identity) })
  })

  routes.delete('/:identity', context => {
    if (!store.removePerson(context.req.param('identity').toLowerCase()))
      return refuse(context, 404, 'Person not found')
    return context.json({ success: true, message: 'Person removed' })
  })

  return routes
}

/** As Access has it: an e-mail address, or a service token's client id, which ends by `.access`. */
function readIdentity(value: unknown): string {
  if (typeof value === 'string' && value.length <= MAX_NAME_LENGTH && /^[^\s/@]+(@[^\s/@]+|\.access)$/.test(value)) {
    return value.toLowerCase()
  }
  throw new InvalidInputError('identity must be an e-mail address, or the client id of a service token of Access')
}
