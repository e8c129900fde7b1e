/** The applications as a route handler of Next.js, on Node and in its edge runtime. */
import { withReplayStack } from '../../src/adapters/vercel/index.ts'
import { createFetchApp } from './fetch-app.ts'

type Route = (request: Request, context: unknown) => Response

/** What never ends by itself: Next.js keeps what it fetches, and goes on reading it when its client has left. */
const NEVER_LEFT = ['head-stream-left', 'passed-on-and-left', 'passed-on-known-and-left']
/** Nor, in its edge runtime, what fails before its first byte, and a stream in response to HEAD. */
const NEVER_ENDED = ['cut-upload', 'used-response', 'locked-response', 'head-stream']

/** @param base the path of the file that this is the route of, without its parameter */
export const createRoute = (base: string, isEdge: boolean): Route =>
  createFetchApp({
    wrap: (handler, options) => withReplayStack(handler, options),
    base,
    lacks: isEdge ? [...NEVER_LEFT, ...NEVER_ENDED] : NEVER_LEFT,
  }) as Route
