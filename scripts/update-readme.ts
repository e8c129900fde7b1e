/** Writes the README's generated tables anew: `node scripts/update-readme.ts`. A test says when that is due. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileOf } from './demo/places.ts'
import { updatePage } from './readme/generated-sections.ts'

const page = readFileSync(fileOf('README.md'), 'utf8')
const updated = updatePage(page)
writeFileSync(fileOf('README.md'), updated)
console.log(updated === page ? 'README.md is up to date.' : 'README.md is written anew.')
