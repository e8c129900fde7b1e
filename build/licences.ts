import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Plugin } from 'esbuild'

/** Where a package begins in a bundled file's path, and its name. */
const PACKAGE = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//

const INTRODUCTION = `The replaystack command holds copies of the packages below, each under the licence that follows its name.
The rest of @replaystack/edge holds none.
`

/** What the licence of a package in `folder` says, below its name and version. */
async function readLicence(name: string, folder: string): Promise<string> {
  const manifest: { version: string; license: string } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  )
  const text = await readFile(join(folder, 'LICENSE'), 'utf8')
  const title = `${name} ${manifest.version} (${manifest.license})`
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text.trim().replaceAll('\r\n', '\n')}\n`
}

/**
 * Writes the licence of each package that a bundle holds into a file beside it. A package without a licence's text ends
 * the build: its code may not ship.
 */
export function bundledLicences(fileName: string): Plugin {
  return {
    name: 'bundled-licences',
    setup({ initialOptions, onEnd }) {
      const { absWorkingDir = process.cwd(), outdir = '' } = initialOptions
      onEnd(async ({ metafile }) => {
        const folders = new Map<string, string>()
        for (const input of Object.keys(metafile?.inputs ?? {})) {
          const [folder, name] = PACKAGE.exec(input) ?? []
          if (folder && name) folders.set(name, resolve(absWorkingDir, folder))
        }
        const licences = [...folders].sort(([one], [other]) => (one < other ? -1 : 1))
        const texts = await Promise.all(licences.map(([name, folder]) => readLicence(name, folder)))
        // tsup writes its own files later.
        const place = resolve(absWorkingDir, outdir)
        await mkdir(place, { recursive: true })
        await writeFile(join(place, fileName), [INTRODUCTION, ...texts].join('\n'))
      })
    },
  }
}
