import { withReplayStack } from '@replaystack/edge/fetch'

type Context = Parameters<PagesFunction>[0]

/**
 * Records every request that a function takes, and every error that one throws. Key and settings come from `context.env`. The request
 * is passed on: without that, functions get a copy, and the body of one that throws is not recorded.
 */
export const onRequest: PagesFunction = withReplayStack((context: Context) => context.next(context.request))
