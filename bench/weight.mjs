/**
 * What each part of `@replaystack/edge/hono` weighs in an application, straight from `src/`, minified by esbuild and gzipped: how
 * much smaller the bundle is without it, where the parts before it in the table are left out already. So the rows add up to the
 * whole, which is 2 to 3 % more than `size-limit` says: its bundler is another. `--entry FILE` weighs another entry.
 *
 *   node bench/weight.mjs [--entry src/adapters/fetch.ts]
 */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const { values } = parseArgs({ options: { entry: { type: 'string', default: 'src/adapters/hono.ts' } } })
const root = fileURLToPath(new URL('..', import.meta.url))

/** From the bottom of the import graph to its top, for what is left out takes what it alone imports along. */
const PARTS = [
  ['masks: shapes of tokens', /mask\/(shapes|runs)/],
  ['masks: SQL, HTML, cards, schemes, encodings', /mask\/(sql|tags|cards|schemes|encodings)/],
  ['masks: names and what they hide in texts', /mask\/(names|named|name-before|pairs|values)/],
  ['masks: copying, JSON texts, bounds', /mask\//],
  ['event: fields, errors, stacks, headers, URLs, traces', /event\//],
  ['delivery: batches, retries, queue, breaker', /delivery\//],
  ['options', /client\/options/],
  ['client and scopes', /client\//],
  ['bodies', /body\//],
  ['lifecycle and adapter', /./],
]

/** The bundle without the files that match. */
async function bundle(...without) {
  const leaveOut = {
    name: 'leave-out',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
        const file = resolve(resolveDir, path).slice(root.length)
        return without.some(pattern => pattern.test(file)) ? { path: file, namespace: 'left-out' } : undefined
      })
      onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = globalThis.none' }))
    },
  }
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [values.entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['hono', 'itty-router', 'node:*'],
    define: { __SDK_VERSION__: '"0.0.0"' },
    plugins: [leaveOut],
  })
  const [{ contents }] = outputFiles
  return { minified: contents.length, gzip: gzipSync(contents, { level: 9 }).length }
}

const kilobytes = bytes => (bytes / 1000).toFixed(1).padStart(5)
const show = (name, { minified, gzip }) => console.log(`${kilobytes(minified)} ${kilobytes(gzip)}  ${name}`)

console.log(' kB, minified and gzipped')
const whole = await bundle()
const left = []
let before = whole
for (const [name, pattern] of PARTS) {
  left.push(pattern)
  const isLast = left.length === PARTS.length
  const after = isLast ? { minified: 0, gzip: 0 } : await bundle(...left)
  show(name, { minified: before.minified - after.minified, gzip: before.gzip - after.gzip })
  before = after
}
show('all', whole)
