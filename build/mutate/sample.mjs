/** A checker of Stryker's that lets a seeded sample of the mutants pass; what it leaves out counts for no score. */
import { createHash } from 'node:crypto'
import { relative } from 'node:path'
import { CheckStatus } from '@stryker-mutator/api/check'
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

const { MUTATE_SEED = '', MUTATE_SAMPLE = '1' } = process.env

/** From 0 to 1, the same for the same mutant of the same code and seed. */
function placeOf({ fileName, location, mutatorName, replacement }) {
  const file = relative(process.cwd(), fileName)
  const text = JSON.stringify([MUTATE_SEED, file, location, mutatorName, replacement])
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32
}

const left = { status: CheckStatus.CompileError, reason: 'not in the sample' }

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Checker, 'sample', {
    async init() {},
    async check(mutants) {
      const taken = { status: CheckStatus.Passed }
      return Object.fromEntries(mutants.map(one => [one.id, placeOf(one) < Number(MUTATE_SAMPLE) ? taken : left]))
    },
  }),
]
