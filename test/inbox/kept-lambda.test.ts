/**
 * HTTP events of Lambda functions kept as tests: each is rebuilt in the form in which it was captured. The function fails by
 * what it sees of its event, and what the kept test's output has must be what the recorded function saw.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { read } from '../../src/safe-read.ts'
import { keepEvents } from './keep-event.ts'

const keep = keepEvents()

/** What a function can see of its event, but for the host's own ids and times, and what a proxy adds. */
const SEE = `
const HEADERS = ['accept', 'authorization', 'content-type', 'cookie', 'user-agent', 'x-tag']
const sorted = (value) => Object.fromEntries(Object.entries(value).sort())
const chosen = (headers) => headers && sorted(Object.fromEntries(Object.entries(headers).filter(([name]) => HEADERS.includes(name.toLowerCase()))))
export const see = ({ requestContext = {}, headers, multiValueHeaders, ...event }) => {
  const { http, elb, serviceArn, path, resourcePath, httpMethod, stage, routeKey, domainName, authorizer } = requestContext
  return JSON.stringify({
    ...sorted(event),
    headers: chosen(headers),
    multiValueHeaders: chosen(multiValueHeaders),
    context: { http: http && [http.method, http.path], elb: !!elb, lattice: !!serviceArn, path, resourcePath, httpMethod, stage, routeKey, domainName },
  })
}
`

const APP = `import { withReplayStack } from '@replaystack/edge/lambda'
import { tapeRecorder } from '@replaystack/edge/tape'
import { see } from './see.mjs'
export const prices = { read: async (_sku: string): Promise<any> => { throw new Error('There are no prices') } }
export const handler: any = withReplayStack(async (event: any, _context: any, _callback: any, handle: any) => {
  const { cents } = await handle.call('prices', 'lamp', () => prices.read('lamp'))
  if (cents > 1000) throw new RangeError('Saw ' + see(event))
  return { statusCode: 201, body: btoa('made'), isBase64Encoded: true }
}, { recordCalls: tapeRecorder() } as any)
`

const SECRETS = {
  AUTHORIZATION: 'Bearer planted-bearer',
  COOKIE: 'session=planted-cookie',
  QUERY_TOKEN: 'planted-query',
  BODY_PASSWORD: 'planted-body',
}

const readEvent = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../lambda/events/${name}.json`, import.meta.url), 'utf8'))

/** A REST API's event, without what no event of ours has: the variables of its stage. */
const restEvent = (): Record<string, unknown> => {
  const event = readEvent('rest-api')
  return { ...event, headers: { ...Object(event['headers']), 'X-Tag': 'two' }, stageVariables: null }
}

const NETLIFY = {
  path: '/orders/7',
  httpMethod: 'POST',
  headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0', 'x-tag': 'one', host: 'shop.example' },
  multiValueHeaders: {
    'content-type': ['application/json'],
    'user-agent': ['Mozilla/5.0'],
    'x-tag': ['one'],
    host: ['shop.example'],
  },
  queryStringParameters: { tag: 'b' },
  multiValueQueryStringParameters: { tag: ['a', 'b'] },
  rawUrl: 'https://shop.example/orders/7?tag=a&tag=b',
  rawQuery: 'tag=a&tag=b',
  body: '{"item":"book"}',
  isBase64Encoded: false,
}

test.each([
  ['REST API', restEvent(), {}],
  ['HTTP API 1.0', { version: '1.0', ...restEvent() }, {}],
  ['HTTP API', readEvent('http-api'), { COOKIE: 'session=planted-cookie; theme=dark' }],
  ['function URL', readEvent('function-url'), {}],
  ['load balancer', readEvent('load-balancer'), {}],
  ['load balancer (multi-value headers)', readEvent('load-balancer-lists'), {}],
  ['VPC Lattice 1.0', readEvent('lattice-1'), { AUTHORIZATION: 'Bearer planted-token' }],
  ['VPC Lattice', readEvent('lattice-2'), { AUTHORIZATION: 'Bearer planted-token' }],
])('an event of the form %s', async (form, event, secrets) => {
  const authorization = read(event, 'headers', 'authorization')
  const isBasic = typeof authorization === 'string' && authorization.startsWith('Basic ')
  const env = { ...SECRETS, ...(isBasic && { AUTHORIZATION: authorization }), ...secrets }
  await keepForm(form, event, env)
})

test('an event of the form Netlify function', async () => {
  await keepForm('Netlify function', NETLIFY, {}, app =>
    app.replace('@replaystack/edge/lambda', '@replaystack/edge/netlify'),
  )
})

async function keepForm(
  form: string,
  event: Record<string, unknown>,
  env: Record<string, string>,
  adapt = (app: string): string => app,
): Promise<void> {
  const { see }: { see: (event: unknown) => string } = await import(`data:text/javascript,${encodeURIComponent(SEE)}`)
  const { code, run } = await keep({
    app: adapt(APP),
    record: `import { handler, prices } from './app.ts'
prices.read = async () => ({ cents: 1999 })
let failed = false
try { await handler(${JSON.stringify(event)}, { functionName: 'orders', awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 }) } catch { failed = true }
if (!failed) throw new Error('It did not fail.')
`,
    files: { 'see.mjs': SEE },
    repair: ['cents > 1000', 'cents > 2000'],
    env,
    failure: `RangeError: Saw ${see(event)}`,
    args: ['--expect', '201'],
  })
  expect(code).toContain(`form: '${form}'`)
  expect(code).not.toContain('planted')
  expect((await run(env)).output).toContain('1 passed')
}

test('a message on a socket', async () => {
  const { code } = await keep({
    app: `import { withReplayStack } from '@replaystack/edge/lambda'
export const handler: any = withReplayStack(async ({ requestContext, body }: any) => {
  const { connectionId, routeKey, eventType } = requestContext
  const { action } = JSON.parse(body)
  if (action === 'join') throw new RangeError([connectionId, routeKey, eventType, body].join(' '))
  return { statusCode: 200 }
})
`,
    record: `import { handler } from './app.ts'
let failed = false
try { await handler(${JSON.stringify({ ...readEvent('websocket-message'), body: '{"action":"join"}' })}, { functionName: 'chat', awsRequestId: 'r' }) } catch { failed = true }
if (!failed) throw new Error('It did not fail.')
`,
    repair: ["=== 'join'", "=== 'leave'"],
    failure: `RangeError: ${read(readEvent('websocket-message'), 'requestContext', 'connectionId')} ${read(readEvent('websocket-message'), 'requestContext', 'routeKey')} MESSAGE {"action":"join"}`,
  })
  expect(code).toContain('invokeLambda(handler, {')
})
