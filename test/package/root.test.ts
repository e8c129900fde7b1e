/** The first page of the repository: what lies in its root, each entry where its tool or its reader looks for it. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { root } from './bundle-entry.ts'

const ENTRIES: Readonly<Record<string, string>> = {
  '.ci': 'what has to pass',
  '.github': 'workflows and forms, and what GitHub shows beside them: how to contribute, how to report a hole',
  '.gitignore': 'git',
  '.npmrc': 'npm',
  'CHANGELOG.md': 'what changed, for users',
  LICENSE: 'npm and GitHub',
  'README.md': 'the first page',
  bench: 'the figures',
  build: 'how dist/ is made, and the rules of the formatter and linter',
  docs: 'a page for each subject',
  examples: 'a folder for each host',
  'package-lock.json': 'npm',
  'package.json': 'npm',
  scripts: 'the demo, and what writes the docs',
  src: 'the package',
  test: 'its tests',
  tsconfig: 'settings of tsc for what is not the SDK',
  'tsconfig.json': 'tsc, and editors',
  'vitest.config.ts': 'vitest',
  'wrangler.toml': 'wrangler: the shop of the examples',
}

test('holds twenty entries at most, each expected there', () => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
  const entries = [...new Set(files.map(file => file.split('/')[0]))]
  expect(entries.sort()).toEqual(Object.keys(ENTRIES).sort())
  expect(entries.length).toBeLessThanOrEqual(20)
})
