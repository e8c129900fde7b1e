// `npm run dev`: the shop of the examples in workerd until Ctrl-C, with the package as it was built. It watches its files.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { unstable_startWorker as startWorker } from 'wrangler'

const at = path => fileURLToPath(new URL(`../${path}`, import.meta.url))
const cwd = at('examples/shop')
const setup = ['d1', 'execute', 'shop', '--local', '--yes', '--file', 'schema.sql']
const { status } = spawnSync(process.execPath, [at('node_modules/wrangler/bin/wrangler.js'), ...setup], { cwd })
if (status !== 0) throw new Error('The database could not be made: npm run setup in examples/shop says why')

const worker = await startWorker({
  config: at('examples/shop/wrangler.jsonc'),
  // The package cannot find itself by its name from an example's folder.
  build: {
    alias: {
      '@replaystack/edge/cloudflare': at('dist/cloudflare.js'),
      '@replaystack/edge/hono': at('dist/hono.js'),
    },
  },
  dev: { server: { hostname: '127.0.0.1', port: Number(process.env.PORT ?? 8787) } },
})
console.log(`The shop listens on ${(await worker.url).origin}; its key and endpoint come from examples/shop/.dev.vars`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => worker.dispose().finally(() => process.exit()))
