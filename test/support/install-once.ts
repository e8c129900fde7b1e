import { execFile } from 'node:child_process'
import { mkdir, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Milliseconds that an install takes at most, compiling and waiting for those of other files too. */
export const INSTALL_TIMEOUT_MS = 900_000

/**
 * Runs `npm ci` in a folder unless what it brings is there. Test files run in processes of their own: one of them
 * installs, behind a lock, while the others wait.
 */
export async function installOnce(folder: string, isInstalled: () => boolean, env = process.env): Promise<void> {
  const lock = new URL('.installing', `file://${folder.replace(/\/?$/, '/')}`).pathname
  while (!(await isFree(lock)) || !isInstalled()) {
    try {
      await mkdir(lock)
    } catch {
      const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }))
      // One that is older was left by a process that died.
      if (Date.now() - mtimeMs > INSTALL_TIMEOUT_MS) await rm(lock, { recursive: true, force: true })
      await sleep(200)
      continue
    }
    try {
      if (!isInstalled())
        await run('npm', ['ci'], { cwd: folder, env, timeout: INSTALL_TIMEOUT_MS, maxBuffer: 2 ** 24 })
    } finally {
      await rm(lock, { recursive: true, force: true })
    }
    if (!isInstalled()) throw new Error(`npm ci in ${folder} did not bring what is needed.`)
  }
}

const isFree = (lock: string): Promise<boolean> =>
  stat(lock).then(
    () => false,
    () => true,
  )
