import { type Context, Hono } from 'hono'
import type { EventFeed } from './event-feed.ts'
import { readQueryParameter } from './event-filter.ts'
import { InvalidInputError } from './invalid-input.ts'
import { readIssueFilter } from './issue-filter.ts'
import { ISSUE_STATES, type IssueState } from './issues/issue.ts'
import { readJsonObject } from './limited-body.ts'
import type { JsonObject } from './replay/payload-kind.ts'
import type { EventStore } from './store.ts'

const MAX_BODY_BYTES = 4096

/** The routes that list issues, show one and change its state. */
export function createIssueRoutes({ store, feed }: { store: EventStore; feed: EventFeed }): Hono {
  const routes = new Hono()

  routes.get('/', context => {
    const parameters = context.req.query()
    return context.json(store.issues({ query: readQueryParameter(parameters), ...readIssueFilter(parameters) }))
  })

  routes.get('/:id', context => {
    const issue = store.issue(context.req.param('id'))
    return issue ? context.json(issue) : refuseUnknown(context)
  })

  routes.patch('/:id', async context => {
    const state = readState(await readJsonObject(context.req.raw, MAX_BODY_BYTES))
    const issue = store.setIssueState(context.req.param('id'), state)
    if (!issue) return refuseUnknown(context)
    feed.publishIssue(issue)
    return context.json({ success: true, data: issue })
  })

  return routes
}

function refuseUnknown(context: Context): Response {
  return context.json({ success: false, message: 'Issue not found' }, 404)
}

/** @throws InvalidInputError saying which states there are */
function readState({ state }: JsonObject): IssueState {
  const known = ISSUE_STATES.find(name => name === state)
  if (known === undefined) throw new InvalidInputError(`state must be one of ${ISSUE_STATES.join(', ')}`)
  return known
}
