/** The pages' own scripts, styles and icon, bundled. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, buildSync } from 'esbuild'

interface PageAsset {
  path: string
  contentType: string
  text: string
}

const placeOf = (file: string): string => fileURLToPath(new URL(`../src/inbox/page/${file}`, import.meta.url))

/** A path holds its text's hash, so that a browser may keep it for good. */
function nameAsset(name: string, ending: string, contentType: string, text: string): PageAsset {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return { path: `/assets/${name}.${hash}.${ending}`, contentType, text }
}

function bundle(file: string, options: BuildOptions): string {
  const { outputFiles } = buildSync({
    entryPoints: [placeOf(file)],
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'warning',
    ...options,
  })
  const text = outputFiles?.[0]?.text
  if (text === undefined) throw new Error(`Nothing came of ${file}`)
  return text
}

const bundleScript = (file: string): string => bundle(file, { format: 'iife', target: 'es2022' })

/** What stands for `__PAGE_ASSETS__` in the inbox, and in its tests. */
export function definePageAssets(): Record<string, string> {
  const script = 'text/javascript; charset=utf-8'
  const assets = {
    style: nameAsset('inbox', 'css', 'text/css; charset=utf-8', bundle('styles/inbox.css', {})),
    script: nameAsset('inbox', 'js', script, bundleScript('browser/inbox.ts')),
    teamScript: nameAsset('team', 'js', script, bundleScript('browser/team.ts')),
    settings: nameAsset('settings', 'js', script, bundleScript('browser/settings.ts')),
    icon: nameAsset('icon', 'svg', 'image/svg+xml', readFileSync(placeOf('icon.svg'), 'utf8')),
  }
  return { __PAGE_ASSETS__: JSON.stringify(assets) }
}
