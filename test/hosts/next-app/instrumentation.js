import { captureRequestErrors } from '@replaystack/edge/vercel'

export const onRequestError = captureRequestErrors()
