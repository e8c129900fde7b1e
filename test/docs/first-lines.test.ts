/** The README's first lines: what it is, in ten lines that run. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, onTestFinished, test, vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { openIngest } from '../workerd/open-inbox.ts'
import { readPage } from './read-pages.ts'

const page = readPage('README.md')
const [first, commands] = page.snippets
const code = first?.code ?? ''

test('one sentence, a picture, ten lines of Hono and three commands, before line 31; the page has 250 lines at most', () => {
  const [title, , ...lines] = page.text.split('\n')
  expect(title).toBe('# @replaystack/edge')
  const end = lines.indexOf('')
  expect(
    lines
      .slice(0, end)
      .join(' ')
      .match(/\.(?= |$)/g),
  ).toHaveLength(1)
  expect(lines[end + 1]).toMatch(/^!\[.+\]\(docs\/images\/event\.png\)$/)
  const written = code.split('\n').filter(line => line !== '')
  expect(written.length).toBeLessThanOrEqual(10)
  expect(commands?.code.match(/^npx replaystack (inbox|replay|test) /gm)).toHaveLength(3)
  expect((commands?.line ?? 99) + 3).toBeLessThan(32)
  expect(page.text.split('\n').length).toBeLessThanOrEqual(251)
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
  const order = (items: object[]) => app.request('/orders', { method: 'POST', body: JSON.stringify({ items }) }, env)
  expect((await order([{ sku: 'teapot' }])).status).toBe(201)
  // Hono writes the error to the console.
  vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => void vi.restoreAllMocks())
  expect((await order([])).status).toBe(500)
  const events = await ingest.arrived(2)
  expect(events).toMatchObject([
    { method: 'POST', endpoint: '/orders', statusCode: 201, responsePayload: { charged: 'teapot' } },
    { method: 'POST', endpoint: '/orders', statusCode: 500, status: 'failed', errorName: 'TypeError' },
  ])
  for (const { breadcrumbs } of events) expect(breadcrumbs?.map(({ message }) => message)).toContain('Charging card')
})

test("the inbox's page shows the same lines", () => {
  const page = readFileSync(join(root, 'src/inbox/page/welcome.tsx'), 'utf8')
  const [, shown] = /^const SNIPPET = `(.*?)`$/ms.exec(page) ?? []
  expect(shown).toBe(code.replace(/ \/\/ .*/, '').trimEnd())
})
