import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** Raised on purpose only. The aim is 25 files and 130 functions. */
const MAX_FILES = 38
const MAX_FUNCTIONS = 180

test('a warm Hono POST goes through few files and functions of ours', { timeout: 60_000 }, () => {
  const script = fileURLToPath(new URL('../../bench/street.mjs', import.meta.url))
  const printed = execFileSync(process.execPath, [script], { encoding: 'utf8' })
  const [, files, functions] = /^files: (\d+)\nfunctions: (\d+)$/m.exec(printed) ?? []
  expect(Number(files)).toBeGreaterThan(10)
  expect(Number(files)).toBeLessThanOrEqual(MAX_FILES)
  expect(Number(functions)).toBeLessThanOrEqual(MAX_FUNCTIONS)
})
