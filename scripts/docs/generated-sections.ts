/** What of the pages is made of the code: each such section of a page, by its name. */
import { readFileSync } from 'node:fs'
import { fileOf } from '../demo/places.ts'
import { formatOptions, readOptions } from './options-table.ts'
import { replaceSection } from './replace-section.ts'
import { formatVersions } from './versions-table.ts'

/** Each page with such sections, by its path, and each section's text as it should be. */
export function makeSections(): Record<string, Record<string, string>> {
  const types = readFileSync(fileOf('src/types.ts'), 'utf8')
  return {
    'docs/options.md': {
      options: formatOptions(readOptions(types, 'ClientOptions')),
      'adapter-options': formatOptions(readOptions(types, 'AdapterOptions')),
    },
    'docs/runtimes.md': { versions: formatVersions() },
    'docs/size-and-speed.md': { bench: readFigures(readFileSync(fileOf('bench/RESULTS.md'), 'utf8')) },
  }
}

/** The chapter of the last `npm run bench` that has all in one table, and the date of that run. */
function readFigures(results: string): string {
  const [, chapter] = /^## At a glance\n([\s\S]*?)(?=^## )/m.exec(results) ?? []
  const [, date] = /^Written by `npm run bench`, (\d{4}-\d\d-\d\d)/m.exec(results) ?? []
  if (!chapter || !date) throw new Error('bench/RESULTS.md is not what `npm run bench` writes.')
  return `Measured on ${date}; [bench/RESULTS.md](../bench/RESULTS.md) has every figure.\n\n${chapter.trim()}`
}

/** Each page with generated sections, as it is and as it should be. */
export function updatePages(): { path: string; page: string; updated: string }[] {
  return Object.entries(makeSections()).map(([path, sections]) => {
    const page = readFileSync(fileOf(path), 'utf8')
    const updated = Object.entries(sections).reduce(
      (text, [name, section]) => replaceSection(text, name, section),
      page,
    )
    return { path, page, updated }
  })
}
