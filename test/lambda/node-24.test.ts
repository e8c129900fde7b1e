/** The runtime of Node 24, against a Runtime API and an ingest on loopback. Longer than most: each promise is one case. */
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { until } from '../support/node-server.ts'
import { EDGE_EVENT, EDGE_WAYS, readEvent } from './invoke.ts'
import type { Posted } from './runtime-api.ts'
import { NODE_24, startEnvironment } from './runtimes.ts'

const start = (handler: string, variables?: Record<string, string>) => startEnvironment(NODE_24, handler, variables)

/** What a handler answers to one event, with nothing of ours around it. */
async function plainly(handler: string, event: unknown): Promise<Posted> {
  const { api } = await start(handler)
  return api.invoke(event)
}

describe('a request', () => {
  it.each(['rest-api', 'http-api', 'function-url', 'load-balancer', 'load-balancer-lists', 'lattice-1', 'lattice-2'])(
    'of a %s is answered as it would be, with a trace id, when its event has arrived',
    async name => {
      const event = readEvent(name)
      const { api, ingest } = await start('recordedAnswer')
      const [{ body }, plain] = await Promise.all([api.invoke(event), plainly('plainAnswer', event)])
      expect(api.order).toEqual(['event', 'response'])
      const [captured] = ingest.events()
      const answered = JSON.parse(body)
      const ids = [answered.headers?.['x-trace-id'], answered.multiValueHeaders?.['x-trace-id']?.[0]]
      expect(ids).toContain(captured?.traceId)
      delete answered.headers?.['x-trace-id']
      delete answered.multiValueHeaders?.['x-trace-id']
      expect(JSON.stringify(answered)).toBe(plain.body)
      expect(captured).toMatchObject({
        eventType: 'api',
        method: 'POST',
        endpoint: '/orders/7',
        statusCode: 201,
        responsePayload: { id: 7, password: '[MASKED]' },
        metadata: { functionName: 'shop-api', coldStart: true, xrayTraceId: expect.stringContaining('Root=1-') },
      })
      expect(JSON.stringify(ingest.requests)).not.toMatch(/planted|cGxhbnRlZ/)
    },
  )
})

describe('a handler', () => {
  it('sees what it would, and a partial batch response leaves as it is', async () => {
    for (const event of [{ id: 7 }, readEvent('sqs')]) {
      const { api, ingest } = await start('recordedDescription')
      const { body } = await api.invoke(event)
      expect(body).toBe((await plainly('plainDescription', event)).body)
      expect(ingest.events()).toHaveLength(1)
    }
  })

  it('that is not async answers as it would, when its event has arrived', async () => {
    const { api } = await start('recordedSync')
    expect((await api.invoke('text')).body).toBe((await plainly('plainSync', 'text')).body)
    expect(api.order).toEqual(['event', 'response'])
  })

  it.each([{}, { text: true }])('that fails (%j) posts the same error, when its event has arrived', async event => {
    const { api, ingest } = await start('recordedFailure')
    const [posted, plain] = await Promise.all([api.invoke(event), plainly('plainFailure', event)])
    expect([posted.kind, plain.kind, api.order]).toEqual(['error', 'error', ['event', 'error']])
    const [{ trace, ...error }, { trace: plainTrace, ...plainError }] = [
      JSON.parse(posted.body),
      JSON.parse(plain.body),
    ]
    expect(error).toEqual(plainError)
    // The error's own words and the handler's own frame; further out stands who called it.
    const own = (lines: string[]) =>
      lines.slice(0, 2).map(line => line.replace(/ \[as handler\]|\/.*(?=\/index\.mjs)/g, ''))
    expect(own(trace)).toEqual(own(plainTrace))
    expect(ingest.events()).toMatchObject([{ status: 'failed', errorMessage: error.errorMessage }])
  })

  it('with a callback is refused as it would be', async () => {
    const [recorded, plain] = await Promise.all([start('recordedCallback'), start('plainCallback')])
    const [refusal, plainRefusal] = await Promise.all([recorded.api.initError, plain.api.initError])
    expect(JSON.parse(refusal.body).errorType).toBe('Runtime.CallbackHandlerDeprecated')
    expect(JSON.parse(refusal.body).errorMessage).toBe(JSON.parse(plainRefusal.body).errorMessage)
    expect(await recorded.exited).toBe(await plain.exited)
  })
})

describe('a function of Lambda@Edge', () => {
  it.each(EDGE_WAYS)('that is to %s answers as it would, when its event has arrived', async (how, kind, expected) => {
    const event = { ...readEvent('edge-request'), how }
    const { api, ingest } = await start('recordedEdge')
    const [posted, plain] = await Promise.all([api.invoke(event), plainly('plainEdge', event)])
    expect([posted.kind, plain.kind, api.order]).toEqual([kind, kind, ['event', kind]])
    if (kind === 'response') expect(posted.body).toBe(plain.body)
    else expect(JSON.parse(posted.body)).toMatchObject({ errorType: 'OrderError', errorMessage: 'no such order' })
    expect(ingest.events()).toMatchObject([{ ...EDGE_EVENT, ...expected }])
    expect(JSON.stringify(ingest.requests)).not.toContain('planted')
  })
})

describe('a streaming handler', () => {
  it.each(['recordedInside', 'recordedOutside'])('(%s) streams the same bytes under the same headers', async name => {
    const event = readEvent('function-url')
    const { api, ingest } = await start(name)
    const [posted, plain] = await Promise.all([api.invoke(event), plainly('plainStream', event)])
    expect(posted.body).toBe(plain.body)
    const [prelude = '', body] = posted.body.split('\0'.repeat(8))
    expect([JSON.parse(prelude).statusCode, body]).toEqual([203, 'one two '])
    const headers = ({ headers: { host, ...others } }: Posted) => others
    expect(headers(posted)).toEqual(headers(plain))
    await api.idle()
    expect(ingest.events()).toMatchObject([
      {
        eventType: 'api',
        statusCode: 203,
        responseHeaders: { 'x-shop': 'tea', 'set-cookie': '[MASKED]' },
        responsePayload: { captured: false, reason: 'Streaming response body not captured' },
      },
    ])
  })

  it('has its event delivered while its answer is already on its way, before the invocation is over', async () => {
    const { api, ingest } = await start('recordedInside')
    await api.invoke(readEvent('function-url'))
    await api.idle()
    expect(api.order).toEqual(['response', 'event'])
    expect(ingest.events()).toHaveLength(1)
  })

  it('that breaks off tells so in its trailers, as it would', async () => {
    const event = { ...readEvent('function-url'), fail: true }
    const { api, ingest } = await start('recordedInside')
    const [posted, plain] = await Promise.all([api.invoke(event), plainly('plainStream', event)])
    const errorOf = ({ trailers }: Posted) => [
      trailers['lambda-runtime-function-error-type'],
      JSON.parse(Buffer.from(trailers['lambda-runtime-function-error-body'] ?? '', 'base64').toString()).errorMessage,
    ]
    expect(errorOf(posted)).toEqual(['OrderError', 'broke off'])
    expect(errorOf(posted)).toEqual(errorOf(plain))
    expect(ingest.events()).toMatchObject([{ status: 'failed', errorName: 'OrderError' }])
  })

  it('that is not async is refused as it would be', async () => {
    const [recorded, plain] = await Promise.all([start('recordedSyncStream'), start('plainSyncStream')])
    const said = async ({ api, output }: typeof plain) => {
      await api.invoke({})
      await api.idle()
      return output().includes('Streaming does not support non-async handlers')
    }
    expect([await said(recorded), await said(plain)]).toEqual([true, true])
  })
})

describe('a Hono application', () => {
  const get = (path: string) => ({
    ...readEvent('http-api'),
    rawPath: path,
    rawQueryString: '',
    requestContext: { domainName: 'shop.example', http: { method: 'GET', path } },
    body: undefined,
    isBase64Encoded: false,
  })

  it('is a handler as any other', async () => {
    const { api, ingest } = await start('recordedHono')
    const { headers, body } = JSON.parse((await api.invoke(get('/hello/ada'))).body)
    expect(body).toBe('{"hello":"ada","token":"planted-hono"}')
    expect(ingest.events()).toMatchObject([
      { endpoint: '/hello/ada', traceId: headers['x-trace-id'], responsePayload: { hello: 'ada', token: '[MASKED]' } },
    ])
  })

  it('streams', async () => {
    const { api, ingest } = await start('recordedHonoStream')
    expect((await api.invoke(get('/stream'))).body.split('\0'.repeat(8))[1]).toBe('one two')
    expect(await ingest.arrived(1)).toMatchObject([{ endpoint: '/stream', statusCode: 200 }])
  })
})

describe('an ingest that never answers', () => {
  it('holds no answer up longer than the time that remains', async () => {
    const { api, ingest } = await start('recordedRemaining', { REPLAYSTACK_TIMEOUT_MS: '60000' })
    ingest.always = 'hang'
    const posted = await api.invoke(readEvent('http-api'), 1_500)
    expect(posted.kind).toBe('response')
    expect(JSON.parse(posted.body).remainingMs).toBeGreaterThan(0)
    expect(ingest.requests).toHaveLength(1)
  })

  it('gets with the next invocation what it did not take', async () => {
    const { api, ingest } = await start('recordedAnswer', { REPLAYSTACK_TIMEOUT_MS: '1000', REPLAYSTACK_RETRIES: '0' })
    ingest.faults.push('hang')
    await api.invoke(readEvent('http-api'))
    expect(ingest.events()).toEqual([])
    await api.invoke(readEvent('rest-api'))
    expect(ingest.events()).toHaveLength(2)
    expect(new Set(ingest.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(2)
    expect(ingest.requests).toHaveLength(3)
  })
})

describe('a function that is stopped at its timeout', () => {
  it('has left a warning with its breadcrumbs, and posts nothing', async () => {
    const { api, ingest, freeze } = await start('recordedWaiting')
    api.invoke(readEvent('http-api'), 2_000)
    const [warning] = await ingest.arrived(1)
    freeze()
    expect(warning).toMatchObject({
      eventType: 'api',
      endpoint: '/orders/7',
      status: 'warning',
      errorName: 'TimeoutWarning',
      metadata: { functionName: 'shop-api', remainingTimeMs: expect.any(Number) },
    })
    expect(warning?.breadcrumbs?.map(({ message }) => message)).toContain('Asking the bank')
    expect(api.order).toEqual(['event'])
  })
})

describe('an environment', () => {
  it('that is frozen in the middle of a delivery makes up for it when it is thawed', async () => {
    const { api, ingest, freeze, thaw } = await start('recordedAnswer', { REPLAYSTACK_TIMEOUT_MS: '1000' })
    ingest.faults.push('hang')
    await api.invoke(readEvent('http-api'), 500)
    await api.idle()
    await until(() => ingest.openRequests === 1)
    freeze()
    expect(ingest.openRequests).toBe(1)
    // Its time runs out while nobody is there to see it.
    await setTimeout(1_100)
    expect(ingest.requests).toHaveLength(1)
    const second = api.invoke(readEvent('rest-api'))
    thaw()
    expect((await second).kind).toBe('response')
    const arrived = await ingest.arrived(2)
    expect(arrived.map(({ metadata }) => Reflect.get(Object(metadata), 'coldStart')).sort()).toEqual([false, true])
    const keys = ingest.requests.map(({ headers }) => headers['idempotency-key'])
    expect(keys.length).toBeGreaterThan(2)
    expect(new Set(keys).size).toBe(2)
  })

  it('with several invocations at once never mixes them', async () => {
    const { api, ingest } = await start('recordedMeeting', {
      AWS_LAMBDA_MAX_CONCURRENCY: '2',
      AWS_LAMBDA_NODEJS_WORKER_COUNT: '1',
    })
    const event = (body: string) => ({
      ...readEvent('http-api'),
      body,
      headers: { 'content-type': 'text/plain' },
      isBase64Encoded: false,
    })
    const answers = await Promise.all([api.invoke(event('a')), api.invoke(event('b'))])
    const events = await ingest.arrived(2)
    for (const [name, { body }] of [
      ['a', answers[0]],
      ['b', answers[1]],
    ] as const) {
      const { headers, body: answered } = JSON.parse(body)
      const own = events.find(({ traceId }) => traceId === headers['x-trace-id'])
      expect(own).toMatchObject({
        requestPayload: name,
        responsePayload: answered,
        metadata: { requestId: answered.slice(2) },
      })
      expect(answered.startsWith(`${name} `)).toBe(true)
      const messages = own?.breadcrumbs?.map(({ message }) => message) ?? []
      expect(messages.filter(message => /^(begin|end)/.test(message))).toEqual([`begin ${name}`, `end ${name}`])
    }
  })
})
