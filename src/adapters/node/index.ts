/** Servers, workers and scripts on Node; Deno and Bun run it too. */
export { recordError } from '../../observe/lifecycle.ts'
export type { LogReceiver } from '../../types.ts'
export { createReplayStackClient } from './client.ts'
export { installReplayStackProcessGuards, type ProcessGuardOptions } from './guards.ts'
export { withReplayStack } from './handler.ts'
export { type ReplayStackJob, runReplayStackJob } from './job.ts'
export { pinoLogMethod } from './log-hooks.ts'
export {
  type ErrorHandler,
  type NodeRequest,
  type NodeResponse,
  type Recorder,
  type ReplayStackRequest,
  replaystack,
} from './middleware.ts'
