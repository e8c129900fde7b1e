import { describe, expect, it } from 'vitest'
import { instrumentDurableObject, instrumentWorkerEntrypoint } from '../../src/adapters/cloudflare/index.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

/** An object's state that insists on being itself. */
function createState() {
  const waiting: Promise<unknown>[] = []
  class State {
    #own = waiting
    id = { name: 'room-1', toString: () => 'abc' }
    waitUntil(promise: Promise<unknown>) {
      this.#own.push(promise)
    }
  }
  return { state: new State(), settled: () => Promise.all(waiting) }
}

class Base {
  protected ctx: unknown
  protected env: unknown
  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx
    this.env = env
  }
  inherited() {
    return 'inherited'
  }
}

class Room extends Base {
  static made = 0
  static describe() {
    return `made ${Room.made}`
  }
  #members = 0
  open = true
  onClose = () => 'own'

  get size() {
    return this.#members
  }
  set size(size: number) {
    this.#members = size
  }
  join(...names: string[]) {
    this.#members += names.length
    return names.length
  }
  async joinTwo() {
    return this.join('a') + this.join('b')
  }
  async throws(): Promise<never> {
    throw new RangeError('full')
  }
  me() {
    return this
  }
  async fetch(_request: Request, _env?: unknown, _ctx?: unknown, handle?: ReplayStackHandle) {
    handle?.addBreadcrumb('in fetch')
    return Response.json({ size: this.#members, env: this.env })
  }
  alarm(_info?: object, handle?: ReplayStackHandle) {
    handle?.addBreadcrumb('in alarm')
  }
  webSocketMessage(_socket: object, message: string | ArrayBuffer, handle?: ReplayStackHandle) {
    handle?.addBreadcrumb(`in message of ${typeof message}`)
  }
  webSocketError(_socket: object, _error: unknown) {}
  connect(_socket: object) {
    return this.#members
  }
}

describe('an instrumented class', () => {
  const { client } = createRecordedClient()
  const Instrumented: typeof Room = instrumentDurableObject(Room, { client })

  it('is the class it was', () => {
    expect([Instrumented.name, Instrumented.length, Instrumented.describe()]).toEqual(['Room', 0, 'made 0'])
    Instrumented.made = 3
    expect(Room.made).toBe(3)
    Room.made = 0
    expect(Instrumented.prototype).toBe(Room.prototype)
    expect(Object.getPrototypeOf(Instrumented)).toBe(Base)
  })

  it('makes instances of itself, with their fields, accessors and private members', () => {
    const { state } = createState()
    const room = new Instrumented(state, {})
    expect([room instanceof Room, room instanceof Instrumented, room instanceof Base]).toEqual([true, true, true])
    expect(room.constructor).toBe(Room)
    expect([room.open, room.size, room.onClose(), room.inherited(), room.connect({})]).toEqual([
      true,
      0,
      'own',
      'inherited',
      0,
    ])
    room.size = 4
    room.open = false
    expect([room.size, room.open, Object.keys(room).sort()]).toEqual([4, false, ['ctx', 'env', 'onClose', 'open']])
    expect([room.join.name, room.join.length]).toEqual(['join', 0])
  })

  it('has its methods on the prototype alone, where RPC looks for them', () => {
    const room = new Instrumented(createState().state, {})
    const prototype: object = Object.getPrototypeOf(room)
    expect(
      ['join', 'fetch', 'inherited', 'size', 'open'].map(name => [name, Object.hasOwn(room, name), name in prototype]),
    ).toEqual([
      ['join', false, true],
      ['fetch', false, true],
      ['inherited', false, true],
      ['size', false, true],
      ['open', true, false],
    ])
  })

  it('can be extended: the class further down has its own private members, and is not recorded', async () => {
    const recorded = createRecordedClient()
    class Vip extends instrumentDurableObject(Room, { client: recorded.client }) {
      #secret = 'vip'
      reveal() {
        return `${this.#secret} ${this.join('x')}`
      }
    }
    const vip = new Vip(createState().state, {})
    expect([vip.reveal(), vip instanceof Room]).toEqual(['vip 1', true])
    await recorded.client.flush()
    expect(recorded.events).toEqual([])
  })

  it('is recorded as wrangler dev extends it, and where a class adds nothing', async () => {
    const recorded = createRecordedClient()
    const Instrumented = instrumentDurableObject(Room, { client: recorded.client })
    class Wrapper extends Instrumented {
      __miniflare_getDOName() {
        return `${this.ctx}`
      }
    }
    class Same extends Instrumented {
      #label = 'same'
      label = () => this.#label
    }
    const wrapper = new Wrapper(createState().state, {})
    const same = new Same(createState().state, {})
    expect([wrapper.join('a'), wrapper.size, wrapper instanceof Wrapper, wrapper instanceof Room]).toEqual([
      1,
      1,
      true,
      true,
    ])
    expect(wrapper.__miniflare_getDOName()).toBe('[object Object]')
    expect([same.join('a', 'b'), same.label(), same instanceof Same]).toEqual([2, 'same', true])
    await recorded.client.flush()
    expect(recorded.events.map(({ endpoint }) => endpoint)).toEqual(['Room.join', 'Room.join'])
  })

  it('runs on an instance that is frozen', () => {
    class Frozen extends Room {
      constructor(ctx: unknown, env: unknown) {
        super(ctx, env)
        Object.freeze(this)
      }
    }
    const room = new (instrumentDurableObject(Frozen, { client }))(createState().state, {})
    expect([room.join('a'), room.size, room.onClose(), room instanceof Frozen]).toEqual([1, 1, 'own', true])
  })

  it('runs without a key as it would without', async () => {
    const errors: Error[] = []
    const Silent = instrumentDurableObject(Room, { onError: error => errors.push(error) })
    const room = new Silent(createState().state, {})
    expect([room.join('a', 'b'), await room.joinTwo()]).toEqual([2, 2])
    expect(errors).toHaveLength(1)
  })
})

describe('a Durable Object', () => {
  const make = () => {
    const recorded = createRecordedClient()
    const { state, settled } = createState()
    const room = new (instrumentDurableObject(Room, { client: recorded.client }))(state, { name: 'env' })
    return { recorded, room, settled }
  }
  const durableObject = { class: 'Room', id: 'abc', name: 'room-1' }

  it('records each call from outside once, whatever it calls itself', async () => {
    const { recorded, room, settled } = make()
    expect(await room.joinTwo()).toBe(2)
    expect(room.join('c', 'd')).toBe(2)
    await settled()
    expect(recorded.events.map(({ eventType, endpoint, metadata }) => ({ eventType, endpoint, metadata }))).toEqual([
      { eventType: 'custom', endpoint: 'Room.joinTwo', metadata: { durableObject } },
      { eventType: 'custom', endpoint: 'Room.join', metadata: { durableObject } },
    ])
  })

  it('passes what a method throws on, the same object', async () => {
    const { recorded, room, settled } = make()
    await expect(room.throws()).rejects.toThrow(new RangeError('full'))
    await settled()
    expect(recorded.events).toMatchObject([{ endpoint: 'Room.throws', status: 'failed', errorName: 'RangeError' }])
  })

  it('records requests with the env of the object, and hands the handle over', async () => {
    const { recorded, room, settled } = make()
    const response = await room.fetch(new Request('https://room/enter?x=1'))
    expect(await response.json()).toEqual({ size: 0, env: { name: 'env' } })
    await settled()
    const [event] = recorded.events
    expect(event).toMatchObject({ eventType: 'api', endpoint: '/enter', statusCode: 200, metadata: { durableObject } })
    expect(event?.breadcrumbs?.map(({ message }) => message)).toContain('in fetch')
  })

  it('records alarms and WebSocket events, each with its own', async () => {
    const { recorded, room, settled } = make()
    room.alarm({ isRetry: true, retryCount: 2, scheduledTime: 0 })
    room.webSocketMessage({}, '{"token":"t"}')
    room.webSocketMessage({}, new ArrayBuffer(3))
    room.webSocketError({}, new Error('connection reset'))
    await settled()
    const [alarm, text, binary, failed] = recorded.events
    expect(alarm).toMatchObject({ eventType: 'cron', endpoint: 'alarm', metadata: { isRetry: true, retryCount: 2 } })
    expect(alarm?.breadcrumbs?.[1]?.message).toBe('in alarm')
    expect(text).toMatchObject({ endpoint: 'Room.webSocketMessage', requestPayload: '{"token":"[MASKED]"}' })
    expect(binary).toMatchObject({ metadata: { sizeBytes: 3 } })
    expect(binary).not.toHaveProperty('requestPayload')
    expect(binary?.breadcrumbs?.[1]?.message).toBe('in message of object')
    expect(failed).toMatchObject({ status: 'warning', errorMessage: 'connection reset' })
  })

  it('records a handler that is a field of the instance', async () => {
    const recorded = createRecordedClient()
    class Arrow extends Base {
      fetch = async () => new Response(null, { status: 204 })
    }
    const object = new (instrumentDurableObject(Arrow, { client: recorded.client }))(createState().state, {})
    const fetch: (request: Request) => Promise<Response> = object.fetch
    await Reflect.apply(fetch, object, [new Request('https://room/arrow')])
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([{ eventType: 'api', endpoint: '/arrow', statusCode: 204 }])
  })

  it('reads nothing of what RPC passes', async () => {
    const { recorded, room, settled } = make()
    const read: PropertyKey[] = []
    const stub = new Proxy(() => {}, { get: (_, key) => void read.push(key), has: (_, key) => Boolean(read.push(key)) })
    Reflect.apply(room.join, room, [stub])
    await settled()
    expect([read, recorded.events.length]).toEqual([[], 1])
  })
})

describe('an entrypoint', () => {
  it('records its handlers and its methods', async () => {
    const recorded = createRecordedClient()
    const { state, settled } = createState()
    class Jobs extends Base {
      async fetch() {
        return Response.json(this.env)
      }
      async scheduled(_controller: object, _env?: unknown, _ctx?: unknown, handle?: ReplayStackHandle) {
        handle?.addBreadcrumb('cleaning')
      }
      async queue(batch: object) {
        return batch
      }
      greet(name: string) {
        return `hello ${name}`
      }
    }
    const options = (env: { service: string }) => {
      expect(env).toEqual({ service: 'jobs' })
      return { client: recorded.client }
    }
    const jobs = new (instrumentWorkerEntrypoint(Jobs, options))(state, { service: 'jobs' })
    const batch = { queue: 'orders', messages: [{ id: '1', timestamp: new Date(0), attempts: 1, body: { pin: 1 } }] }
    await Reflect.apply(jobs.fetch, jobs, [new Request('https://jobs/list')])
    await jobs.scheduled({ cron: '0 0 * * *', scheduledTime: 0 })
    expect(await jobs.queue(batch)).toEqual(batch)
    expect(jobs.greet('you')).toBe('hello you')
    await settled()
    const metadata = { entrypoint: 'Jobs' }
    const byEndpoint = recorded.events.toSorted((one, other) =>
      (one.endpoint ?? '') < (other.endpoint ?? '') ? -1 : 1,
    )
    expect(byEndpoint).toMatchObject([
      { eventType: 'api', endpoint: '/list', metadata },
      {
        eventType: 'cron',
        endpoint: '0 0 * * *',
        metadata: { ...metadata, scheduledTime: '1970-01-01T00:00:00.000Z' },
      },
      { eventType: 'custom', endpoint: 'Jobs.greet', metadata },
      { eventType: 'queue', endpoint: 'orders', metadata: { ...metadata, batchSize: 1 } },
    ])
  })
})

describe('rpcTrace', () => {
  const create = (rpcTrace: boolean) => {
    const recorded = createRecordedClient()
    const Class = instrumentWorkerEntrypoint(
      class Prices extends Base {
        tell(...args: unknown[]) {
          return args
        }
      },
      { client: recorded.client, rpcTrace },
    )
    return { recorded, prices: new Class(createState().state, {}) }
  }
  const trace = { replaystack: { traceId: 'trace-7' } }

  it('takes the last argument off, and its trace id', async () => {
    const { prices, recorded } = create(true)
    expect(prices.tell('teapot', trace)).toEqual(['teapot'])
    await recorded.client.flush()
    expect(recorded.events).toMatchObject([{ endpoint: 'Prices.tell', traceId: 'trace-7' }])
  })

  it.each([
    ['without the option', false, trace],
    ['that has more members', true, { ...trace, own: 1 }],
    ['whose id is no text', true, { replaystack: { traceId: 7 } }],
    ['that is no object', true, 'replaystack'],
  ])('leaves an argument %s', async (_what, rpcTrace, argument) => {
    const { prices, recorded } = create(rpcTrace)
    expect(prices.tell('teapot', argument)).toEqual(['teapot', argument])
    await recorded.client.flush()
    expect(recorded.events[0]?.traceId).toMatch(/^[\da-f-]{36}$/)
  })

  it('is no trace where its id is malformed', async () => {
    const { prices, recorded } = create(true)
    expect(prices.tell({ replaystack: { traceId: 'two\nlines' } })).toEqual([])
    await recorded.client.flush()
    expect(recorded.events[0]?.traceId).toMatch(/^[\da-f-]{36}$/)
  })
})
