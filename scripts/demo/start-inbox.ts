import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import type { Child } from './child-process.ts'
import { startChild } from './child-process.ts'
import type { Cleanup } from './cleanup.ts'
import { withDeadline } from './deadline.ts'
import { DemoError } from './demo-error.ts'
import { fileOf, ROOT } from './places.ts'

/** The inbox, which listens. */
export interface Inbox {
  /** Without a trailing slash. */
  url: string
  child: Child
}

/**
 * `replaystack inbox`, as it is published, with its events in a SQLite file.
 *
 * @throws {@link DemoError} with the inbox's own words when it does not start
 */
export async function startInbox(port: number, database: string, cleanup: Cleanup): Promise<Inbox> {
  // Where the Worker is built to, with its source maps, once it starts.
  const maps = fileOf('.wrangler')
  await mkdir(maps, { recursive: true })
  const args = [fileOf('dist/inbox/cli.js'), 'inbox', '--port', String(port), '--db', database, '--sourcemaps', maps]
  const child = startChild(process.execPath, args, { cwd: ROOT, env: { ...process.env, NO_COLOR: '1' }, cleanup })
  return { url: await withDeadline(readAddress(child), 20, 'The inbox did not start'), child }
}

async function readAddress(child: Child): Promise<string> {
  for (;;) {
    const url = /^ReplayStack inbox: (\S+)$/m.exec(child.output())?.[1]
    if (url) return url
    const more = child.process.stdout ? once(child.process.stdout, 'data').then(() => true) : child.ended
    if (!(await Promise.race([more, child.ended]))) throw new DemoError(`The inbox did not start: ${lastWords(child)}`)
  }
}

function lastWords(child: Child): string {
  const lines = child.output().trim().split('\n')
  const own = lines.findLast(line => line.startsWith('replaystack: '))
  // The command that it goes on to suggest names the demo's own folder, which is gone by then.
  return (
    own?.slice('replaystack: '.length).replace(/\. [^.:]+: npx replaystack .*/, '') ??
    lines.at(-1) ??
    'it printed nothing'
  )
}
