import { execFile } from 'node:child_process'
import { cp, mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './bundle-entry.ts'

const run = promisify(execFile)

/** What of this folder a build reads, and what is packed beside it. */
const INPUTS = [
  ...['src', 'build', 'tsconfig', 'tsconfig.json', 'package.json'],
  ...['README.md', 'LICENSE', 'CHANGELOG.md'],
]

/** Packages whose code ends up in the command: where they lie is written beside it, so that they lie as `npm ci` lays them. */
const BUNDLED = ['hono', 'diff', 'zod', 'zod-to-json-schema', '@hono', '@jridgewell', '@modelcontextprotocol']
/** What builds. */
const TOOLS = ['tsup', 'typescript', 'esbuild', 'itty-router', '@types']

/** What `npm pack` says of a package. */
export interface Packed {
  folder: string
  /** The tarball. */
  file: string
  integrity: string
  files: { path: string; mode: number }[]
}

/** Builds and packs the package in a folder that holds nothing yet; `dist/` is left alone. */
export async function buildElsewhere(folder: string, environment: Record<string, string>): Promise<Packed> {
  const modules = join(folder, 'node_modules')
  await mkdir(modules, { recursive: true })
  await Promise.all([
    ...INPUTS.map(name => cp(join(root, name), join(folder, name), { recursive: true })),
    ...BUNDLED.map(name =>
      cp(join(root, 'node_modules', name), join(modules, name), { recursive: true, dereference: true }),
    ),
    ...TOOLS.map(name => symlink(join(root, 'node_modules', name), join(modules, name))),
  ])
  const options = { cwd: folder, env: { ...process.env, ...environment } }
  await run(
    process.execPath,
    [join(modules, 'tsup/dist/cli-default.js'), '--config', 'build/tsup.config.ts', '--silent'],
    options,
  )
  return packPackage(folder, folder, options.env)
}

/** Packs a folder as it is, into another: what is built there is packed. */
export async function packPackage(folder: string, destination: string, env = process.env): Promise<Packed> {
  const npm = [
    'pack',
    '--json',
    '--ignore-scripts',
    '--offline',
    '--loglevel=error',
    `--pack-destination=${destination}`,
  ]
  // npm tells the scripts it runs where it is itself; without it, the one on the PATH is meant.
  const own = process.env['npm_execpath']
  const options = { cwd: folder, env }
  const { stdout } = own?.endsWith('.js')
    ? await run(process.execPath, [own, ...npm], options)
    : await run('npm', npm, options)
  const [packed]: { filename: string; integrity: string; files: Packed['files'] }[] = JSON.parse(stdout)
  if (!packed) throw new Error(`npm packed nothing: ${stdout}`)
  const { filename, integrity, files } = packed
  return { folder, file: join(destination, filename), integrity, files }
}

/** Lays a packed package where programs of a folder find it, with nothing beside it. */
export async function unpackInto(folder: string, { file }: Packed): Promise<string> {
  const home = join(folder, 'node_modules/@replaystack/edge')
  await mkdir(dirname(home), { recursive: true })
  await mkdir(home)
  await run('tar', ['-xzf', file, '-C', home, '--strip-components=1'])
  return home
}
