/**
 * `npm run mutate` changes the code of the rooms in small ways, a seeded sample of them, and says which of these mutants no test
 * fails with. `-- delivery mask` takes these rooms alone, `-- src/mask/look.ts:20-40` every change in these lines.
 * `MUTATE_SAMPLE` is the part that is tried, from 0 to 1, and `MUTATE_SEED` repeats a run. It fails below `MUTATE_SCORE`
 * percent. A mutant with which a test waits for ever counts for no score, and is printed: it may be the machine that was busy.
 */
import { relative } from 'node:path'

const ROOMS = ['mask', 'delivery', 'observe', 'body', 'event']
const given = process.argv.slice(2)
const places = given.filter(one => one.startsWith('src/'))
const rooms = given.filter(one => !places.includes(one))
const unknown = rooms.filter(room => !ROOMS.includes(room))
if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')} among ${ROOMS.join(', ')}.`)

// The checker that takes the sample runs in processes of its own, and reads these.
process.env.MUTATE_SEED ??= new Date().toISOString().slice(0, 10)
process.env.MUTATE_SAMPLE ??= places.length > 0 ? '1' : '0.1'
const { MUTATE_SEED, MUTATE_SAMPLE, MUTATE_SCORE = '95' } = process.env

const { Stryker } = await import('@stryker-mutator/core')
const mutated = given.length > 0 ? rooms : ROOMS
const results = await new Stryker({
  mutate: [...mutated.map(room => `src/${room}/**/*.ts`), ...places],
  testRunner: 'vitest',
  vitest: { configFile: 'build/mutate/vitest.config.ts', related: true },
  plugins: ['@stryker-mutator/vitest-runner', './build/mutate/sample.mjs'],
  checkers: ['sample'],
  ignorers: ['sample'],
  coverageAnalysis: 'perTest',
  ignorePatterns: ['bench', 'docs', 'examples', 'dist', 'test/{browser,hosts,lambda/runtime*,runtimes/hosts}'],
  concurrency: 2,
  // Later than a test's own.
  timeoutMS: 90_000,
  dryRunTimeoutMinutes: 30,
  reporters: ['dots'],
  logLevel: 'warn',
  allowEmpty: true,
}).runMutationTest()

const isLate = ({ status, statusReason = '' }) =>
  (status === 'Timeout' && !statusReason.startsWith('Hit limit')) || /^Test timed out in /.test(statusReason)
const late = results.filter(isLate)
const inTime = results.filter(result => !isLate(result))
const killed = inTime.filter(({ status }) => status === 'Killed' || status === 'Timeout')
const survivors = inTime.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')

const NOTES = { NoCoverage: 'no test runs it: ', Survived: '' }
console.log()
for (const { fileName, location, mutatorName, replacement, status } of [...survivors, ...late]) {
  const place = `${relative(process.cwd(), fileName)}:${location.start.line}:${location.start.column}`
  const change = (replacement ?? '').replace(/\s+/g, ' ').slice(0, 100)
  console.log(`${place} ${mutatorName}, ${NOTES[status] ?? 'out of time: '}${change}`)
}

const scoreOf = (died, lived) => (died + lived > 0 ? (100 * died) / (died + lived) : 100)
for (const room of mutated) {
  const countIn = list =>
    list.filter(({ fileName }) => relative(process.cwd(), fileName).startsWith(`src/${room}/`)).length
  const [died, lived, lateOnes] = [killed, survivors, late].map(countIn)
  const score = `${scoreOf(died, lived).toFixed(1)} %`
  console.log(`${room}: ${died} of ${died + lived} mutants died, ${score}; ${lateOnes} more ran out of time`)
}
const score = scoreOf(killed.length, survivors.length)
console.log(
  `${killed.length} of ${killed.length + survivors.length} mutants died, ${score.toFixed(1)} %, of ${results.length} that ` +
    `there are (MUTATE_SEED=${MUTATE_SEED} MUTATE_SAMPLE=${MUTATE_SAMPLE}).`,
)
if (score < Number(MUTATE_SCORE)) process.exitCode = 1
