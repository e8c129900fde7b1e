import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

const SDK_PACKAGE = '@replaystack/edge'

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
