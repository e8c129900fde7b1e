import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { definitions } from '../../build/entries.ts'
import { root } from './bundle-entry.ts'

const folder = join(root, '.github/workflows')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

/** A workflow's jobs, each as it is written. */
function jobsOf(workflow: string): Map<string, string> {
  const [, jobs = ''] = workflow.split(/^jobs:\n/m)
  const parts = jobs.split(/^ {2}(?=[\w-]+:\n)/m).filter(part => part.trim() !== '')
  return new Map(parts.map(part => [part.slice(0, part.indexOf(':')), part]))
}

/** The commands and actions of a job, in their order. */
const stepsOf = (job = ''): string[] =>
  [...job.matchAll(/^ +(?:- )?(?:run|uses): (.*)$/gm)].map(([, step = '']) => step)

describe('a release', () => {
  const workflow = read('release.yml')
  const [before = ''] = workflow.split(/^jobs:\n/m)
  const jobs = jobsOf(workflow)
  const check = jobs.get('check')
  const publish = jobs.get('publish')

  test('is made of a version tag alone, and of nothing that a stranger can send', () => {
    const [, trigger = ''] = /^on:\n((?: +.*\n)+)/m.exec(before) ?? []
    expect(trigger).toBe("  push:\n    tags: ['v*']\n")
    expect([...jobs.keys()]).toEqual(['check', 'publish'])
    expect(workflow).not.toMatch(/pull_request|workflow_run|repository_dispatch|github\.event\.|github\.head_ref/)
  })

  test('is published after every check, with its provenance, from a fresh install', () => {
    expect(stepsOf(check)).toContain('.ci/run')
    expect(stepsOf(check)).toContain('test "$GITHUB_REF_NAME" = "v$(node -p \'require("./package.json").version\')"')
    expect(check).toMatch(/run: grep -qxF "## \$\{GITHUB_REF_NAME#v\}" CHANGELOG\.md$/m)
    expect(publish).toMatch(/^ {4}needs: check$/m)
    expect(stepsOf(publish)).toEqual([
      'actions/checkout@v6',
      'actions/setup-node@v6',
      'npm ci',
      'npm run build',
      'npm publish --provenance --access public',
    ])
    expect(workflow).not.toMatch(/continue-on-error|if: always|cache: npm/)
  })

  test('may sign for itself where it publishes, and nowhere else; it holds no secret', () => {
    expect(before).toMatch(/^permissions:\n {2}contents: read\n\n/m)
    expect(check).not.toContain('permissions:')
    const granted = [...(publish ?? '').matchAll(/^ {6}([a-z-]+): (read|write)$/gm)].map(([, name, level]) => [
      name,
      level,
    ])
    expect(granted).toEqual([
      ['contents', 'read'],
      ['id-token', 'write'],
    ])
  })
})

describe('a version', () => {
  const manifest: { name: string; version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

  test('is said in package.json, repeated by its lock, and typed nowhere else', () => {
    const lock: { version: string; packages: Record<string, { version?: string }> } = JSON.parse(
      readFileSync(join(root, 'package-lock.json'), 'utf8'),
    )
    expect([lock.version, lock.packages['']?.version]).toEqual([manifest.version, manifest.version])
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(name =>
      /\.tsx?$/.test(name),
    )
    const typed = sources.filter(name =>
      /__SDK_VERSION__|SDK_VERSION\b.*=/.test(readFileSync(join(root, 'src', name), 'utf8')),
    )
    expect(typed).toEqual(['event/version.ts'])
    expect(definitions).toEqual({ __SDK_VERSION__: JSON.stringify(manifest.version) })
  })

  test('is described in the topmost section of the changelog', () => {
    const [, topmost] = /^## (.+)$/m.exec(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')) ?? []
    expect(topmost).toBe(manifest.version)
  })
})

describe('a workflow', () => {
  test.each(readdirSync(folder))('reads the repository, keeps no credentials and needs no secret: %s', name => {
    const workflow = read(name)
    expect(workflow).toMatch(/^permissions:\n {2}contents: read\n/m)
    expect(workflow).not.toMatch(/secrets\.|NODE_AUTH_TOKEN|write-all/)
    const checkouts = workflow.match(/uses: actions\/checkout@.*\n +with:\n +persist-credentials: false\n/g) ?? []
    expect(checkouts).toHaveLength(workflow.match(/actions\/checkout@/g)?.length ?? 0)
    const actions = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action = '']) => action)
    expect(actions.filter(action => !action.startsWith('actions/'))).toEqual([])
  })
})
