/** A Worker of this repository, run by `wrangler dev` from its own configuration, as its README has a reader run it. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished, vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { freePort, keyAndInbox, type RunningExample, runExample } from './example-project.ts'

const WRANGLER = join(root, 'node_modules/wrangler/bin/wrangler.js')

export interface ExampleWorker {
  url: string
  example: RunningExample
  /** The folder that it runs in. */
  folder: string
}

/** wrangler's settings for a test: it sends nothing, and writes in that folder alone. */
const quietIn = (folder: string): Record<string, string> => ({
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  XDG_CONFIG_HOME: folder,
  CI: 'true',
})

/** Runs one of wrangler's commands in a folder. @returns what it wrote */
export async function runWrangler(folder: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, ...quietIn(folder) }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [WRANGLER, ...args], { cwd: folder, env })
  return `${stdout}${stderr}`
}

/** A copy of the repository's root as far as `wrangler.toml` needs it, with `dist/` as it was built. */
export async function copyRoot(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-root-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await mkdir(join(folder, 'examples'))
  for (const name of ['wrangler.toml', 'package.json', 'dist', 'scripts', 'examples/shop']) {
    await cp(join(root, name), join(folder, name), { recursive: true })
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/**
 * `wrangler dev`, or another of its commands that serves, in a folder that has wrangler's settings. Its key and endpoint come from `.dev.vars`. Runs until the
 * test is over.
 */
export async function startWorkerIn(
  folder: string,
  ingest: { url: string },
  others: Record<string, string> = {},
  command: readonly string[] = ['dev'],
): Promise<ExampleWorker> {
  const variables = Object.entries({ ...keyAndInbox(ingest), ...others }).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(join(folder, '.dev.vars'), variables.join(''))
  const port = await freePort()
  const args = [
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--inspector-port',
    '0',
    '--show-interactive-dev-session=false',
  ]
  const example = runExample(folder, [process.execPath, WRANGLER, ...command, ...args], quietIn(folder))
  let ended = false
  example.ended.then(() => {
    ended = true
  })
  await vi.waitUntil(
    () => {
      if (ended) throw new Error(`wrangler dev has ended:\n${example.output()}`)
      return example.output().includes('Ready on')
    },
    { timeout: 100_000 },
  )
  return { url: `http://127.0.0.1:${port}`, example, folder }
}
