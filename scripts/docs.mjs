/** `npm run docs` writes the API reference and the tables of the other pages; `npm run docs:check` fails where one is stale. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { updatePages } from './docs/generated-sections.ts'
import { writeReference } from './docs/write-reference.ts'

const folder = fileURLToPath(new URL('../docs/api', import.meta.url))

/** A folder's files, by their paths in it. */
async function readFolder(place) {
  const entries = await readdir(place, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const texts = files.map(async file => [file.slice(place.length + 1), await readFile(file, 'utf8')])
  return new Map(await Promise.all(texts))
}

const pages = updatePages().filter(({ page, updated }) => page !== updated)

if (process.argv[2] === '--check') {
  const fresh = await mkdtemp(join(tmpdir(), 'replaystack-docs-'))
  try {
    await writeReference(fresh)
    const [is, shouldBe] = await Promise.all([readFolder(folder), readFolder(fresh)])
    const names = [...new Set([...is.keys(), ...shouldBe.keys()])]
    const api = names.filter(name => is.get(name) !== shouldBe.get(name)).map(name => `docs/api/${name}`)
    const stale = [...pages.map(({ path }) => path), ...api.sort()]
    if (stale.length > 0) {
      console.error(`Not what the sources say: ${stale.join(', ')}. Run "npm run docs".`)
      process.exitCode = 1
    }
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
} else {
  for (const { path, updated } of pages) await writeFile(new URL(`../${path}`, import.meta.url), updated)
  await writeReference(folder)
}
