import { expect, test } from 'vitest'
import { openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS, moduleOf, startMiniflare } from './start-miniflare.ts'

const bindings = (endpoint: string) => ({ REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: endpoint })

test('a batch of a queue is an event, and its messages keep their methods', async () => {
  const ingest = await openIngest()
  const { miniflare, log } = await startMiniflare([
    {
      name: 'handlers',
      ...moduleOf(await bundleFixture('handlers')),
      bindings: bindings(ingest.url),
      queueProducers: { ORDERS: 'orders' },
      queueConsumers: { orders: { maxBatchTimeout: 0.05, retryDelay: 0 } },
    },
  ])
  await miniflare.dispatchFetch('http://w/')
  // The request, the batch, and the message that was retried.
  const events = await ingest.arrived(3)
  const [first, second] = events.filter(event => event.eventType === 'queue')
  const message = { id: expect.any(String), timestamp: expect.stringMatching(/^\d{4}-/) }
  expect(first).toMatchObject({
    endpoint: 'orders',
    status: 'warning',
    traceId: events.find(({ eventType }) => eventType === 'api')?.traceId,
    requestPayload: {
      messages: [
        { ...message, attempts: 1, body: { order: 1, cvv: '[MASKED]', replaystack: { traceId: first?.traceId } } },
        { ...message, attempts: 1, body: { order: 2, cvv: '[MASKED]' } },
      ],
    },
    metadata: { batchSize: 2, messages: [{ outcome: 'ack' }, { outcome: 'retry' }] },
  })
  expect(first?.breadcrumbs?.map(crumb => crumb.message)).toEqual(['Job started', 'order 1', 'order 2', 'Job finished'])
  expect(second?.requestPayload).toMatchObject({ messages: [{ attempts: 2, body: { order: 2 } }] })
  expect(second).toMatchObject({ status: 'success', metadata: { messages: [{ attempts: 2, outcome: 'ack' }] } })
  expect(log().match(COMPLAINTS)).toBeNull()
})

test('mail is an event by its addresses, and its text is the handler’s alone', async () => {
  const ingest = await openIngest()
  const { miniflare, log } = await startMiniflare([
    {
      name: 'handlers',
      ...moduleOf(await bundleFixture('handlers')),
      bindings: bindings(ingest.url),
      queueProducers: { ORDERS: 'orders' },
    },
  ])
  const raw =
    'From: a@example.com\r\nTo: b@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: x\r\n\r\nspam and private'
  const answer = await miniflare.dispatchFetch('http://w/cdn-cgi/local/email?from=a@example.com&to=b@example.com', {
    method: 'POST',
    body: raw,
  })
  expect(await answer.text()).toContain('no spam')
  const [event] = await ingest.arrived(1)
  expect(event).toMatchObject({
    eventType: 'custom',
    endpoint: 'email',
    status: 'success',
    metadata: { from: 'a@example.com', to: 'b@example.com', rawSize: raw.length },
  })
  expect(JSON.stringify(event)).not.toContain('private')
  expect(log().match(COMPLAINTS)).toBeNull()
})

test('a tail Worker records the failures of another, and nothing else', async () => {
  const ingest = await openIngest()
  const { miniflare, log } = await startMiniflare([
    { name: 'shop', ...moduleOf(await bundleFixture('failing')), tails: ['watcher'] },
    { name: 'watcher', ...moduleOf(await bundleFixture('tail')), bindings: bindings(ingest.url) },
  ])
  await miniflare.dispatchFetch('http://shop/fine')
  await miniflare.dispatchFetch('http://shop/fails?token=abc', { headers: { 'x-trace-id': 'trace-9' } })
  await miniflare.dispatchFetch('http://shop/cdn-cgi/local/scheduled?cron=*/5+*+*+*+*')
  const events = await ingest.arrived(2)
  const find = (endpoint: string) => events.find(event => event.endpoint === endpoint)
  expect(find('/fails')).toMatchObject({
    eventType: 'api',
    method: 'GET',
    status: 'failed',
    statusCode: 500,
    errorName: 'TypeError',
    errorMessage: 'not caught',
    stackTrace: expect.stringMatching(/^TypeError: not caught\n {4}at Object\.fetch \(/),
    stackFrames: [{ functionName: 'Object.fetch' }],
    traceId: 'trace-9',
    logs: [{ level: 'error', message: 'about to fail {"password":"[MASKED]"}' }],
    metadata: { outcome: 'exception' },
  })
  expect(find('*/5 * * * *')).toMatchObject({ eventType: 'cron', status: 'failed', errorName: 'RangeError' })
  expect(events).toHaveLength(2)
  expect(log().match(/different request|Illegal invocation|hung/)).toBeNull()
})
