/** How each host is started. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { bundleEntry } from '../package/bundle-entry.ts'
import { serveWorker } from '../package/serve-workerd.ts'
import type { Host } from './compare.ts'

interface Command {
  binary: string
  args: readonly string[]
}

/** A file of this folder, served by a process of its own until the test is over. */
export async function startServer({ binary, args }: Command, file: string): Promise<Host> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-sameness-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'server.mjs')
  const banner = { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` }
  await writeFile(path, (await bundleEntry(`test/sameness/${file}`, { platform: 'node', banner })).code)
  const child = spawn(binary, [...args, path], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const [line] = await once(createInterface(child.stdout), 'line')
  return describe(Number(line))
}

/** What a server that is up has, below this path. */
export async function describe(port: number, base = ''): Promise<Host> {
  const response = await fetch(`http://127.0.0.1:${port}${base}/control/applications`)
  return { port, base, applications: JSON.parse(await response.text()) }
}

/** The applications in workerd, without anything around it. */
export async function startWorker(): Promise<Host> {
  const { code } = await bundleEntry('test/sameness/serve-worker.ts')
  const settings = { compatibilityDate: '2026-08-04', compatibilityFlags: [], bindings: {} }
  const { url } = await serveWorker(code, settings)
  return describe(Number(new URL(url).port))
}
