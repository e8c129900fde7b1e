import { Response } from 'miniflare'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS, moduleOf, startMiniflare } from './start-miniflare.ts'

test('events go to a Worker of the same account by its binding, and nowhere else', async () => {
  const ingest = await openIngest()
  const elsewhere: string[] = []
  const { miniflare, log } = await startMiniflare([
    {
      name: 'shop',
      ...moduleOf(await bundleFixture('to-service')),
      serviceBindings: { INBOX: 'inbox' },
      outboundService: request => {
        elsewhere.push(request.url)
        return new Response(null, { status: 502 })
      },
    },
    { name: 'inbox', ...moduleOf(await bundleFixture('service-inbox')), bindings: { INGEST: ingest.url } },
  ])
  await (await miniflare.dispatchFetch('http://w/one')).text()
  expect(await ingest.arrived(1)).toMatchObject([{ endpoint: '/one', method: 'GET', statusCode: 200 }])
  const [{ url, headers } = {}] = ingest.requests
  expect(url).toBe('/api/v1/ingest/events')
  expect(headers).toMatchObject({ 'x-replaystack-api-key': 'team-key', 'idempotency-key': expect.any(String) })

  // What fails is sent again by the same way, and is one event.
  ingest.always = { status: 503 }
  await (await miniflare.dispatchFetch('http://w/two')).text()
  await eventually(() => expect(ingest.requests.length).toBeGreaterThan(2))
  ingest.always = undefined
  await (await miniflare.dispatchFetch('http://w/many')).text()
  const arrived = await ingest.arrived(12)
  expect(arrived.map(({ endpoint }) => endpoint).sort()).toEqual(
    ['/many', '/one', '/two', ...Array.from({ length: 9 }, (_, index) => `job-${index + 1}`)].sort(),
  )
  expect(elsewhere).toEqual([])
  expect(log().match(COMPLAINTS)).toBeNull()
})

test('a redirect is a refusal: the key goes no further', async () => {
  const [ingest, other] = await Promise.all([openIngest(), openIngest()])
  ingest.always = { status: 307, headers: { location: `${other.url}/api/v1/ingest/events` } }
  const { miniflare, log } = await startMiniflare([
    { name: 'shop', ...moduleOf(await bundleFixture('to-service')), serviceBindings: { INBOX: 'inbox' } },
    { name: 'inbox', ...moduleOf(await bundleFixture('service-inbox')), bindings: { INGEST: ingest.url } },
  ])
  await (await miniflare.dispatchFetch('http://w/one')).text()
  await eventually(() => expect(log()).toContain('refused an event: 307'))
  expect(ingest.requests).toHaveLength(1)
  expect(other.requests).toHaveLength(0)
})
