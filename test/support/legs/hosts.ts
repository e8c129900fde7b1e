import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { installOnce } from '../install-once.ts'

const run = promisify(execFile)
const folder = new URL('../../runtimes/hosts/', import.meta.url).pathname

/** A runtime that runs a file from the command line. */
export interface Host {
  name: string
  /** Its binary, as its npm package brings it. */
  binary: string
  /** What stands before the file. */
  args: readonly string[]
}

const node = (name: string): Host => ({ name: 'Node', binary: `${folder}node_modules/${name}/bin/node`, args: [] })

export const hosts: readonly Host[] = [
  node('node-20'),
  node('node-22'),
  node('node-24'),
  node('node-latest'),
  { name: 'Deno', binary: `${folder}node_modules/.bin/deno`, args: ['run', '--no-prompt', '--quiet', '--allow-env'] },
  { name: 'Bun', binary: `${folder}node_modules/.bin/bun`, args: ['run'] },
]

/** Installs the runtimes from npm, unless they are there. Test files run side by side: the first one does it for all. */
export async function installHosts(): Promise<void> {
  await installOnce(folder, () => hosts.every(({ binary }) => existsSync(binary))).catch((error: Error) => {
    throw new Error(`The runtimes could not be installed: run "npm ci" in test/runtimes/hosts.\n${error.message}`)
  })
}

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
