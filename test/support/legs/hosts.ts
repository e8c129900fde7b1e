import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('../../runtimes/hosts/node_modules/', import.meta.url))

/** A runtime that runs a file from the command line. */
export interface Host {
  name: 'Node' | 'Deno' | 'Bun'
  binary: string
  /** What stands before the file. */
  args: readonly string[]
}

/** A Node that npm brings, by the name of its package. */
export const nodeBinary = (name: string): string => `${folder}${name}/bin/node`

const node = (binary: string): Host => ({ name: 'Node', binary, args: [] })

export const deno: Host = {
  name: 'Deno',
  binary: `${folder}.bin/deno`,
  args: ['run', '--no-prompt', '--quiet', '--allow-env'],
}
export const bun: Host = { name: 'Bun', binary: `${folder}.bin/bun`, args: ['run'] }

/** In `npm test` the Node that it runs on; in `npm run test:runtimes`, which sets `RUNTIMES=all`, all that npm brings. */
export const hosts: readonly Host[] =
  process.env['RUNTIMES'] === 'all'
    ? [...['node-20', 'node-22', 'node-24', 'node-latest'].map(name => node(nodeBinary(name))), deno, bun]
    : [node(process.execPath)]

/** `Node v20.20.2`: what a host says that it is. */
export async function versionOf({ name, binary }: Host): Promise<string> {
  const { stdout } = await run(binary, ['--version'])
  return `${name} ${/\d+\.\d+\.\d+/.exec(stdout)?.[0]}`
}

/** What a file printed in a host. */
export async function runInHost({ binary, args }: Host, file: string): Promise<string> {
  const { stdout } = await run(binary, [...args, file], { timeout: 60_000, maxBuffer: 2 ** 24 })
  return stdout
}
