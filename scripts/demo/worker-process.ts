/** Runs a Worker in workerd until its parent asks it to end, or is gone: wrangler's API, in a process of its own. */
import { unstable_DevEnv as DevEnv } from 'wrangler'
import { fillDatabase } from './fill-database.ts'
import type { WorkerAnswer, WorkerOrder } from './worker-messages.ts'

const environment = new DevEnv()

async function run(order: WorkerOrder): Promise<string> {
  const { config, schema, folder, port, variables, environmentFile } = order
  const filled = fillDatabase({ config, schema, folder, envFiles: [environmentFile] })
  filled.catch(() => {})
  const running = new Promise<void>((resolve, reject) => {
    environment.once('reloadComplete', () => resolve())
    for (const event of ['error', 'buildFailed']) environment.on(event, reject)
  })
  // It is awaited below, after what may fail first.
  running.catch(() => {})
  const worker = await environment.startWorker({
    config,
    envFiles: [environmentFile],
    bindings: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, { type: 'secret_text', value } as const]),
    ),
    // The package is built already.
    build: { custom: { command: '' } },
    dev: {
      server: { hostname: '127.0.0.1', port },
      inspector: false,
      logLevel: 'none',
      persist: folder,
      watch: false,
    },
  })
  await running
  await filled
  return (await worker.url).origin
}

/** wrangler's errors wrap one another; what is wrong stands innermost. */
function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  if ('cause' in error && error.cause) return reasonOf(error.cause)
  return 'message' in error ? String(error.message) : String(error)
}

function end(): void {
  environment.teardown().finally(() => process.exit())
}

process.once('disconnect', end)
process.once('SIGTERM', end)
process.once('message', (order: WorkerOrder) => {
  const answer = (message: WorkerAnswer) => process.send?.(message)
  run(order).then(
    url => answer({ url }),
    error => answer({ failed: reasonOf(error) }),
  )
})
