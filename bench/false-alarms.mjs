/**
 * How much of ordinary text is masked: this repository, the JavaScript and TypeScript of `node_modules`, and JSON files
 * there. Prints what was replaced for each million characters. What stands under a secret's name in code counts, too.
 *
 *   node bench/false-alarms.mjs [--show]     --show prints each line that came out changed
 */
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { compileMaskNames } from '../src/mask/names.ts'
import { maskText } from '../src/mask/text.ts'

const { values: options } = parseArgs({ options: { show: { type: 'boolean', default: false } } })
const root = new URL('..', import.meta.url).pathname
const names = compileMaskNames()
const MAX_CHARACTERS = 20_000_000
const MAX_LINE = 2_000

function* files(folder, extensions, skip) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skip.includes(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* files(path, extensions, skip)
    else if (entry.isFile() && extensions.includes(extname(entry.name))) yield path
  }
}

function count(name, folder, extensions, skip = []) {
  let characters = 0
  let alarms = 0
  for (const path of files(folder, extensions, skip)) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line.length > MAX_LINE) continue
      characters += line.length + 1
      const masked = maskText(line, names)
      if (masked === line) continue
      alarms += masked.split('[MASKED]').length - line.split('[MASKED]').length
      if (options.show) console.log(line.trim().slice(0, 160))
    }
    if (characters > MAX_CHARACTERS) break
  }
  console.log(`${name}: ${alarms} in ${characters} characters, ${((alarms / characters) * 1e6).toFixed(1)} a million`)
}

const CODE = ['.ts', '.js', '.mjs', '.cjs']
count('src', join(root, 'src'), CODE)
count('docs', join(root, 'docs'), ['.md'])
count('node_modules, code', join(root, 'node_modules'), CODE, ['.bin', '.vite', '.cache'])
count('node_modules, JSON', join(root, 'node_modules'), ['.json'], ['.bin', '.vite', '.cache'])
