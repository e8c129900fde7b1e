/** The README's first lines: what it is, in ten lines that run. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { openIngest } from '../workerd/open-inbox.ts'
import { readme, snippets } from './read-readme.ts'

const [first] = snippets
const code = first?.code ?? ''

test('one sentence, then ten lines of Hono, before line 25', () => {
  const [title, , ...lines] = readme.split('\n')
  expect(title).toBe('# @replaystack/edge')
  const sentence = lines.slice(0, lines.indexOf('')).join(' ')
  expect(sentence.match(/\.(?= |$)/g)).toHaveLength(1)
  const written = code.split('\n').filter(line => line !== '')
  expect(written.length).toBeLessThanOrEqual(10)
  expect((first?.line ?? 99) + code.split('\n').length).toBeLessThan(25)
})

test('the ten lines record a request, by the key that the Worker has', async () => {
  const ingest = await openIngest()
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-readme-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const entry = join(folder, 'index.ts')
  await writeFile(entry, code)
  const outfile = join(folder, 'index.mjs')
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    nodePaths: [join(root, 'node_modules')],
    mainFields: ['module', 'main'],
    alias: { '@replaystack/edge/hono': join(root, 'dist/hono.js') },
    logLevel: 'error',
  })
  const { default: app }: { default: { request(path: string, init: object, env: object): Promise<Response> } } =
    await import(outfile)
  const env = { REPLAYSTACK_API_KEY: 'rs_live_example', REPLAYSTACK_ENDPOINT: ingest.url }
  const answer = await app.request('/orders', { method: 'POST' }, env)
  expect([answer.status, await answer.json()]).toEqual([201, { ok: true }])
  const [event] = await ingest.arrived(1)
  expect(event).toMatchObject({ method: 'POST', endpoint: '/orders', statusCode: 201, responsePayload: { ok: true } })
  expect(event?.breadcrumbs?.map(({ message }) => message)).toContain('Charging card')
})

test("the inbox's page shows the same lines", () => {
  const page = readFileSync(join(root, 'src/inbox/page/welcome.tsx'), 'utf8')
  const [, shown] = /^const SNIPPET = `(.*?)`$/ms.exec(page) ?? []
  expect(shown).toBe(code.replace(/ \/\/ .*/, '').trimEnd())
})
