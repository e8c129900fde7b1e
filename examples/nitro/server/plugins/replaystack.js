import { recordError, replaystack } from '@replaystack/edge/node'

/** Records every request of a Nuxt or Nitro server, whatever its preset. Key and settings come from the environment. */
export default defineNitroPlugin(nitro => {
  const record = fromNodeMiddleware(replaystack())
  /** @param {import('h3').H3Event} event */
  const nameRoute = ({ context, node }) => {
    const route = context.pageRoute ?? context.matchedRoute?.path
    // Every page of Nuxt is behind one route, which says nothing.
    if (route && route !== '/**') node.req.replaystack?.addMetadata({ route })
  }
  nitro.hooks.hook('request', event => record(event))
  nitro.hooks.hook('beforeResponse', nameRoute)
  // Nitro responds to errors by itself: the request's event gets them here.
  nitro.hooks.hook('error', (error, { event }) => {
    if (event) nameRoute(event)
    recordError(error.cause ?? error, event?.node.req)
  })
})
