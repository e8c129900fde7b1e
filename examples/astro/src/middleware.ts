import { withReplayStack } from '@replaystack/edge/fetch'
import type { MiddlewareHandler } from 'astro'

/** Records every request: pages, endpoints and actions. Key and settings come from the environment. */
export const onRequest: MiddlewareHandler = withReplayStack((_context, next) => next())
