import { existsSync } from 'node:fs'
import { startChild } from './child-process.ts'
import type { Cleanup } from './cleanup.ts'
import { DemoError } from './demo-error.ts'
import { fileOf, ROOT } from './places.ts'

/**
 * `npm run build`, unseen.
 *
 * @throws {@link DemoError} with all that it wrote, when it fails
 */
export async function buildPackage(cleanup: Cleanup): Promise<void> {
  // npm tells the scripts it runs where it is itself; without it, the one on the PATH is meant.
  const npm = process.env['npm_execpath']
  const [program, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']
  const build = startChild(program, [...first, 'run', 'build'], { cwd: ROOT, env: process.env, cleanup })
  await build.ended
  if (build.process.exitCode === 0) return
  const output = build.output().trim()
  if (output.includes('ENOENT') && build.process.pid === undefined) throw new DemoError('npm is not on the PATH')
  throw new DemoError(`The package could not be built (npm run build):\n\n${output}`)
}

/** @throws {@link DemoError} when `dist/` is not there */
export function requireBuild(): void {
  for (const file of ['dist/inbox/cli.js', 'dist/hono.js', 'dist/cloudflare.js']) {
    if (!existsSync(fileOf(file))) throw new DemoError(`${file} is not there: run it without --no-build`)
  }
}
