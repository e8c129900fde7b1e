/** Projects of strangers: the package as npm would install it, and nothing else of this folder. */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Packed, packPackage, unpackInto } from '../package/build-elsewhere.ts'
import { root } from '../package/bundle-entry.ts'

/** Makes a project with these files, and returns its folder. `dependencies` are linked from `node_modules` of the root. */
export type MakeProject = (files: Record<string, string>, dependencies?: readonly string[]) => Promise<string>

/** Packs the package for the tests of this file, whose projects are gone after them. */
export function packForProjects(): MakeProject {
  let place = ''
  let packed: Packed | undefined
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'replaystack-fresh-'))
    packed = await packPackage(root, place)
  })
  afterAll(() => rm(place, { recursive: true, force: true, maxRetries: 3 }))
  return async (files, dependencies = []) => {
    if (!packed) throw new Error('The package is packed for tests alone.')
    const folder = await mkdtemp(join(place, 'project-'))
    await unpackInto(folder, packed)
    for (const name of dependencies) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    for (const [name, text] of Object.entries({ 'package.json': '{ "private": true }', ...files })) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    return folder
  }
}

/** Links each package that is installed in a folder: a link to all of them at once would leave no place for this one. */
export async function linkInstalled(from: string, to: string): Promise<void> {
  for (const name of await readdir(join(from, 'node_modules'))) {
    if (!name.startsWith('.')) await symlink(join(from, 'node_modules', name), join(to, 'node_modules', name))
  }
}

/** The variables that point a project at an ingest API of a test's own. */
export const keyAndEndpoint = ({ url }: { url: string }): Record<string, string> => ({
  REPLAYSTACK_API_KEY: 'rs_live_fresh',
  REPLAYSTACK_ENDPOINT: url,
})
