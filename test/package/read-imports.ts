import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { build, type Metafile } from 'esbuild'
import ts from 'typescript'
import { definitions } from '../../build/entries.ts'

/** One file's import of another, or of a package. Files are paths below the root, with `/`. */
export interface Import {
  from: string
  to: string
  isPackage: boolean
  /** Gone when the code runs; or in a file that no entry reaches. */
  isType: boolean
}

/** What a bundler sees: imports that are there when the code runs. */
export function bundledImports({ inputs }: Metafile): Import[] {
  return Object.entries(inputs).flatMap(([from, { imports }]) =>
    imports.map(({ path, external = false }) => ({ from, to: path, isPackage: external, isType: false })),
  )
}

/** What is written: type imports too, and files that no entry reaches. */
export function writtenImports(root: string): Import[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map(name => posix.join('src', name.replaceAll('\\', '/')))
    .filter(name => /\.tsx?$/.test(name))
  return files.flatMap(from => {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(root, from), 'utf8'))
    return importedFiles.map(({ fileName }) => {
      const isPackage = !fileName.startsWith('.')
      const to = isPackage ? fileName : posix.join(posix.dirname(from), fileName)
      return { from, to, isPackage, isType: true }
    })
  })
}

/** Every import below `root`'s `src/`: those that a bundler sees, and those that are only written. */
export async function readImports(root: string, entries: readonly string[]): Promise<Import[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entries],
    // Nothing is written; without a folder, several entries are refused.
    outdir: 'unused',
    write: false,
    bundle: true,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    packages: 'external',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    define: definitions,
    logLevel: 'silent',
  })
  const bundled = bundledImports(metafile)
  const known = new Set(bundled.map(({ from, to }) => `${from} ${to}`))
  return [...bundled, ...writtenImports(root).filter(({ from, to }) => !known.has(`${from} ${to}`))]
}
