import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ENOUGH_MS = 900_000

const changedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )

/**
 * Runs `npm ci` in a folder of `test/`, unless that was done since its lock has changed.
 * @param node what its install scripts run on
 */
export async function install(folder: string, node: string = process.execPath): Promise<void> {
  const cwd = fileURLToPath(new URL(`../${folder}/`, import.meta.url))
  const installedAt = await changedAt(`${cwd}node_modules/.package-lock.json`)
  if (installedAt > 0 && installedAt >= (await changedAt(`${cwd}package-lock.json`))) return
  console.log(`npm ci in test/${folder}`)
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env['PATH']}` }
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd, env, timeout: ENOUGH_MS, maxBuffer: 2 ** 24 }).catch(
    (error: Error) => {
      throw new Error(`npm ci in test/${folder} failed.\n${error.message}`)
    },
  )
}
