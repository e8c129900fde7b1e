import { captureRequestErrors } from '@replaystack/edge/vercel'

/** Records the errors of pages, Server Actions and routes that Next.js responds to. */
export const onRequestError = captureRequestErrors()
