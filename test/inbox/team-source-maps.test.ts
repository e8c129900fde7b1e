/** A failure's way from the SDK in a bundled Worker, through a team's inbox, to its page: all of it in real workerd. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { definitions } from '../../build/entries.ts'
import { prepareSourceMap } from '../../src/inbox/local/prepare-source-map.ts'
import { fetchReleaseCheck, type UploadOptions, uploadSourceMaps } from '../../src/inbox/local/upload-source-maps.ts'
import { useInboxToken } from '../../src/inbox/replay/fetch-json.ts'
import { eventually } from '../support/eventually.ts'
import { COMPLAINTS, moduleOf } from '../workerd/start-miniflare.ts'
import { write } from './bundled-project.ts'
import { ADMIN_TOKEN, startTeamInbox, type TeamInbox } from './start-team-inbox.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const SHOP = {
  'package.json': '{}',
  'src/index.ts': `import { serviceTransport, withReplayStack } from '@replaystack/edge/cloudflare'
import { charge } from './payment'

export default withReplayStack(
  {
    async fetch(request) {
      const order = await request.json()
      return Response.json(charge(order))
    },
  },
  env => ({ transport: serviceTransport(env.INBOX) }),
)
`,
  'src/payment.ts': `export function charge(order: { card?: { id: string } }) {
  // The card is not checked.
  return (order as { card: { id: string } }).card.id
}
`,
}

/** A shop's Worker, minified, with its map beside it. */
async function bundleShop(): Promise<{ project: string; code: string }> {
  const project = createTemporaryFolder()
  write(project, SHOP)
  const { outputFiles } = await build({
    absWorkingDir: project,
    entryPoints: ['src/index.ts'],
    outfile: 'dist/worker.mjs',
    bundle: true,
    minify: true,
    sourcemap: true,
    format: 'esm',
    write: false,
    alias: {
      '@replaystack/edge/cloudflare': fileURLToPath(new URL('../../src/adapters/cloudflare/index.ts', import.meta.url)),
    },
    define: definitions,
  })
  for (const { path, text } of outputFiles) write(project, { [path.slice(project.length + 1)]: text })
  return { project, code: outputFiles.find(({ path }) => path.endsWith('.mjs'))?.text ?? '' }
}

const shopWorker = (code: string, key: string) => ({
  name: 'shop',
  ...moduleOf(code),
  routes: ['shop.test/*'],
  bindings: { REPLAYSTACK_API_KEY: key, REPLAYSTACK_COMMIT_HASH: '3f2c1ab', REPLAYSTACK_SERVICE_NAME: 'shop' },
  serviceBindings: { INBOX: 'inbox' },
})

const order = (inbox: TeamInbox) =>
  inbox.miniflare.dispatchFetch('http://shop.test/orders?token=hunter2secret', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sku: 'samovar', password: 'correct horse' }),
  })

test('a masked failure comes through binding, queue and object to its issue and page, its frames in their sources', async () => {
  const { project, code } = await bundleShop()
  const folder = createTemporaryFolder()
  const before = await startTeamInbox([], folder)
  const key = await before.addProject('shop')
  await before.miniflare.dispose()
  const inbox = await startTeamInbox([shopWorker(code, key)], folder)

  const { text, ...file } = await prepareSourceMap(join(project, 'dist/worker.mjs.map'), project)
  const upload: UploadOptions = {
    to: `${inbox.url}/projects/shop`,
    release: '3f2c1ab',
    signal: new AbortController().signal,
    waits: [],
  }
  const files = [{ ...file, readText: async () => text }]
  useInboxToken('nobody')
  onTestFinished(() => useInboxToken(undefined))
  await expect(uploadSourceMaps(files, upload)).rejects.toThrow('does not let this upload in (401')
  useInboxToken(ADMIN_TOKEN)
  expect([await uploadSourceMaps(files, upload), await uploadSourceMaps(files, upload)]).toEqual([1, 0])
  // Another project's release of that name has no maps.
  await inbox.addProject('blog')
  expect((await inbox.ask('/projects/blog/api/v1/sourcemaps/3f2c1ab')).status).toBe(404)
  rmSync(project, { recursive: true })

  expect((await order(inbox)).status).toBe(500)
  const id = await eventually(async () => {
    const { events } = Object(await (await inbox.ask('/projects/shop/api/v1/events')).json())
    expect(events).toMatchObject([{ endpoint: '/orders', status: 'failed', commitHash: '3f2c1ab' }])
    return events[0].id
  })
  const page = await inbox.ask(`/projects/shop/events/${id}`, { headers: { accept: 'text/html' } })
  const html = await page.text()
  expect(html).toContain('src/payment.ts:3')
  expect(html).toContain('The card is not checked.')
  expect(html).toContain('samovar')
  expect(html).toContain('[MASKED]')
  expect(html).not.toMatch(/hunter2secret|correct horse/)
  const { issues } = Object(await (await inbox.ask('/projects/shop/api/v1/issues')).json())
  expect(issues).toMatchObject([{ errorName: 'TypeError', culprit: 'charge (src/payment.ts)', count: 1 }])
  const check = await fetchReleaseCheck(upload)
  expect(check).toMatchObject({ events: 1, unresolved: [] })
  expect(check.resolved).toBe(check.frames)
  expect(check.frames).toBeGreaterThan(0)
  expect(inbox.log().match(COMPLAINTS)).toBeNull()
}, 120_000)
