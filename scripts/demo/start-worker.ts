import { once } from 'node:events'
import { readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from './child-process.ts'
import type { Cleanup } from './cleanup.ts'
import { withDeadline } from './deadline.ts'
import { DemoError } from './demo-error.ts'
import { EXAMPLE, fileOf, ROOT } from './places.ts'
import type { WorkerAnswer, WorkerOrder } from './worker-messages.ts'

/** The Worker, which answers. */
export interface Worker {
  /** Without a trailing slash. */
  url: string
  child: Child
}

interface WorkerOptions {
  /** 0 takes a free one. */
  port: number
  /** What its `env` holds besides the `vars` of `wrangler.toml`. */
  variables: Readonly<Record<string, string>>
  /** Where wrangler may write what it remembers. */
  folder: string
  cleanup: Cleanup
}

/**
 * The Worker of `wrangler.toml`, in workerd, with its database and queue.
 *
 * @throws {@link DemoError} in one line when it does not start
 */
export async function startWorker({ port, variables, folder, cleanup }: WorkerOptions): Promise<Worker> {
  cleanup.add({ politely: () => {}, atOnce: removeEmptyFolders })
  const env = {
    ...process.env,
    // Nothing is sent, fetched or written outside the demo's own folder.
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_WRITE_LOGS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    XDG_CONFIG_HOME: folder,
    TMPDIR: folder,
  }
  const child = startChild(process.execPath, [fileOf('scripts/demo/worker-process.ts')], {
    cwd: ROOT,
    env,
    channel: true,
    cleanup,
  })
  const order: WorkerOrder = {
    config: fileOf('wrangler.toml'),
    schema: readFileSync(fileOf(`${EXAMPLE}/schema.sql`), 'utf8'),
    folder: join(folder, 'state'),
    port,
    variables,
    environmentFile: join(folder, 'no-variables.env'),
  }
  child.process.send(order)
  const answered: Promise<WorkerAnswer> = once(child.process, 'message').then(([answer]) => answer)
  const died = child.ended.then(() => ({ failed: lastWords(child) }))
  const answer = await withDeadline(Promise.race([answered, died]), 60, 'The Worker did not start')
  if ('url' in answer) return { url: answer.url, child }
  if (/already in use/i.test(answer.failed)) {
    throw new DemoError(`The Worker did not start: Port ${port} is already in use`)
  }
  throw new DemoError(`The Worker did not start: ${answer.failed}`)
}

function lastWords(child: Child): string {
  return child.output().trim().split('\n').at(-1) || 'it printed nothing'
}

/** wrangler empties its folder in the checkout, but leaves it there; `rmdir` takes only what is empty. */
function removeEmptyFolders(): void {
  for (const folder of ['.wrangler/tmp', '.wrangler']) rmdirSync(fileOf(folder))
}
