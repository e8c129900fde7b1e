/** Lambda@Edge: CloudFront's events, and the responses and requests that its functions return. */
import { describe, expect, it } from 'vitest'
import { createContext, record } from '../lambda/invoke.ts'

const header = (key: string, value: string) => ({ [key.toLowerCase()]: [{ key, value }] })

function edgeEvent(eventType: string, more: object = {}) {
  const request = {
    clientIp: '203.0.113.178',
    method: 'POST',
    uri: '/orders/7',
    querystring: 'size=large&token=planted-query',
    headers: {
      ...header('Host', 'shop.example'),
      ...header('User-Agent', 'Amazon CloudFront'),
      ...header('Authorization', 'Bearer planted-bearer-token'),
      ...header('Content-Type', 'application/json'),
      'x-many': [
        { key: 'X-Many', value: 'a' },
        { key: 'X-Many', value: 'b' },
      ],
    },
    body: { inputTruncated: false, action: 'read-only', encoding: 'base64', data: btoa('{"sku":"teapot"}') },
  }
  const config = { distributionDomainName: 'd1.cloudfront.net', distributionId: 'EDFDVBD6', eventType, requestId: 'r' }
  return { Records: [{ cf: { config, request, ...more } }] }
}

async function run(event: object, handler: (...args: never[]) => unknown) {
  const { wrap, event: recorded } = record()
  const call: (...args: unknown[]) => unknown = wrap(handler as (...args: unknown[]) => unknown)
  return { result: await call(event, createContext()), event: await recorded() }
}

describe('Lambda@Edge', () => {
  it('a response is the end of the request, by its status, and stays the same object', async () => {
    const response = { status: '403', statusDescription: 'Forbidden', headers: header('X-Why', 'no'), body: 'Go away' }
    const { result, event } = await run(edgeEvent('viewer-request'), async () => response)
    expect(result).toBe(response)
    expect(event).toMatchObject({
      eventType: 'api',
      method: 'POST',
      endpoint: '/orders/7',
      requestUrl: 'https://shop.example/orders/7?size=large&token=[MASKED]',
      requestHeaders: { 'x-many': ['a', 'b'], authorization: '[MASKED]' },
      authMode: 'bearer',
      requestPayload: { sku: 'teapot' },
      sourceIp: '203.0.113.178',
      userAgent: 'Amazon CloudFront',
      status: 'warning',
      statusCode: 403,
      responseHeaders: { 'x-why': 'no' },
      responsePayload: 'Go away',
      metadata: { eventSource: 'aws:cloudfront', trigger: 'viewer-request', distributionId: 'EDFDVBD6' },
    })
  })

  it('a body in base64 is decoded', async () => {
    const body = { status: 200, headers: header('Content-Type', 'application/json'), body: btoa('{"a":1}') }
    const { event } = await run(edgeEvent('origin-request'), async () => ({ ...body, bodyEncoding: 'base64' }))
    expect(event).toMatchObject({ status: 'success', statusCode: 200, responsePayload: { a: 1 } })
  })

  it('a request that goes on has no status, and is shown as it arrived', async () => {
    const given = edgeEvent('origin-request')
    const { result, event } = await run(given, async (seen: typeof given) => {
      const request = seen.Records[0]?.cf.request
      return Object.assign(request ?? {}, { uri: '/other', headers: {}, body: undefined })
    })
    expect(result).toBe(given.Records[0]?.cf.request)
    expect(event).toMatchObject({ endpoint: '/orders/7', status: 'success', requestPayload: { sku: 'teapot' } })
    expect(event.statusCode).toBeUndefined()
  })

  it('the response that an origin has made is judged as well', async () => {
    const response = { status: '503', statusDescription: 'Down', headers: {} }
    const { event } = await run(edgeEvent('origin-response', { response }), async () => response)
    expect(event).toMatchObject({ eventType: 'api', status: 'failed', statusCode: 503 })
  })

  it('an error is a failure of the request', async () => {
    const { wrap, event } = record()
    const thrown = new RangeError('no such order')
    const call: (...args: unknown[]) => unknown = wrap(async () => Promise.reject(thrown))
    await expect(call(edgeEvent('viewer-request'), createContext())).rejects.toBe(thrown)
    expect(await event()).toMatchObject({ eventType: 'api', status: 'failed', errorName: 'RangeError' })
  })
})
