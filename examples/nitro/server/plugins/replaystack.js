import { recordError, replaystack } from '@replaystack/edge/node'

/** Records every request of a Nuxt or Nitro server on Node. Key and settings come from the environment. */
export default defineNitroPlugin(nitro => {
  const record = fromNodeMiddleware(replaystack())
  nitro.hooks.hook('request', event => record(event))
  // Nitro responds to errors by itself: the request's event gets them here.
  nitro.hooks.hook('error', (error, { event }) => recordError(error.cause ?? error, event?.node.req))
})
