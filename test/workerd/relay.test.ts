import { expect, test } from 'vitest'
import { type OpenIngest, openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS, moduleOf, startMiniflare } from './start-miniflare.ts'

const start = async (ingest: OpenIngest, batchMaxEvents: number) => {
  const queueProducers = { EVENTS: 'events' }
  return startMiniflare([
    {
      name: 'producer',
      ...moduleOf(await bundleFixture('producer')),
      bindings: { BATCH: batchMaxEvents },
      queueProducers,
    },
    {
      name: 'consumer',
      ...moduleOf(await bundleFixture('consumer')),
      bindings: { REPLAYSTACK_API_KEY: 'consumer-key', REPLAYSTACK_ENDPOINT: ingest.url },
      queueProducers,
      queueConsumers: { events: { maxBatchSize: 100, maxBatchTimeout: 0.1, maxRetries: 100 } },
    },
  ])
}

test('events outlive an outage in the queue, and arrive once by the key of who ships them', async () => {
  const ingest = await openIngest()
  ingest.always = { status: 503, headers: { 'retry-after': '1' } }
  const { miniflare, log } = await start(ingest, 1)
  for (const path of ['/one', '/two', '/large']) await (await miniflare.dispatchFetch(`http://w${path}`)).text()
  while (ingest.requests.length < 3) await new Promise(resolve => setTimeout(resolve, 20))
  ingest.always = undefined

  const events = await ingest.arrived(3)
  expect(events.map(({ endpoint }) => endpoint).sort()).toEqual(['/large', '/one', '/two'])
  expect(events.find(({ endpoint }) => endpoint === '/large')?.responsePayload).toEqual({
    __truncated: true,
    originalSizeBytes: 300_002,
    maxSizeBytes: 127_000,
    preview: `"${'é'.repeat(1999)}`,
  })
  const { headers } = ingest.requests.at(-1) ?? {}
  expect(headers?.['x-replaystack-api-key']).toBe('consumer-key')
  // The consumer's own runs made no event: it would have come before this one.
  await miniflare.dispatchFetch('http://w/last')
  expect((await ingest.arrived(4)).map(({ endpoint }) => endpoint)).toContain('/last')
  expect(ingest.events()).toHaveLength(4)
  expect(log().match(COMPLAINTS)).toBeNull()
})

test('a batch goes through the queue as one message each, and out of it in batches', async () => {
  const ingest = await openIngest()
  const { miniflare, log } = await start(ingest, 50)
  await miniflare.dispatchFetch('http://w/many')
  const events = await ingest.arrived(31)
  expect(new Set(events.map(({ endpoint }) => endpoint)).size).toBe(31)
  expect(ingest.requests.length).toBeLessThan(10)
  expect(ingest.requests.some(({ url }) => url?.endsWith('/bulk-events'))).toBe(true)
  expect(log().match(COMPLAINTS)).toBeNull()
})

test('a refused key costs no event: after its retries the dead-letter queue has them, and one line a try says why', async () => {
  const [refusing, ingest] = await Promise.all([openIngest(), openIngest()])
  refusing.always = { status: 401, body: '{"message":"Invalid API key"}' }
  const consumer = moduleOf(await bundleFixture('consumer'))
  const queueProducers = { EVENTS: 'events' }
  const ships = (endpoint: string) => ({ REPLAYSTACK_API_KEY: 'consumer-key', REPLAYSTACK_ENDPOINT: endpoint })
  const { miniflare, log } = await startMiniflare([
    { name: 'producer', ...moduleOf(await bundleFixture('producer')), bindings: { BATCH: 1 }, queueProducers },
    {
      name: 'consumer',
      ...consumer,
      bindings: ships(refusing.url),
      queueProducers,
      queueConsumers: { events: { maxBatchTimeout: 0.05, maxRetries: 2, deadLetterQueue: 'dead' } },
    },
    {
      name: 'undertaker',
      ...consumer,
      bindings: ships(ingest.url),
      queueProducers,
      queueConsumers: { dead: { maxBatchTimeout: 0.05 } },
    },
  ])
  await (await miniflare.dispatchFetch('http://w/one')).text()
  expect(await ingest.arrived(1)).toMatchObject([{ endpoint: '/one' }])
  expect(refusing.requests).toHaveLength(3)
  expect(log().match(/^.*ReplayStack.*$/gm)).toEqual(
    Array(3).fill('ReplayStack refused an event: 401: Invalid API key. Check REPLAYSTACK_API_KEY.'),
  )
})
