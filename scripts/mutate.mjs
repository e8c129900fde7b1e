/**
 * `npm run mutate` changes the code of the rooms in small ways, a seeded sample of them, and says which of these mutants no test
 * fails with. `-- delivery mask` takes these rooms alone; `MUTATE_SAMPLE` is the part that is tried, from 0 to 1, and
 * `MUTATE_SEED` repeats a run. It fails below `MUTATE_SCORE` percent.
 */
import { relative } from 'node:path'

const ROOMS = ['mask', 'delivery', 'observe', 'body', 'event']
const rooms = process.argv.slice(2)
const unknown = rooms.filter(room => !ROOMS.includes(room))
if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')} among ${ROOMS.join(', ')}.`)

// The checker that takes the sample runs in processes of its own, and reads these.
process.env.MUTATE_SEED ??= new Date().toISOString().slice(0, 10)
process.env.MUTATE_SAMPLE ??= '0.1'
const { MUTATE_SEED, MUTATE_SAMPLE, MUTATE_SCORE = '95' } = process.env

const { Stryker } = await import('@stryker-mutator/core')
const results = await new Stryker({
  mutate: (rooms.length > 0 ? rooms : ROOMS).map(room => `src/${room}/**/*.ts`),
  testRunner: 'vitest',
  vitest: { configFile: 'build/mutate/vitest.config.ts', related: true },
  plugins: ['@stryker-mutator/vitest-runner', './build/mutate/sample.mjs'],
  checkers: ['sample'],
  coverageAnalysis: 'perTest',
  ignorePatterns: ['bench', 'docs', 'examples', 'dist', 'test/{runtimes,frameworks,lambda,hosts,browser}'],
  concurrency: 2,
  timeoutMS: 10_000,
  reporters: ['dots'],
  logLevel: 'warn',
  allowEmpty: true,
}).runMutationTest()

const countOf = (...statuses) => results.filter(({ status }) => statuses.includes(status)).length
const killed = countOf('Killed', 'Timeout')
const survivors = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
const tried = killed + survivors.length
const score = tried > 0 ? (100 * killed) / tried : 100
console.log()
for (const { fileName, location, mutatorName, replacement, status } of survivors) {
  const place = `${relative(process.cwd(), fileName)}:${location.start.line}:${location.start.column}`
  const change = (replacement ?? '').replace(/\s+/g, ' ').slice(0, 100)
  console.log(`${place} ${mutatorName}${status === 'NoCoverage' ? ', no test runs it' : ''}: ${change}`)
}
console.log(
  `${killed} of ${tried} mutants died, ${score.toFixed(1)} %, of ${results.length} that there are ` +
    `(MUTATE_SEED=${MUTATE_SEED} MUTATE_SAMPLE=${MUTATE_SAMPLE}).`,
)
if (score < Number(MUTATE_SCORE)) process.exitCode = 1
