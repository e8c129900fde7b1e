/** What of the README is made of the code, by the name of its section. */
import { readFileSync } from 'node:fs'
import { fileOf } from '../demo/places.ts'
import { formatOptions, readOptions } from './options-table.ts'
import { replaceSection } from './replace-section.ts'
import { formatVersions } from './versions-table.ts'

/** Each section's text, as it should be. */
export function makeSections(): Record<string, string> {
  const types = readFileSync(fileOf('src/types.ts'), 'utf8')
  return {
    options: formatOptions(readOptions(types, 'ClientOptions')),
    'adapter-options': formatOptions(readOptions(types, 'AdapterOptions')),
    versions: formatVersions(),
    bench: readFigures(readFileSync(fileOf('bench/RESULTS.md'), 'utf8')),
  }
}

/** The chapter of the last `npm run bench` that tells all in one table, and when it was. */
function readFigures(results: string): string {
  const [, chapter] = /^## At a glance\n([\s\S]*?)(?=^## )/m.exec(results) ?? []
  const [, date] = /^Written by `npm run bench`, (\d{4}-\d\d-\d\d)/m.exec(results) ?? []
  if (!chapter || !date) throw new Error('bench/RESULTS.md is not what `npm run bench` writes.')
  return `Of ${date}; all of it is in [bench/RESULTS.md](bench/RESULTS.md).\n\n${chapter.trim()}`
}

/** The page with every generated section as it should be. */
export function updatePage(page: string): string {
  return Object.entries(makeSections()).reduce((text, [name, section]) => replaceSection(text, name, section), page)
}
