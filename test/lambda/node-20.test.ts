/** The last runtime that takes handlers with a callback, against a Runtime API and an ingest on loopback. */
import { describe, expect, it } from 'vitest'
import { EDGE_EVENT, EDGE_WAYS, readEvent } from './invoke.ts'
import { NODE_20, startEnvironment } from './runtimes.ts'

const start = (handler: string) => startEnvironment(NODE_20, handler)

/** What a handler answers to one event, with nothing of ours around it. */
async function plainly(handler: string, event: unknown) {
  const { api } = await start(handler)
  return api.invoke(event)
}

/** An answer without its trace id. */
function withoutTraceId(body: string): string {
  const { headers, ...answer } = JSON.parse(body)
  const { 'x-trace-id': traceId, ...others } = headers
  expect(traceId).toEqual(expect.any(String))
  return JSON.stringify(Object.keys(others).length > 0 ? { ...answer, headers: others } : answer)
}

describe('a handler with a callback', () => {
  it.each([{}, { loop: false }])('(%j) answers as it would, when its event has arrived', async options => {
    const event = { ...readEvent('http-api'), ...options }
    const { api, ingest } = await start('recordedCallback')
    const [posted, plain] = await Promise.all([api.invoke(event), plainly('plainCallback', event)])
    expect(api.order).toEqual(['event', 'response'])
    expect(withoutTraceId(posted.body)).toBe(plain.body)
    expect(ingest.events()).toMatchObject([{ statusCode: 200, endpoint: '/orders/7' }])
    // The environment is ready for the next one.
    expect((await api.invoke(event)).kind).toBe('response')
    expect(ingest.events()).toHaveLength(2)
  })

  it('fails by the same error, when its event has arrived', async () => {
    const event = { ...readEvent('http-api'), fail: true }
    const { api, ingest } = await start('recordedCallback')
    const [posted, plain] = await Promise.all([api.invoke(event), plainly('plainCallback', event)])
    expect([posted.kind, api.order]).toEqual(['error', ['event', 'error']])
    const [{ trace, ...error }, { trace: _, ...plainError }] = [JSON.parse(posted.body), JSON.parse(plain.body)]
    expect(error).toEqual(plainError)
    expect(trace[0]).toBe('OrderError: no such order')
    expect(ingest.events()).toMatchObject([{ status: 'failed', errorName: 'OrderError' }])
  })

  it('or the context’s own way answers as it would', async () => {
    const event = readEvent('http-api')
    const { api, ingest } = await start('recordedFinish')
    const [posted, plain] = await Promise.all([api.invoke(event), plainly('plainFinish', event)])
    expect(withoutTraceId(posted.body)).toBe(plain.body)
    expect(ingest.events()).toMatchObject([{ statusCode: 200 }])
  })
})

describe.each(['ArityTwo', 'Variadic', 'Settling'])('a handler (%s) without a place for a callback', name => {
  const ways = ['succeed', 'fail', 'done', 'nothing', ...(name === 'Variadic' ? ['callback'] : [])]
  it.each(ways)('that responds by %s responds as it would, when its event has arrived', async how => {
    const { api, ingest } = await start(`recorded${name}`)
    const [posted, plain] = await Promise.all([api.invoke({ how }), plainly(`plain${name}`, { how })])
    expect([posted.kind, api.order]).toEqual([plain.kind, ['event', plain.kind]])
    const [{ trace: _, ...body }, { trace: __, ...plainBody }] = [posted, plain].map(({ body }) =>
      Object(JSON.parse(body)),
    )
    expect(body).toEqual(plainBody)
    const isFailure = plain.kind === 'error'
    expect(ingest.events()).toEqual([
      expect.objectContaining(isFailure ? { status: 'failed', errorName: 'OrderError' } : { status: 'success' }),
    ])
    const response = isFailure ? { message: 'no such order' } : (JSON.parse(plain.body) ?? undefined)
    expect(ingest.events()[0]?.responsePayload).toEqual(response)
  })
})

describe.each(['Edge', 'EdgeCallback'])('a function of Lambda@Edge (%s)', name => {
  it.each(EDGE_WAYS)('that is to %s answers as it would, when its event has arrived', async (how, kind, expected) => {
    const event = { ...readEvent('edge-request'), how }
    const { api, ingest } = await start(`recorded${name}`)
    const [posted, plain] = await Promise.all([api.invoke(event), plainly(`plain${name}`, event)])
    expect([posted.kind, plain.kind, api.order]).toEqual([kind, kind, ['event', kind]])
    if (kind === 'response') expect(posted.body).toBe(plain.body)
    else expect(JSON.parse(posted.body)).toMatchObject({ errorType: 'OrderError', errorMessage: 'no such order' })
    expect(ingest.events()).toMatchObject([{ ...EDGE_EVENT, ...expected }])
    expect(JSON.stringify(ingest.requests)).not.toContain('planted')
  })
})

describe('the others', () => {
  it('that are async answer as they would, when their event has arrived', async () => {
    const { api, ingest } = await start('recordedAnswer')
    const [posted, plain] = await Promise.all([
      api.invoke(readEvent('rest-api')),
      plainly('plainAnswer', readEvent('rest-api')),
    ])
    expect([api.order, withoutTraceId(posted.body).length]).toEqual([['event', 'response'], plain.body.length])
    expect(ingest.events()).toHaveLength(1)
  })

  it('that fail post the same error', async () => {
    const { api } = await start('recordedFailure')
    const [posted, plain] = await Promise.all([api.invoke({}), plainly('plainFailure', {})])
    expect([posted.kind, JSON.parse(posted.body).errorMessage]).toEqual([plain.kind, 'no such order'])
  })

  it('that return at once answer nothing, as they would, when their event has arrived', async () => {
    const { api, ingest } = await start('recordedSync')
    const [posted, plain] = await Promise.all([api.invoke(readEvent('sqs')), plainly('plainSync', readEvent('sqs'))])
    expect([posted.body, plain.body]).toEqual(['null', 'null'])
    expect(api.order).toEqual(['event', 'response'])
    expect(ingest.events()).toMatchObject([{ eventType: 'queue', status: 'success' }])
  })

  it.each(['recordedInside', 'recordedOutside'])('that stream (%s) stream the same bytes', async name => {
    const event = readEvent('function-url')
    const { api, ingest } = await start(name)
    const [posted, plain] = await Promise.all([api.invoke(event), plainly('plainStream', event)])
    expect(posted.body).toBe(plain.body)
    expect(await ingest.arrived(1)).toMatchObject([{ statusCode: 203 }])
  })
})
