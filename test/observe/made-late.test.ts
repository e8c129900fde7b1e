/** Events whose text is made when their batch leaves: what they say is what was so when their work was over. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { observe } from '../../src/observe/lifecycle.ts'
import { lazySetup } from '../../src/observe/setup.ts'
import type { ClientOptions, Mask } from '../../src/types.ts'
import { eventually } from '../support/eventually.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

/** A client whose batches leave when it is flushed, and what its masks have looked at so far. */
function createLateClient(options: ClientOptions = {}) {
  const seen: string[] = []
  const mask: Mask = { find: text => void seen.push(text) }
  const recorded = createRecordedClient({ batchMaxEvents: 20, batchFlushIntervalMs: 1000, masks: [mask], ...options })
  const looked = (what: string) => seen.some(text => text.includes(what))
  return { ...recorded, recorded, looked }
}

type Handler = (request: Request, handle?: ReplayStackHandle) => Response

const serve = (client: ReturnType<typeof createLateClient>['client'], handler: Handler) => {
  const recorded = withReplayStack(handler, { client })
  return async (path: string, init?: RequestInit) => recorded(new Request(`http://h${path}`, init))
}

/** Once it is in a batch, an event is pending. */
const inBatch = (client: ReturnType<typeof createLateClient>['client'], count = 1) =>
  eventually(() => expect(client.stats().pending).toBe(count))

describe('an event that waits for others', () => {
  it('is made when they leave, whatever else was made before', async () => {
    const { client, recorded, looked } = createLateClient()
    const request = serve(client, () => Response.json({ word: 'needle' }))
    await request('/')
    await request('/')
    await inBatch(client, 2)
    expect(looked('needle')).toBe(false)
    await client.flush()
    expect(looked('needle')).toBe(true)
    expect(recorded.events).toMatchObject([{ responsePayload: { word: 'needle' } }, { statusCode: 200 }])
  })

  it('shows nothing that was left or changed after its work', async () => {
    const { client, recorded } = createLateClient()
    const cart = { items: ['book'] }
    let late: ReplayStackHandle | undefined
    const request = serve(client, (_request, handle) => {
      late = handle
      handle?.addMetadata({ cart })
      handle?.addBreadcrumb('early')
      return new Response('done')
    })
    await request('/')
    await inBatch(client)
    cart.items.push('another')
    late?.addBreadcrumb('late')
    late?.addMetadata({ more: true })
    await client.flush()
    const [event] = recorded.events
    expect(event?.metadata).toMatchObject({ cart: { items: ['book'] } })
    expect(event?.metadata).not.toHaveProperty('more')
    const messages = event?.breadcrumbs?.map(({ message }) => message)
    expect(messages).toContain('early')
    expect(messages).not.toContain('late')
  })

  it('shows objects that its host has handed over as they were, and what is none as it came', async () => {
    const { client, recorded, looked } = createLateClient()
    const setup = lazySetup({ client })()
    const order = { items: ['book'] }
    const receipt = { total: 7 }
    observe(
      setup,
      { eventType: 'custom', endpoint: 'placeOrder', describe: () => ({ payload: async () => order }) },
      () => receipt,
      result => ({ result, fields: { responsePayload: result } }),
    )
    await inBatch(client)
    order.items.push('another')
    receipt.total = 8
    expect(looked('placeOrder')).toBe(false)
    await client.flush()
    expect(recorded.events).toMatchObject([
      { endpoint: 'placeOrder', requestPayload: { items: ['book'] }, responsePayload: { total: 7 } },
    ])
  })

  it('lacks what cannot be written by then, and the others leave whole', async () => {
    let isBroken = false
    const mask: Mask = {
      find(text) {
        if (isBroken && text.includes('broken')) throw new RangeError('a mask that throws')
      },
    }
    const { client, recorded } = createLateClient({ masks: [mask] })
    const request = serve(client, () => Response.json({ word: 'whole' }))
    await request('/whole')
    await request('/broken')
    await inBatch(client, 2)
    isBroken = true
    await client.flush()
    expect(client.stats()).toEqual({ captured: 2, sent: 2, pending: 0, dropped: {} })
    expect(recorded.events.map(({ endpoint }) => endpoint)).toEqual(['/whole', undefined])
    for (const event of recorded.events) expect(event.responsePayload).toEqual({ word: 'whole' })
  })
})

describe('is made in its own request', () => {
  const isMadeAtOnce = async (handler: Handler, options: ClientOptions = {}, init?: RequestInit) => {
    const { client, looked } = createLateClient(options)
    await serve(client, handler)('/', init).catch(() => {})
    await inBatch(client)
    return looked('needle')
  }

  it('what has a large body', async () => {
    const large = 'needle '.repeat(3_000)
    expect(await isMadeAtOnce(() => new Response(large))).toBe(true)
    expect(await isMadeAtOnce(() => new Response(''), {}, { method: 'POST', body: large })).toBe(true)
  })

  it('what records something thrown', async () => {
    const thrower: Handler = () => {
      throw new RangeError('needle')
    }
    expect(await isMadeAtOnce(thrower)).toBe(true)
  })

  it('what beforeSend reads, which may be of its request alone', async () => {
    const requests = new AsyncLocalStorage<string>()
    const called = vi.fn()
    const { client } = createLateClient({
      beforeSend: event => {
        called(event.endpoint, requests.getStore())
        return event
      },
    })
    const request = serve(client, () => new Response(''))
    await Promise.all(['/a', '/b'].map(path => requests.run(path, request, path)))
    await inBatch(client, 2)
    expect(called.mock.calls.sort()).toEqual([
      ['/a', '/a'],
      ['/b', '/b'],
    ])
  })
})
