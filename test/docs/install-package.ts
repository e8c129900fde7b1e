/** A project in which this package is installed from its tarball, as npm does it, and a shell in it. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished, vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'

const run = promisify(execFile)

export interface RunningShell {
  output(): string
  /** The first match in what it writes. Fails where it ends without one. */
  waitFor(pattern: RegExp): Promise<string>
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

export interface Project {
  folder: string
  /** Runs a command as it is written, until the test is over. */
  start(command: string, env?: Record<string, string>): RunningShell
}

/** @param dependencies packages of this repository that it has besides */
export async function installPackage(dependencies: readonly string[]): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-project-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await writeFile(join(folder, 'package.json'), '{ "name": "project", "private": true, "type": "module" }\n')
  // What the tarball is made of has tests of its own: here it is what `npm run build` has left.
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root })
  const [{ filename } = { filename: '' }]: { filename: string }[] = Object.values(JSON.parse(packed.stdout))
  await run('npm', ['install', `./${filename}`, '--offline', '--no-audit', '--no-fund'], { cwd: folder })
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, '.bin'), { recursive: true })
  for (const name of dependencies) {
    await symlink(join(root, 'node_modules', name), join(modules, name))
    const command = join(root, 'node_modules/.bin', name)
    if (existsSync(command)) await symlink(await realpath(command), join(modules, '.bin', name))
  }
  return { folder, start: (command, env = {}) => startShell(folder, command, env) }
}

function startShell(folder: string, command: string, env: Record<string, string>): RunningShell {
  // The Node that runs this, and what the project brings, before all else.
  const path = [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(':')
  const child = spawn('sh', ['-c', command], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', ...env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what npx has started ends with it.
    detached: true,
  })
  const ended = once(child, 'close').then(([code]): number | null => code)
  onTestFinished(async () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
    await ended
  })
  let written = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      written += more
    })
  }
  let over = false
  ended.then(() => {
    over = true
  })
  const waitFor = (pattern: RegExp): Promise<string> =>
    vi.waitUntil(
      () => {
        const found = pattern.exec(written)
        if (!found && over) throw new Error(`"${command}" ended without ${pattern}:\n${written}`)
        return found?.[1] ?? found?.[0]
      },
      { timeout: 20_000 },
    )
  return { output: () => written, waitFor, ended }
}

/** Copies a file of the repository into the project. */
export async function copyInto({ folder }: Project, path: string, name: string): Promise<void> {
  await cp(join(root, path), join(folder, name))
}
