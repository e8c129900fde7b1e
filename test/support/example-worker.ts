/** An example for Workers, run by `wrangler dev` from its own configuration, as its README has a reader run it. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { freePort, installExample, keyAndInbox, type RunningExample, runExample } from './example-project.ts'

const WRANGLER = join(root, 'node_modules/wrangler/bin/wrangler.js')

export interface ExampleWorker {
  url: string
  example: RunningExample
  /** The folder that it runs in. */
  folder: string
}

/** wrangler's settings for a test: it sends nothing, and writes in the example's folder alone. */
const quietIn = (folder: string): Record<string, string> => ({
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  XDG_CONFIG_HOME: folder,
  CI: 'true',
})

/** Runs one of wrangler's commands in an example's folder. @returns what it wrote */
export async function runWrangler(folder: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, ...quietIn(folder) }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [WRANGLER, ...args], { cwd: folder, env })
  return `${stdout}${stderr}`
}

/** Its key and endpoint come from `.dev.vars`. Runs until the test is over. */
export async function startExampleWorker(
  name: string,
  ingest: { url: string },
  { dependencies = [], prepare }: { dependencies?: string[]; prepare?: (folder: string) => Promise<unknown> } = {},
): Promise<ExampleWorker> {
  const folder = await installExample(name, ...dependencies)
  const variables = Object.entries(keyAndInbox(ingest)).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(join(folder, '.dev.vars'), variables.join(''))
  await prepare?.(folder)
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
  const example = runExample(folder, [process.execPath, WRANGLER, 'dev', ...args], quietIn(folder))
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
