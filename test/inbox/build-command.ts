import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { definitions, inboxEntries } from '../../build/entries.ts'
import { definePageAssets } from '../../build/page-assets.ts'
import { withoutAjv } from '../../build/without-ajv.ts'

export interface BuiltCommand {
  /** The file to run with Node. */
  file: string
  remove(): Promise<void>
}

/** The `replaystack` command, bundled as it is published, in a folder of its own. */
export async function buildCommand(): Promise<BuiltCommand> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-command-'))
  await build({
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    entryPoints: inboxEntries,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    define: { ...definitions, ...definePageAssets() },
    plugins: [withoutAjv],
    logLevel: 'error',
  })
  return { file: join(folder, 'cli.mjs'), remove: () => rm(folder, { recursive: true, force: true }) }
}
