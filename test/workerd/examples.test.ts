import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../package/bundle-entry.ts'

test.each(['worker', 'durable-object'])(
  'examples/%s is built by wrangler as it stands',
  { timeout: 60_000 },
  async name => {
    const folder = await mkdtemp(join(tmpdir(), 'replaystack-example-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    // An example has a package.json of its own, in which the package that is built here is not installed.
    const alias = `@replaystack/edge/cloudflare:${join(root, 'dist/cloudflare.js')}`
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [
        join(root, 'node_modules/wrangler/bin/wrangler.js'),
        'deploy',
        '--dry-run',
        '--outdir',
        folder,
        '--alias',
        alias,
      ],
      {
        cwd: join(root, 'examples', name),
        env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: folder, CI: 'true' },
      },
    )
    expect(`${stdout}${stderr}`).not.toMatch(/warning|error/i)
    const code = await readFile(join(folder, 'index.js'), 'utf8')
    expect(code).toContain('ReplayStack apiKey is required.')
  },
)
