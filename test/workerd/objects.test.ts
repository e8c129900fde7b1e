import { beforeAll, describe, expect, test } from 'vitest'
import { atScale } from '../support/scale.ts'
import { type OpenIngest, openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS, moduleOf, startMiniflare } from './start-miniflare.ts'

let code: string
beforeAll(async () => {
  code = await bundleFixture('objects')
})

const start = (ingest: OpenIngest) =>
  startMiniflare([
    {
      name: 'objects',
      ...moduleOf(code),
      bindings: { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url },
      durableObjects: { COUNTER: 'Counter' },
      serviceBindings: { PRICES: { name: 'objects', entrypoint: 'Prices' } },
    },
  ])

describe('a Durable Object', () => {
  test('records its requests and RPC calls, and is what it was', async () => {
    const ingest = await openIngest()
    const { miniflare, log } = await start(ingest)
    const answer = await (await miniflare.dispatchFetch('http://w/counter')).json()
    expect(answer).toEqual({
      fetched: { count: 15 },
      increment: 17,
      failed: 'RangeError: counted too far',
      hidden: 'hidden',
      label: 'count 17',
      secret: expect.stringContaining('does not implement the method "secret"'),
    })
    const events = await ingest.arrived(4)
    const durableObject = { class: 'Counter', id: expect.stringMatching(/^[\da-f]{64}$/), name: 'one' }
    const find = (endpoint: string) => events.find(event => event.endpoint === endpoint)
    expect(find('/add')).toMatchObject({
      eventType: 'api',
      method: 'GET',
      statusCode: 200,
      responsePayload: { count: 15 },
      metadata: { durableObject },
    })
    expect(find('Counter.increment')).toMatchObject({
      eventType: 'custom',
      status: 'success',
      metadata: { durableObject },
    })
    expect(find('Counter.fail')).toMatchObject({
      status: 'failed',
      errorName: 'RangeError',
      errorMessage: 'counted too far',
    })
    expect(find('Counter._hidden')).toMatchObject({ status: 'success' })
    // The getter made none, and neither did the method that `fetch` called itself.
    expect(events).toHaveLength(4)
    expect(log().match(COMPLAINTS)).toBeNull()
  })

  test('records its alarms', async () => {
    const ingest = await openIngest()
    const { miniflare, log } = await start(ingest)
    await miniflare.dispatchFetch('http://w/alarm')
    const events = await ingest.arrived(2)
    expect(events.map(({ eventType, endpoint }) => [eventType, endpoint]).sort()).toEqual([
      ['cron', 'alarm'],
      ['custom', 'Counter.wake'],
    ])
    const alarm = events.find(event => event.eventType === 'cron')
    expect(alarm).toMatchObject({ metadata: { isRetry: false, retryCount: 0, durableObject: { class: 'Counter' } } })
    expect(alarm?.breadcrumbs?.map(({ message }) => message)).toEqual(['Job started', 'rang', 'Job finished'])
    expect(log().match(COMPLAINTS)).toBeNull()
  })

  test(`records WebSocket messages${atScale('', ', between which it hibernates')}`, { timeout: 90_000 }, async () => {
    const ingest = await openIngest()
    const { miniflare, log } = await start(ingest)
    const { webSocket } = await miniflare.dispatchFetch('http://w/socket', { headers: { upgrade: 'websocket' } })
    if (!webSocket) throw new Error('The upgrade did not arrive.')
    webSocket.accept()
    await ingest.arrived(1)
    const ask = (message: string | ArrayBuffer) =>
      new Promise<unknown>(resolve => {
        webSocket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))), { once: true })
        webSocket.send(message)
      })

    expect(await ask('{"password":"hunter2"}')).toEqual({ message: 'string', messagesSinceMade: 1 })
    await ingest.arrived(2)
    expect(await ask(new Uint8Array(7).buffer)).toEqual({ message: 'object', messagesSinceMade: 2 })
    await ingest.arrived(3)
    // The runtime lets it go after ten seconds in which nothing is pending: its own time, which no clock of ours moves.
    await new Promise(resolve => setTimeout(resolve, atScale(0, 15_000)))
    expect(await ask('again')).toEqual({ message: 'string', messagesSinceMade: atScale(3, 1) })
    webSocket.send('throw')
    await ingest.arrived(5)
    webSocket.close(4001, 'enough')

    const events = await ingest.arrived(6)
    const [upgrade, text, binary, , failed, closed] = events
    expect(upgrade).toMatchObject({ eventType: 'api', statusCode: 101 })
    expect(text).toMatchObject({ eventType: 'custom', endpoint: 'Counter.webSocketMessage', status: 'success' })
    expect(text?.requestPayload).toBe('{"password":"[MASKED]"}')
    expect(binary).toMatchObject({ metadata: { sizeBytes: 7 } })
    expect(binary).not.toHaveProperty('requestPayload')
    expect(failed).toMatchObject({ status: 'failed', errorName: 'TypeError' })
    expect(closed).toMatchObject({ endpoint: 'Counter.webSocketClose', metadata: { code: 4001, reason: 'enough' } })
    expect(
      log()
        .match(COMPLAINTS)
        ?.filter(line => !line.includes('bad message')),
    ).toEqual(undefined)
  })
})

test('an entrypoint records its requests and RPC calls, and is what it was', async () => {
  const ingest = await openIngest()
  const { miniflare, log } = await start(ingest)
  expect(await (await miniflare.dispatchFetch('http://w/prices')).json()).toEqual({
    quote: 'tea 3 EUR',
    failed: 'Error: no price',
    fetched: { path: '/list', currency: 'EUR' },
  })
  const events = await ingest.arrived(3)
  const find = (endpoint: string) => events.find(event => event.endpoint === endpoint)
  expect(find('Prices.quote')).toMatchObject({ eventType: 'custom', metadata: { entrypoint: 'Prices' } })
  expect(find('Prices.fail')).toMatchObject({ status: 'failed', errorMessage: 'no price' })
  expect(find('/list')).toMatchObject({ eventType: 'api', metadata: { entrypoint: 'Prices' } })
  expect(log().match(COMPLAINTS)).toBeNull()
})
