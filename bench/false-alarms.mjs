/**
 * How much of ordinary text is masked: this repository, prose of many languages (the messages of TypeScript and axe-core),
 * the sources of Node and TypeScript, the rest of `node_modules`, and responses of APIs as bodies. Prints what was replaced
 * for each million characters. What stands under a secret's name in code or data counts, too.
 *
 *   npx node bench/false-alarms.mjs [--show]     --show prints each text that came out changed
 */
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { BodyText, maskRules, writeBody } from '../src/mask/json.ts'
import { compileMaskNames } from '../src/mask/names.ts'
import { maskText } from '../src/mask/text.ts'
import { apiResponses } from '../test/support/api-responses.ts'

const { values: options } = parseArgs({ options: { show: { type: 'boolean', default: false } } })
const root = new URL('..', import.meta.url).pathname
const names = compileMaskNames()
const rules = maskRules([], 2 ** 24)
const MAX_CHARACTERS = 20_000_000
const MAX_LINE = 2_000

const maskLine = line => maskText(line, names)
const maskBody = json => writeBody(new BodyText(json, true), rules)

function* filesOf(folder, extensions, skip = []) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skip.includes(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesOf(path, extensions, skip)
    else if (entry.isFile() && extensions.includes(extname(entry.name))) yield path
  }
}

function* linesOf(texts) {
  for (const text of texts) for (const line of text.split('\n')) if (line.length <= MAX_LINE) yield line
}

function* read(paths) {
  for (const path of paths) yield readFileSync(path, 'utf8')
}

/** The texts of a JSON value, without its keys. */
function* textsOf(value) {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* textsOf(one)
}

function* proseOf(paths) {
  for (const text of read(paths)) yield* textsOf(JSON.parse(text))
}

function count(name, texts, mask = maskLine) {
  let characters = 0
  let alarms = 0
  for (const text of texts) {
    characters += text.length + 1
    const masked = mask(text)
    if (masked !== text) {
      alarms += Math.max(1, masked.split('[MASKED]').length - text.split('[MASKED]').length)
      if (options.show) console.log(`${name}: ${text.trim().slice(0, 160)}`)
    }
    if (characters > MAX_CHARACTERS) break
  }
  const cells = [
    name,
    characters.toLocaleString('en'),
    alarms.toLocaleString('en'),
    ((alarms / characters) * 1e6).toFixed(1),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

const at = path => join(root, path)
const modules = path => at(`node_modules/${path}`)
const CODE = ['.ts', '.js', '.mjs', '.cjs']
const languages = readdirSync(modules('typescript/lib'), { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(({ name }) => modules(`typescript/lib/${name}/diagnosticMessages.generated.json`))

count('`src/`', linesOf(read(filesOf(at('src'), CODE))))
count('`docs/`', linesOf(read(filesOf(at('docs'), ['.md']))))
count(`prose of ${languages.length} languages: TypeScript's messages`, proseOf(languages))
const locales = [...filesOf(modules('axe-core/locales'), ['.json'], ['_template.json'])]
count(`prose of ${locales.length} languages: axe-core's messages`, proseOf(locales))
count("Node's own sources", linesOf(Object.values(process.binding('natives')).filter(text => typeof text === 'string')))
count("TypeScript's own sources", linesOf(read(filesOf(modules('typescript/lib'), CODE))))
count('`node_modules`, code', linesOf(read(filesOf(modules(''), CODE, ['.bin', '.vite', '.cache', 'typescript']))))
count('`node_modules`, JSON', linesOf(read(filesOf(modules(''), ['.json'], ['.bin', '.vite', '.cache']))))
count('`node_modules`, JSON, as bodies', read(filesOf(modules(''), ['.json'], ['.bin', '.vite', '.cache'])), maskBody)
const responses = apiResponses()
count(
  'responses of APIs, as bodies',
  responses.map(({ json }) => json),
  maskBody,
)
