import { readdir } from 'node:fs/promises'
import { build } from 'esbuild'
import { definitions } from '../../../build/entries.ts'

const at = (path: string): string => new URL(path, import.meta.url).pathname

/** What `expect` itself needs and a Worker of an old date has not. The SDK uses neither. */
const MISSING = `globalThis.WeakRef ??= class { deref() {} };
globalThis.FinalizationRegistry ??= class { register() {} };`

/**
 * The suites of test/runtimes as one file that needs nothing of any runtime: as they are, but that `vitest` is our
 * stand-in. What it does with their report is `main`'s affair, which sees `run`.
 */
export async function bundleSuites(main: string, format: 'esm' | 'iife' = 'esm'): Promise<string> {
  const folder = at('../../runtimes/')
  const suites = (await readdir(folder)).filter(file => file.endsWith('.test.ts'))
  const { outputFiles } = await build({
    stdin: {
      contents: [...suites.map(file => `import './${file}'`), `import { run } from 'vitest'`, main].join('\n'),
      resolveDir: folder,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import', 'browser'],
    target: 'es2022',
    alias: { vitest: at('./vitest.ts') },
    define: definitions,
    banner: { js: MISSING },
    // The package tells bundlers that no file of its own has effects; these have.
    ignoreAnnotations: true,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
