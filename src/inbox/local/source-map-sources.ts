import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, extname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isFrameworkFile } from '../framework-files.ts'
import { isSdkFile } from './sdk-file.ts'

const MAX_NAME_LENGTH = 1000
const MAX_SOURCE_BYTES = 4 * 1024 * 1024

/** What makes a folder a project. */
const PROJECT_FILES = ['package.json', 'wrangler.toml', 'wrangler.json', 'wrangler.jsonc', 'deno.json', 'deno.jsonc']

/** A map may name any file; only what looks like a source is ever read. */
export const SOURCE_EXTENSIONS = new Set('.ts .tsx .mts .cts .js .jsx .mjs .cjs .vue .svelte .astro .coffee'.split(' '))

/** Sources that a bundler, a runtime or Wrangler has put in. */
const BUILD_FILES =
  /(?:^|\/)(?:\.wrangler|wrangler\/templates|webpack\/(?:runtime|bootstrap))(?:\/|$)|^(?:\0|<|(?!file:)[a-z][\w+.-]+:(?!\/\/))|(?:^|\/)middleware-(?:loader|insertion-facade)\.(?:entry\.)?[jt]s$/i

/** The nearest folder, this one or one around it, that is a project; this one when none is. */
export function findProject(folder: string): string {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (PROJECT_FILES.some(name => existsSync(join(path, name)))) return path
    if (path === dirname(path)) return resolve(folder)
  }
}

/** A source as its reader knows it. */
export interface NamedSource {
  /** Relative to the project: `src/orders.ts`, `node_modules/hono/dist/hono.js`. */
  name: string
  /** `false` for dependencies, the runtime's modules, and what build tools put in. */
  own: boolean
  /** Where it would be on this disk. */
  path: string | undefined
}

/** What a map calls a source, made readable. */
export function nameSource(source: string, sourceRoot: string | undefined, map: string, project: string): NamedSource {
  const path = resolveSource(source, sourceRoot, map)
  const name = cutToDependency(path === undefined ? readUrlPath(source) : pathInProject(path, project))
  const isForeign = [source, name].some(text => BUILD_FILES.test(text) || isFrameworkFile(text))
  const own = !isForeign && !(path !== undefined && isSdkFile(path))
  return { name: name.slice(0, MAX_NAME_LENGTH), own, path }
}

/** A source's text from the disk: a source file inside the project, and not by way of a link that leads out of it. */
export function readSourceText(path: string, project: string): string | undefined {
  try {
    const real = realpathSync(path)
    if (!real.startsWith(realpathSync(project) + sep) || !SOURCE_EXTENSIONS.has(extname(real))) return undefined
    const status = statSync(real)
    return status.isFile() && status.size <= MAX_SOURCE_BYTES ? readFileSync(real, 'utf8') : undefined
  } catch {
    return undefined
  }
}

function resolveSource(source: string, sourceRoot: string | undefined, map: string): string | undefined {
  const [root, own] = [toPath(sourceRoot ?? ''), toPath(source)]
  if (root === undefined || own === undefined) return undefined
  const folder = dirname(map)
  // Wrangler writes the folder that the map is in, as `--outdir` had it, where a path from there belongs.
  const isOwnFolder = root !== '' && !isAbsolute(root) && `${folder}${sep}`.endsWith(join(sep, root, sep))
  return resolve(folder, isOwnFolder ? '' : root, own)
}

/** A `file:` URL as a path, a path as it is; `undefined` for any other URL. */
function toPath(text: string): string | undefined {
  if (!/^[a-z][\w+.-]+:/i.test(text)) return text
  try {
    return fileURLToPath(text)
  } catch {
    return undefined
  }
}

/** `webpack://shop/./src/a.ts?1f2e` is `src/a.ts`; `node:fs` stays what it is. */
function readUrlPath(source: string): string {
  const path = /^[a-z][\w+.-]*:\/\/[^/]*\/(.*)$/is.exec(source)?.[1]
  return path === undefined ? source : dropParents(posix.normalize(path.replace(/[?#].*$/s, '')))
}

function pathInProject(path: string, project: string): string {
  return dropParents(relative(project, path).split(sep).join('/'))
}

/** What lies outside the project is told by the rest of its path. */
function dropParents(path: string): string {
  return path.replace(/^(?:\.{0,2}\/)+/, '')
}

/** A dependency is told by its own name, wherever a package manager keeps it. */
function cutToDependency(name: string): string {
  const at = name.lastIndexOf('node_modules/')
  return at < 0 ? name : name.slice(at)
}
