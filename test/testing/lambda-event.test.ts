/** HTTP events of Lambda functions as `requestLambda` makes them, and what it makes of their results. */
import { expect, test } from 'vitest'
import { isEdgeEvent } from '../../src/adapters/lambda/edge.ts'
import { httpSourceOf } from '../../src/adapters/lambda/http-event.ts'
import { read } from '../../src/safe-read.ts'
import { type LambdaEventOptions, type LambdaForm, requestLambda, type TestRequest } from '../../src/testing.ts'

const REQUEST: TestRequest = {
  url: 'https://abc.lambda-url.us-east-2.on.aws/v1/orders/a%20b?tag=1&tag=2',
  method: 'POST',
  headers: [
    ['Content-Type', 'text/plain'],
    ['X-Tag', 'one'],
    ['X-Tag', 'two'],
  ],
  body: 'Grüße',
}

async function eventOf(options: LambdaEventOptions, request = REQUEST): Promise<unknown> {
  let seen: unknown
  await requestLambda(
    (event: unknown) => {
      seen = event
      return { statusCode: 200 }
    },
    request,
    options,
  )
  return seen
}

const FORMS: readonly LambdaForm[] = [
  'REST API',
  'HTTP API 1.0',
  'HTTP API',
  'function URL',
  'load balancer',
  'load balancer (multi-value headers)',
  'VPC Lattice 1.0',
  'VPC Lattice',
  'Netlify function',
]

test.each(FORMS.filter(form => form !== 'HTTP API'))('the form %s is what the adapter takes for it', async form => {
  expect(httpSourceOf(await eventOf({ form }))?.form).toBe(form)
})

test('without options the event is one of an HTTP API, as far as its host lets it be', async () => {
  const event = await eventOf({}, { ...REQUEST, url: 'https://shop.example/orders/7' })
  expect(httpSourceOf(event)?.form).toBe('HTTP API')
  expect(event).not.toHaveProperty('queryStringParameters')
})

test("Lambda@Edge's is one of CloudFront's", async () => {
  const event = await eventOf({ form: 'Lambda@Edge', trigger: 'origin-request' })
  expect(isEdgeEvent(event)).toBe(true)
  expect(read(event, 'Records', '0', 'cf')).toMatchObject({
    config: { eventType: 'origin-request' },
    request: {
      headers: {
        'x-tag': [
          { key: 'x-tag', value: 'one' },
          { key: 'x-tag', value: 'two' },
        ],
      },
      body: { encoding: 'base64', data: 'R3LDvMOfZQ==' },
    },
  })
})

test('what the options say is in the event', async () => {
  const authorizer = { claims: { sub: 'user-1' } }
  const rest = await eventOf({
    form: 'REST API',
    resource: '/orders/{id}',
    basePath: '/v1',
    stage: 'live',
    isBase64Encoded: true,
    headerNames: ['X-Tag'],
    authorizer,
  })
  expect(rest).toMatchObject({
    path: '/orders/a%20b',
    pathParameters: { id: 'a b' },
    headers: { 'X-Tag': 'two', 'content-type': 'text/plain' },
    multiValueHeaders: { 'X-Tag': ['one', 'two'] },
    multiValueQueryStringParameters: { tag: ['1', '2'] },
    requestContext: { path: '/v1/orders/a%20b', stage: 'live', resourcePath: '/orders/{id}', authorizer },
    body: 'R3LDvMOfZQ==',
    isBase64Encoded: true,
  })
  expect(await eventOf({ routeKey: 'ANY /orders/{rest+}', stage: 'v1' })).toMatchObject({
    routeKey: 'ANY /orders/{rest+}',
    rawPath: '/v1/orders/a%20b',
    pathParameters: { rest: 'a b' },
    headers: { 'x-tag': 'one,two' },
  })
})

test.each<[LambdaForm, unknown, number, string]>([
  ['REST API', { status: 200 }, 502, '{"message":"Internal Server Error"}'],
  ['REST API', {}, 200, ''],
  ['HTTP API', { id: 7 }, 200, '{"id":7}'],
  ['function URL', { statusCode: 'none' }, 500, '{"message":"Internal Server Error"}'],
  ['load balancer', { id: 7 }, 502, '{"message":"Internal Server Error"}'],
  ['VPC Lattice', 'nothing', 500, '{"message":"Internal Server Error"}'],
  ['HTTP API', { statusCode: '201', body: 'R3LDvMOfZQ==', isBase64Encoded: true }, 201, 'Grüße'],
  ['Lambda@Edge', { status: '403', body: 'No' }, 403, 'No'],
  ['Lambda@Edge', { uri: '/other', headers: {} }, 200, ''],
])('%s makes of %j a %i', async (form, result, status, body) => {
  const response = await requestLambda(() => result, REQUEST, { form })
  expect([response.status, response.body]).toEqual([status, body])
})

test('headers of a response come whichever way they are written', async () => {
  const result = {
    statusCode: 200,
    headers: { 'X-One': '1' },
    multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
    body: '',
  }
  const { headers } = await requestLambda(() => result, REQUEST, { form: 'REST API' })
  expect([headers.get('x-one'), headers.getSetCookie()]).toEqual(['1', ['a=1', 'b=2']])
  const edge = { status: '200', headers: { 'x-one': [{ key: 'X-One', value: '1' }] } }
  expect((await requestLambda(() => edge, REQUEST, { form: 'Lambda@Edge' })).headers.get('x-one')).toBe('1')
})
