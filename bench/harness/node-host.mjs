/** Serves the application whose module is named, on Node. */
import { pathToFileURL } from 'node:url'
import { serve } from '@hono/node-server'
import { serveParent } from './helper.mjs'

const { default: app } = await import(pathToFileURL(process.argv[2]))
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
  serveParent({
    url: () => `http://127.0.0.1:${port}`,
    /** Megabytes in use, with what is not collected yet. */
    heap: () => process.memoryUsage().heapUsed / 2 ** 20,
  }),
)
