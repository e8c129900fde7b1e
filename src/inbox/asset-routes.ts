import { Hono } from 'hono'
import { assets } from './page/assets.ts'

/** What the pages load. */
export function createAssetRoutes(): Hono {
  const routes = new Hono()
  for (const { path, contentType, text } of Object.values(assets)) {
    routes.get(path, context =>
      context.body(text, 200, {
        'content-type': contentType,
        'content-security-policy': "default-src 'none'",
        // The address changes with the text.
        'cache-control': 'public, max-age=31536000, immutable',
      }),
    )
  }
  return routes
}
