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
})
