/** Vercel functions, and Next.js: route handlers, proxy (middleware), Server Actions and `instrumentation.ts`. */
export { type VercelHandler, withReplayStack } from './handler.ts'
export { captureRequestErrors, type NextErrorContext, type NextErrorRequest } from './request-errors.ts'
export { type ServerActionConfiguration, type ServerActionOptions, withServerAction } from './server-action.ts'
