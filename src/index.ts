export type { ReplayStackHandle } from './client.ts'
export {
  createReplayStackClient,
  ReplayStackClient,
} from './client.ts'
export type { Auth } from './event/auth.ts'
export { detectAuthMode } from './event/auth.ts'
export type { ErrorCause, ErrorDetails } from './event/error.ts'
export { getErrorDetails } from './event/error.ts'
export { maskSensitiveData } from './event/mask.ts'
export { DEFAULT_MASK_FIELDS } from './event/mask-names.ts'
export { parseStackTrace, type StackHeader } from './event/stack.ts'
export { createTraceId } from './event/trace.ts'
export { truncatePayload, truncateUtf8String } from './event/truncate.ts'
export type { RequestUrlParts } from './event/url.ts'
export {
  buildAbsoluteRequestUrlFromParts,
  normalizeAbsoluteRequestUrl,
  normalizeEndpoint,
  shouldIgnorePath,
} from './event/url.ts'
export type { ScopeOptions } from './scope.ts'
export { runWithReplayStackContext } from './scope.ts'
export type * from './types.ts'
export { SDK_NAME, SDK_VERSION } from './version.ts'
