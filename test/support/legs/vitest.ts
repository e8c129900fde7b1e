/**
 * What the suites of test/runtimes import as `vitest` where vitest itself does not run: its own `expect`, and the four
 * functions around it, which only collect.
 */
import { GLOBAL_EXPECT, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect'
import * as chai from 'chai'

type Body = () => unknown

interface Suite {
  name: string
  before: Body[]
  cases: { name: string; run: Body }[]
}

/** What one runtime made of the suites. */
export interface Report {
  passed: number
  failures: { name: string; message: string }[]
}

const suites: Suite[] = []
let path: Suite[] = []

export function describe(name: string, body: Body): void {
  const around = path
  const suite: Suite = {
    name: [...around.map(one => one.name), name].join(' > '),
    before: around.flatMap(one => one.before),
    cases: [],
  }
  suites.push(suite)
  path = [suite]
  body()
  path = around
}

export function test(name: string, run: Body): void {
  const [suite] = path
  if (suite) suite.cases.push({ name: `${suite.name} > ${name}`, run })
  else suites.push({ name: '', before: [], cases: [{ name, run }] })
}

/** One case for each entry; a list is spread over the arguments. */
test.each =
  <Entry>(entries: readonly Entry[]) =>
  (name: string, run: (...entry: never[]) => unknown): void => {
    for (const entry of entries) {
      const given: unknown[] = Array.isArray(entry) ? entry : [entry]
      test(`${name} (${given.map(String).join(', ')})`, () => Reflect.apply(run, undefined, given))
    }
  }

export function beforeAll(body: Body): void {
  path[0]?.before.push(body)
}

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin)

/** vitest's own: its matchers on chai's. */
export const { expect } = chai
Reflect.set(globalThis, GLOBAL_EXPECT, expect)

/** Runs all that was collected, one after the other. */
export async function run(): Promise<Report> {
  const report: Report = { passed: 0, failures: [] }
  for (const { before, cases } of suites) {
    for (const body of before) await body()
    for (const one of cases) {
      try {
        await one.run()
        report.passed++
      } catch (thrown) {
        report.failures.push({
          name: one.name,
          message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
        })
      }
    }
  }
  return report
}
