/** Section 6: what an application adds to its Worker, and each entry of this package whole. Minified, then gzipped. */
import { readFileSync } from 'node:fs'
import { bundleEntry, bundleWorker, sizeOf } from '../harness/bundle.mjs'
import { table } from '../harness/statistics.mjs'
import { reasonOf } from '../harness/verify.mjs'

const kilobytes = bytes => `${(bytes / 1000).toFixed(1)} kB`

/** The entries that were built and run anywhere, by the names that users import: Node's servers and the inbox are no part of a Worker. */
function entries() {
  const { name, exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return Object.entries(exports)
    .filter(([, target]) => target.default && !/\/(node|nest)\.|\/inbox\//.test(target.default))
    .map(([path]) => name + path.slice(1))
}

export async function measureSize({ yardsticks }) {
  const bare = sizeOf(await bundleWorker('bare'))
  const added = {}
  const rows = []
  for (const { name, title } of yardsticks) {
    try {
      const size = sizeOf(await bundleWorker(name))
      added[name] = size.gzip - bare.gzip
      const of = name === 'bare' ? value => value : (value, key) => value - bare[key]
      rows.push([title, kilobytes(of(size.minified, 'minified')), kilobytes(of(size.gzip, 'gzip'))])
    } catch (thrown) {
      rows.push([title, reasonOf(thrown), '–'])
    }
  }
  const ownRows = []
  for (const specifier of entries()) {
    const { minified, gzip } = sizeOf(await bundleEntry(specifier))
    ownRows.push([`\`${specifier}\``, kilobytes(minified), kilobytes(gzip)])
  }
  const apps = table(['added to the bare Worker (whose own size is first)', 'minified', 'gzip'], rows)
  const own = table(['entry, everything it exports', 'minified', 'gzip'], ownRows)
  return { added, markdown: `${apps}\n\n${own}` }
}
