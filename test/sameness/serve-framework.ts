/** A plain application for a framework that has one place for every request, and what records those of them that are ours. */
import { recordError, withReplayStack } from '../../src/adapters/fetch.ts'
import { createFetchApp, RECORDED } from './fetch-app.ts'
import type { FetchAnswer } from './fetch-ways.ts'
import { RUN_HEADER, type Ways } from './way.ts'

/** SvelteKit's is called with an object that has the event. */
type First = Request | { request: Request } | { event: { request: Request } }
type Handler = (first: First, ...rest: unknown[]) => unknown

const isOurs = (request: Request): boolean => request.headers.get(RUN_HEADER)?.startsWith('ours') ?? false

/** What the framework calls for every request. */
export const createEndpoint = (lacks: readonly string[] = [], ways: Ways<FetchAnswer> = {}): Handler =>
  createFetchApp({ isPlain: true, wrap: handler => handler, lacks, ways }) as Handler

/** The framework's middleware, or what is around it: recorded where the run is ours. */
export function record(handler: Handler): Handler {
  const recorded = withReplayStack(handler as (request: Request) => Response, RECORDED) as Handler
  return (first, ...rest) => {
    const { request } = first instanceof Request ? { request: first } : 'event' in first ? first.event : first
    return isOurs(request) ? recorded(first, ...rest) : handler(first, ...rest)
  }
}

export { recordError }
