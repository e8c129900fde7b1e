/** Applications as they are deployed: one file, built by esbuild the way wrangler does. */
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const bench = fileURLToPath(new URL('..', import.meta.url))
const fileOf = path => join(bench, `${path}.mjs`)

/** `@replaystack/edge/hono` is what was built last. */
const ownPackage = {
  name: 'own-package',
  setup({ onResolve }) {
    onResolve({ filter: /^@replaystack\/edge(\/|$)/ }, ({ path }) => ({
      path: join(bench, '../dist', `${path.split('/')[2] ?? 'index'}.js`),
    }))
  },
}

/** Hono comes from here for `dist/` too, or an application would hold it twice. */
const oneHono = {
  name: 'one-hono',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^hono(\/|$)/ }, ({ path, kind, pluginData }) =>
      pluginData === oneHono ? undefined : resolve(path, { kind, resolveDir: bench, pluginData: oneHono }),
    )
  },
}

/** Node's modules are the runtime's own, those too that old packages `require` by their bare names. */
const builtins = {
  name: 'builtins',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^[\w:/-]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined
      const name = path.startsWith('node:') ? path : `node:${path}`
      return kind === 'require-call' ? { path: name, namespace: 'required' } : { path: name, external: true }
    })
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `import * as whole from '${path}'\nmodule.exports = whole.default ?? whole`,
    }))
  },
}

const forWorkers = {
  bundle: true,
  minify: true,
  write: false,
  format: 'esm',
  target: 'es2024',
  platform: 'browser',
  conditions: ['workerd', 'worker', 'browser'],
  mainFields: ['browser', 'module', 'main'],
  define: { 'process.env.NODE_ENV': '"production"' },
  external: ['cloudflare:*'],
  logLevel: 'silent',
}

/**
 * @param how.minify whether names and white space are shortened, as wrangler's `--minify` does
 * @returns the code of a Worker: `apps/<name>.mjs`
 */
export async function bundleWorker(name, { minify = true } = {}) {
  const plugins = [ownPackage, oneHono, builtins]
  const { outputFiles } = await build({ ...forWorkers, minify, plugins, entryPoints: [fileOf(`apps/${name}`)] })
  return outputFiles[0].text
}

/** @returns an entry of this package whole, without the framework that it is made for */
export async function bundleEntry(specifier) {
  const { outputFiles } = await build({
    ...forWorkers,
    plugins: [ownPackage],
    external: ['hono', 'itty-router'],
    stdin: { contents: `export * from ${JSON.stringify(specifier)}`, resolveDir: bench },
  })
  return outputFiles[0].text
}

/**
 * A module of this folder for Node: packages stay outside, as on any server, but for this one.
 * @returns its path, within reach of `node_modules`
 */
export async function bundleForNode(path) {
  const outfile = join(bench, 'node_modules/.cache/bench', `${path}.mjs`)
  await build({
    bundle: true,
    outfile,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    plugins: [ownPackage],
    entryPoints: [fileOf(path)],
    logLevel: 'silent',
  })
  return outfile
}

/** Bytes as they are uploaded, and as they travel. */
export const sizeOf = code => ({ minified: Buffer.byteLength(code), gzip: gzipSync(code, { level: 9 }).length })
