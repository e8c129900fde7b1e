/** The suites of test/runtimes, unchanged, in workerd, the edge VM and each host. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EdgeVM } from '@edge-runtime/vm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serveWorker } from './package/serve-workerd.ts'
import { bundleSuites } from './support/legs/bundle-suites.ts'
import { hosts, runInHost, versionOf } from './support/legs/hosts.ts'
import type { Report } from './support/legs/vitest.ts'

/** Fewer would mean that a suite was lost on the way. */
const FEWEST_CASES = 110

/** What a runtime without `AsyncLocalStorage` cannot do, and no more: there the handle does all the same work. */
const NEEDS_STORAGE = [
  'scopes that are open at the same time > keep their breadcrumbs, logs and trace ids apart',
  'scopes that are open at the same time > take their trace id and waitUntil from the scope around them',
]

function check(runtime: string, { passed, failures }: Report, hasStorage = true): void {
  const unexpected = hasStorage ? failures : failures.filter(({ name }) => !NEEDS_STORAGE.includes(name))
  console.log(`${runtime}: ${passed} passed, ${unexpected.length} failed${hasStorage ? '' : ', no AsyncLocalStorage'}`)
  expect(unexpected).toEqual([])
  expect(failures).toHaveLength(hasStorage ? 0 : NEEDS_STORAGE.length)
  expect(passed).toBeGreaterThanOrEqual(FEWEST_CASES)
}

/** What a host prints between its own lines. */
const MARK = '@@report@@'

describe('from the command line', () => {
  it.each(hosts)('$name ($binary)', async host => {
    const folder = await mkdtemp(join(tmpdir(), 'replaystack-leg-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'suites.mjs')
    await writeFile(file, await bundleSuites(`run().then(report => console.log('${MARK}' + JSON.stringify(report)))`))
    const printed = await runInHost(host, file)
    check(await versionOf(host), JSON.parse(printed.slice(printed.indexOf(MARK) + MARK.length)))
  })
})

const { version }: { version: string } = createRequire(import.meta.url)('workerd/package.json')

describe(`workerd ${version}`, () => {
  it.each([
    ['2024-01-01', [], false],
    ['2024-01-01', ['nodejs_als'], true],
    ['2024-09-23', ['nodejs_compat'], true],
    ['2026-10-01', [], true],
  ])('of %s with flags %j', async (compatibilityDate, compatibilityFlags, hasStorage) => {
    const main = 'export default { fetch: async () => Response.json(await run()), scheduled() {} }'
    const worker = await serveWorker(await bundleSuites(main), { compatibilityDate, compatibilityFlags, bindings: {} })
    const answer = await fetch(worker.url)
    const report: Report = JSON.parse(await answer.text())
    const log = await worker.stop()
    check(`workerd ${version}, ${[compatibilityDate, ...compatibilityFlags].join(', ')}`, report, hasStorage)
    expect(log).not.toMatch(/hung|different request|Illegal invocation|did not read the body|uncaught exception/i)
  })
})

it('the edge VM', async () => {
  const vm = new EdgeVM()
  vm.evaluate(await bundleSuites('globalThis.report = run()', 'iife'))
  const report: Report = await vm.context['report']
  const { version }: { version: string } = createRequire(import.meta.url)('@edge-runtime/vm/package.json')
  check(`Edge VM ${version}`, report, false)
})
