/** A seeded sample of the mutants, for Stryker: of outermost expressions, blocks and statements. The others count for no score. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { CheckStatus } from '@stryker-mutator/api/check'
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'
import { LEFT_OUT } from './left-out.mjs'

const { MUTATE_SEED = '', MUTATE_SAMPLE = '1' } = process.env

/** Whether a part of the code is in the sample: the same for the same place, code and seed. */
function isDrawn(place) {
  const text = JSON.stringify([MUTATE_SEED, place])
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32 < Number(MUTATE_SAMPLE)
}

const linesByFile = new Map()

/** The lines of a file as they are without mutants. */
function linesOf(fileName) {
  const lines = linesByFile.get(fileName) ?? readFileSync(fileName, 'utf8').split('\n')
  linesByFile.set(fileName, lines)
  return lines
}

/** Whether a mutant is the one, or among those, that an entry of the list names. */
function isMeant(entry, { fileName, location, replacement }) {
  if (!fileName.endsWith(`/${entry.file}`)) return false
  const text = entry.function ?? entry.line
  const lines = linesOf(fileName)
  const first = lines.findIndex(line => line.includes(text))
  if (first < 0) throw new Error(`${entry.file} has no "${text}": see build/mutate/left-out.mjs.`)
  const { line } = location.start
  const isThere = entry.function ? line >= first && line <= lines.indexOf('}', first) : lines[line].includes(text)
  return isThere && (entry.puts === undefined || entry.puts === replacement)
}

const notTaken = { status: CheckStatus.CompileError, reason: 'not in the sample' }

/** Whether a mutant is tried: what is left of an expression's has been drawn with it. */
function check(mutant) {
  const { fileName, location, mutatorName, replacement } = mutant
  const entry = LEFT_OUT.find(entry => isMeant(entry, mutant))
  if (entry) return { status: CheckStatus.CompileError, reason: entry.why }
  const isStatement = mutatorName === 'BlockStatement' || replacement === ';'
  return isStatement && !isDrawn([relative(process.cwd(), fileName), location, replacement])
    ? notTaken
    : { status: CheckStatus.Passed }
}

/** The outermost expressions that were drawn: all of their mutants are tried. */
const drawn = new WeakSet()

/** Ignored before anything is run: of all mutants, which test runs which is more than a message of Stryker's may hold. */
function shouldIgnore(path) {
  if (!path.isExpression() || path.findParent(({ node }) => drawn.has(node))) return undefined
  const { type, start, end, loc } = path.node
  if (!isDrawn([type, start, end, loc])) return 'not in the sample'
  drawn.add(path.node)
  return undefined
}

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'sample', { shouldIgnore }),
  declareValuePlugin(PluginKind.Checker, 'sample', {
    async init() {},
    async check(mutants) {
      return Object.fromEntries(mutants.map(mutant => [mutant.id, check(mutant)]))
    },
  }),
]
