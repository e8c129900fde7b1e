/** A checker of Stryker's that lets a seeded sample of the mutants pass; what it leaves out counts for no score. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { CheckStatus } from '@stryker-mutator/api/check'
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'
import { LEFT_OUT } from './left-out.mjs'

const { MUTATE_SEED = '', MUTATE_SAMPLE = '1' } = process.env

/** From 0 to 1, the same for the same mutant of the same code and seed. */
function placeOf({ fileName, location, mutatorName, replacement }) {
  const file = relative(process.cwd(), fileName)
  const text = JSON.stringify([MUTATE_SEED, file, location, mutatorName, replacement])
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32
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

/** Whether a mutant is tried. */
function check(mutant) {
  const entry = LEFT_OUT.find(entry => isMeant(entry, mutant))
  if (entry) return { status: CheckStatus.CompileError, reason: entry.why }
  return placeOf(mutant) < Number(MUTATE_SAMPLE) ? { status: CheckStatus.Passed } : notTaken
}

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Checker, 'sample', {
    async init() {},
    async check(mutants) {
      return Object.fromEntries(mutants.map(mutant => [mutant.id, check(mutant)]))
    },
  }),
]
