import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { DemoError } from './demo-error.ts'
import { fileOf } from './places.ts'

/**
 * The version of the workerd that will run the Worker: it is there, and starts on this machine.
 *
 * @throws {@link DemoError} in one line
 */
export function findWorkerd(): string {
  if (!existsSync(fileOf('node_modules/wrangler'))) throw new DemoError('wrangler is not installed: run npm ci first')
  const file = process.env['MINIFLARE_WORKERD_PATH'] ?? installedWorkerd()
  const { status, stdout, error } = spawnSync(file, ['--version'], { encoding: 'utf8' })
  const version = /\d{4}-\d\d-\d\d/.exec(stdout ?? '')?.[0]
  if (status === 0 && version) return version
  const missing = error && 'code' in error && error.code === 'ENOENT'
  if (missing) throw new DemoError(`The workerd binary is missing: there is no ${file}`)
  throw new DemoError(`workerd does not run on this machine (${process.platform} ${process.arch})`)
}

function installedWorkerd(): string {
  try {
    // As wrangler finds it: its package picks the binary of this platform, and throws where there is none.
    const fromMiniflare = createRequire(fileOf('node_modules/miniflare/package.json'))
    const workerd: { default: string } = fromMiniflare('workerd')
    return workerd.default
  } catch {
    const platform = `${process.platform} ${process.arch}`
    throw new DemoError(`The workerd binary for ${platform} is missing: run npm ci without --omit=optional`)
  }
}
