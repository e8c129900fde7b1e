import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { definitions } from '../../build/entries.ts'

/** The package's folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url))

export interface Bundle {
  code: string
  /** The files in it, as paths below the package's folder. */
  files: string[]
  /** What it still imports. */
  imports: string[]
  warnings: string[]
}

/** One file with all that it imports, as a bundler for no platform in particular makes it. */
export async function bundleEntry(file: string, options: BuildOptions = {}): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    define: definitions,
    logLevel: 'silent',
    ...options,
    metafile: true,
    write: false,
  })
  return {
    code: outputFiles?.[0]?.text ?? '',
    files: Object.keys(metafile.inputs),
    imports: Object.values(metafile.outputs).flatMap(output => output.imports.map(({ path }) => path)),
    warnings: warnings.map(({ text }) => text),
  }
}
