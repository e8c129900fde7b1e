import { describe, expect, it } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { getPage, type HtmlPage, postEvent } from './page-html.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

async function showEvent(event: ReplayStackEvent): Promise<HtmlPage> {
  const app = createTestApp()
  return getPage(app, `/events/${await postEvent(app, event)}`)
}

describe('an error on its event’s page', () => {
  it('shows frames of other SDKs, which may have no line as it was written', async () => {
    const stackFrames = [{ lineNumber: 18 }, { functionName: 'createOrder' }, { raw: '  at native' }]
    const { status, text } = await showEvent(
      JSON.parse(
        JSON.stringify(createSampleEvent({ errorName: 'E' })).replace(
          '{',
          `{"stackFrames":${JSON.stringify(stackFrames)},`,
        ),
      ),
    )
    expect(status).toBe(200)
    expect(text).toMatch(/\(unknown\) +createOrder +at native/)
  })

  it('shows the first 100 frames, and how many more there are', async () => {
    const frames = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ fileName: `frame-${index}.ts`, lineNumber: 1, raw: 'at x' }))
    const causes = [{ path: 'cause', errorName: 'Cause', errorMessage: 'm', stackFrames: frames(7) }]
    const { tags, text } = await showEvent(
      createSampleEvent({ errorName: 'E', stackFrames: frames(2345), metadata: { causes } }),
    )
    expect(tags.filter(({ attributes }) => attributes['class'] === 'frame-place')).toHaveLength(100)
    expect(text).toContain('2,245 more frames. Show all as raw JSON')
    expect(text).toContain('7 more frames. Show all as raw JSON')
  })

  it.each([
    'file:///app/node_modules/@replaystack/edge/dist/hono.js',
    'file:///home/me/replaystack-edge/dist/chunk-A.js',
    'C:\\app\\node_modules\\express\\lib\\router.js',
    'node:internal/process/task_queues',
    'cloudflare-internal:sockets',
    'node-internal:async_hooks',
    'https://jsr.io/@hono/hono/4.6.0/src/compose.ts',
    'file:///root/.cache/deno/npm/registry.npmjs.org/hono/4.6.0/dist/compose.js',
    'file:///var/runtime/index.mjs',
    '/var/task/___vc/launcher.js',
  ])('opens the first frame of the application, not that of %s', async fileName => {
    const frames = [
      { functionName: 'outside', fileName, lineNumber: 1, raw: 'r' },
      { functionName: 'charge', fileName: 'file:///app/src/payment.ts', lineNumber: 7, raw: 'r' },
    ]
    const context = [{ line: 7, text: 'charge()' }]
    const app = createTestApp({
      sourceMaps: {
        resolve: ({ functionName }) =>
          functionName === 'charge'
            ? { fileName: 'src/payment.ts', lineNumber: 7, columnNumber: 1, own: true, context }
            : undefined,
      },
    })
    const id = await postEvent(app, createSampleEvent({ errorName: 'E', stackFrames: frames }))
    const { text, html } = await getPage(app, `/events/${id}`)
    expect(text).toMatch(/1 frame outside the application +outside /)
    expect(html).toMatch(/<details open[^>]*><summary><span class="frame-line"><span class="frame-function">charge</)
    const terminal = await (await app.app.request(`/events/${id}`)).text()
    expect(terminal).toContain(
      '    … 1 frame outside the application\n    at charge (src/payment.ts:7:1)\n      > 7  charge()\n',
    )
  })

  it.each([
    'index.js',
    'file:///app/.wrangler/tmp/dev-1/index.js',
    'C:\\app\\src\\hono.ts',
    '/var/task/index.mjs',
    'app.ts',
  ])('takes %s for the application’s', async fileName => {
    const stackFrames = [
      { functionName: 'emit', fileName: 'node:events', raw: 'r' },
      { functionName: 'charge', fileName, lineNumber: 1, raw: 'r' },
    ]
    const { text } = await showEvent(createSampleEvent({ errorName: 'E', stackFrames }))
    expect(text).toMatch(/1 frame outside the application +emit +node:events +charge /)
  })
})
