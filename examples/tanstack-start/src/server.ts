import { withReplayStack } from '@replaystack/edge/fetch'
import handler, { createServerEntry } from '@tanstack/react-start/server-entry'

// Records every request: pages, server routes and server functions. Key and settings come from the environment.
export default createServerEntry({
  fetch: withReplayStack((request: Request) => handler.fetch(request)),
})
