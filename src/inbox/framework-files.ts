import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

const SDK_PACKAGE = '@replaystack/edge'

/** Where dependencies, runtimes and hosts keep code that the application runs on. */
const FRAMEWORK_FILES: readonly RegExp[] = [
  /(?:^|[/\\])node_modules[/\\]/,
  // Modules of Node.js, Deno, Bun and workerd; of JavaScriptCore.
  /^(?:node|ext|bun|deno|wasm|native|internal|npm|jsr|[a-z]+-internal):/,
  /^(?:node|internal|native|workerd)\/|^\[native/,
  // What Deno and Bun download: where it came from, or where it was put.
  /^https:\/\/(?:jsr\.io|esm\.sh|deno\.land|unpkg\.com|cdn\.jsdelivr\.net)\//,
  /\/deno_(?:core|fetch|web|http)\/|\/npm\/registry\.npmjs\.org\/|\/\.bun\/install\/cache\//,
  // AWS Lambda's runtime; the launchers of Vercel and Netlify.
  /^(?:file:\/\/)?\/var\/(?:runtime|task\/___\w+)\//,
  /(?:^|[/\\])(?:@replaystack[/\\]edge|replaystack-edge)[/\\](?:dist|src)[/\\]/,
]

/** Whether a file, by its name, is not of the application but of what it runs on: a runtime, a framework, this SDK. */
export function isFrameworkFile(fileName: string): boolean {
  return FRAMEWORK_FILES.some(pattern => pattern.test(fileName))
}

/** Whether a file on this disk is this SDK's: a linked package is bundled from outside `node_modules`. */
export function isSdkFile(path: string): boolean {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const name = readPackageName(join(folder, 'package.json'))
    if (name === undefined) continue
    return name === SDK_PACKAGE && /^(?:dist|src)$/.test(relative(folder, path).split(sep)[0] ?? '')
  }
  return false
}

function readPackageName(file: string): string | undefined {
  try {
    if (!existsSync(file)) return undefined
    const { name }: { name?: unknown } = Object(JSON.parse(readFileSync(file, 'utf8')))
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined
  }
}
