/** Promises that reject when nobody waits for them, in the real runtime. */
import { expect, test } from 'vitest'
import { openIngest } from './open-inbox.ts'
import { bundleFixture, moduleOf, startMiniflare } from './start-miniflare.ts'

test('are events of their request', async () => {
  const ingest = await openIngest()
  const bindings = { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url }
  const { miniflare, log } = await startMiniflare([
    { name: 'rejections', ...moduleOf(await bundleFixture('rejections')), bindings },
  ])
  const ask = async (path: string): Promise<void> => {
    const answer = await miniflare.dispatchFetch(`http://w${path}`, { headers: { 'x-trace-id': `trace-of-${path}` } })
    expect(await answer.text()).toBe('done')
  }
  for (const path of ['/now', '/later', '/handled', '/kept']) await ask(path)

  // Four requests, two that nobody waits for, and the one that the handle was given.
  const events = await ingest.arrived(7)
  const failures = events.filter(({ status }) => status === 'failed')
  const failureOf = (path: string) => failures.find(({ errorMessage }) => errorMessage === `nobody waits for ${path}`)
  expect(failures).toHaveLength(3)
  for (const path of ['/now', '/later']) {
    expect(failureOf(path)).toMatchObject({
      eventType: 'custom',
      endpoint: '/runtime/unhandledRejection',
      errorName: 'RangeError',
      traceId: `trace-of-${path}`,
      breadcrumbs: expect.arrayContaining([expect.objectContaining({ message: `asked for ${path}` })]),
    })
  }
  expect(failureOf('/kept')).toMatchObject({ traceId: 'trace-of-/kept' })
  expect(log()).not.toMatch(/different request|Illegal invocation|hung|Disallowed/)
})
