import { recordError, withReplayStack } from '@replaystack/edge/fetch'
import type { Handle, HandleServerError } from '@sveltejs/kit'

/** Records every request: pages, endpoints and actions. Key and settings come from the environment. */
export const handle: Handle = withReplayStack(({ event, resolve }) => resolve(event))

/** SvelteKit responds to errors by itself: here the request's event gets them. */
export const handleError: HandleServerError = ({ error, event }) => {
  recordError(error, event.request)
}
