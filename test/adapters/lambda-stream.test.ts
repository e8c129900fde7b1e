/** Streaming handlers over a stream as the runtime makes it. The runtime itself is in test/lambda. */
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import { createContext, readEvent, record } from '../lambda/invoke.ts'

type Stream = PassThrough & { _onBeforeFirstWrite?: (write: (chunk: string | Uint8Array) => void) => void }

/** `awslambda.HttpResponseStream.from`. */
function from(stream: Stream, metadata: unknown): Stream {
  stream._onBeforeFirstWrite = write => {
    write(JSON.stringify(metadata))
    write(new Uint8Array(8))
  }
  return stream
}

const MARKER = { captured: false, reason: 'Streaming response body not captured' }

/** Runs a streaming handler to its end. */
async function run(handler: (event: object, stream: Stream, context: object) => unknown, name = 'function-url') {
  const { wrap, client, event } = record()
  const stream: Stream = new PassThrough()
  const before = Object.getOwnPropertyNames(stream)
  const seen: unknown[] = []
  const wrapped = wrap((...args: [object, Stream, object]) => {
    seen.push(...args)
    return handler(...args)
  })
  const given = [readEvent(name), stream, createContext()] as const
  const returned = wrapped(...given)
  return { wrap, client, event, stream, before, seen, given, returned }
}

describe('a streaming handler', () => {
  it('writes to the very stream that the runtime gave it, which is left as it was', async () => {
    const { returned, stream, before, seen, given, event, client } = await run(async (_, out) => {
      await pipeline(Readable.from(['a', 'b']), out)
    })
    expect(await returned).toBeUndefined()
    expect(client.stats()).toMatchObject({ sent: 1, pending: 0 })
    expect(seen.slice(0, 3).every((arg, index) => arg === given[index])).toBe(true)
    expect(Object.getOwnPropertyNames(stream)).toEqual(before)
    expect(String(stream.read())).toBe('ab')
    expect(await event()).toMatchObject({
      eventType: 'api',
      endpoint: '/orders/7',
      statusCode: 200,
      responsePayload: MARKER,
    })
  })

  it('has its status, headers and cookies recorded, and its prelude left for the runtime', async () => {
    const { returned, stream, event } = await run(async (_, out) => {
      const http = from(out, { statusCode: 418, headers: { 'x-tea': 'pot' }, cookies: ['session=planted'] })
      http.end('short')
    })
    await returned
    expect(await event()).toMatchObject({
      status: 'warning',
      statusCode: 418,
      responseHeaders: { 'x-tea': 'pot', 'set-cookie': '[MASKED]' },
      responsePayload: MARKER,
    })
    const prelude: unknown[] = []
    stream._onBeforeFirstWrite?.(chunk => prelude.push(chunk))
    expect(prelude).toHaveLength(2)
  })

  it('of a direct invocation has no status', async () => {
    const { returned, event } = await run(async (_, out) => void out.end('x'), 'direct')
    await returned
    const captured = await event()
    expect(captured).toMatchObject({ eventType: 'custom', endpoint: 'shop-api', responsePayload: MARKER })
    expect(captured).not.toHaveProperty('statusCode')
  })

  it('that fails is a failure, by the same object', async () => {
    const thrown = new Error('broke off')
    const { returned, event } = await run(async (_, out) => {
      from(out, { statusCode: 200 }).write('half')
      throw thrown
    })
    await expect(returned).rejects.toBe(thrown)
    expect(await event()).toMatchObject({ status: 'failed', statusCode: 500, errorMessage: 'broke off' })
  })

  it('whose stream is destroyed by an error that it does not hear of is a failure', async () => {
    const thrown = new Error('broke off')
    const { returned, event } = await run(async (_, out) => {
      const http = from(out, { statusCode: 201 })
      http.on('error', () => {})
      http.write('half')
      http.destroy(thrown)
    })
    expect(await returned).toBeUndefined()
    expect(await event()).toMatchObject({ status: 'failed', statusCode: 201, errorMessage: 'broke off' })
  })

  it('that is not async stays so: the runtime has its own words for it', async () => {
    const { returned, event } = await run((_, out) => void out.end('x'))
    expect(returned).toBeUndefined()
    expect(await event()).toMatchObject({ statusCode: 200 })
  })

  it('has its handle after its own arguments', async () => {
    const { wrap, event } = record()
    const handler = wrap(async (_event: object, stream: Stream, _context: object, handle?: ReplayStackHandle) => {
      handle?.addBreadcrumb('by hand')
      stream.end()
    })
    await handler(readEvent('function-url'), new PassThrough(), createContext())
    expect((await event()).breadcrumbs?.map(one => one.message)).toContain('by hand')
  })
})
