export type { ReplayStackHandle } from './client/client.ts'
export {
  createReplayStackClient,
  ReplayStackClient,
  ReplayStackClient as ReplayStack,
} from './client/client.ts'
export {
  addContextBreadcrumb,
  clearContextBreadcrumbs,
  getContextBreadcrumbs,
} from './client/context-breadcrumbs.ts'
export type { ScopeOptions } from './client/scope.ts'
export { runWithReplayStackContext } from './client/scope.ts'
export type { Auth } from './event/auth.ts'
export { detectAuthMode } from './event/auth.ts'
export type { ErrorCause, ErrorDetails } from './event/error.ts'
export { captureFailure, type ErrorCapture, getErrorDetails, getReplayStackErrorCapture } from './event/error.ts'
export { type HeaderInput, headersToObject } from './event/headers.ts'
export { safeJsonClone } from './event/json-clone.ts'
export { formatStackFrameLocation, parseStackTrace, pickPrimaryStackFrame, type StackHeader } from './event/stack.ts'
export { createTraceId } from './event/trace.ts'
export type { RequestUrlParts } from './event/url.ts'
export {
  buildAbsoluteRequestUrlFromParts,
  normalizeAbsoluteRequestUrl,
  normalizeEndpoint,
  shouldIgnorePath,
} from './event/url.ts'
export { SDK_NAME, SDK_VERSION } from './event/version.ts'
export { resolveMaskFields } from './mask/fields.ts'
export { maskSensitiveData } from './mask/json.ts'
export { DEFAULT_MASK_FIELDS } from './mask/names.ts'
export { truncatePayload, truncateUtf8String } from './mask/truncate.ts'
export type * from './types.ts'
