/** Express on Lambda by the libraries that people use for it, and middy: bare and recorded. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { withReplayStack } from '../../src/adapters/lambda/index.ts'
import { replaystack } from '../../src/adapters/node/middleware.ts'
import { createContext, readEvent } from '../lambda/invoke.ts'
import { root } from '../package/bundle-entry.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

type Handler = (event: object, context: object) => Promise<{ statusCode: number; body: string; headers: object }>
interface Application {
  use(...handlers: unknown[]): void
  get(path: string, handler: (request: unknown, response: Response) => unknown): void
}
interface Response {
  json(body: object): void
  write(text: string): void
  end(text?: string): void
  status(code: number): Response
  once(event: string, run: () => void): void
}

const require = createRequire(join(root, 'test/hosts/package.json'))
const express: () => Application = require('express')
const codegenie = require('@codegenie/serverless-express')
const bridges: Record<string, (application: Application) => Handler> = {
  'serverless-http': require('serverless-http'),
  'serverless-express': app => (codegenie.default ?? codegenie)({ app }),
}

const event = (path: string): object => {
  const given = readEvent<{ requestContext: { http: object } }>('function-url')
  const http = { ...given.requestContext.http, method: 'GET', path }
  return { ...given, rawPath: path, body: undefined, requestContext: { ...given.requestContext, http } }
}

/** The same application, with the middleware or without. */
function createApplication(...middleware: unknown[]): Application {
  const app = express()
  if (middleware.length > 0) app.use(...middleware)
  app.get('/json', (_, response) => response.json({ id: 7, token: 'planted-1' }))
  app.get('/parts', (_, response) => {
    response.write('one ')
    setTimeout(() => response.end('two'), 5)
  })
  app.get('/refused', (_, response) => response.status(409).end('taken'))
  app.get('/boom', () => {
    throw new TypeError('boom')
  })
  app.get('/later', async () => Promise.reject(new RangeError('later')))
  app.use((error: Error, _request: unknown, response: Response, _next: unknown) => {
    response.status(500).end(`failed: ${error.message}`)
  })
  return app
}

describe.each(Object.entries(bridges))('Express by %s', (_, bridge) => {
  test.each([
    ['/json', { status: 'success', statusCode: 200, responsePayload: { id: 7, token: '[MASKED]' } }],
    ['/parts', { status: 'success', statusCode: 200 }],
    ['/refused', { status: 'warning', statusCode: 409 }],
    ['/boom', { status: 'failed', statusCode: 500, errorName: 'TypeError', errorMessage: 'boom' }],
    ['/later', { status: 'failed', statusCode: 500, errorName: 'RangeError', errorMessage: 'later' }],
  ])('%s is one event, with its error, and responds as it would', async (path, expected) => {
    const recorded = createRecordedClient()
    const { client } = recorded
    const bare = await bridge(createApplication())(event(path), createContext())
    const handler = withReplayStack(bridge(createApplication(replaystack({ client }))), { client })
    const response = await handler(event(path), createContext())
    // It has left before the response.
    expect(client.stats()).toMatchObject({ captured: 1, sent: 1 })
    expect([response.statusCode, response.body]).toEqual([bare.statusCode, bare.body])
    expect(recorded.events).toMatchObject([{ eventType: 'api', endpoint: path, ...expected }])
    expect(response.headers).toMatchObject({ 'x-trace-id': recorded.events[0]?.traceId })
  })
})

test('middy: a body that a middleware has parsed is the payload', async () => {
  const { default: middy } = await import(pathToFileURL(require.resolve('@middy/core')).href)
  const recorded = createRecordedClient()
  const { client } = recorded
  const parse = {
    before: (request: { event: { body: string } }) =>
      void Object.assign(request.event, { body: JSON.parse(request.event.body) }),
  }
  const handler = async (given: { body: { item: string } }) => ({ statusCode: 200, body: given.body.item })
  const call = middy().use(parse).handler(withReplayStack(handler, { client }))
  const given = {
    ...readEvent<object>('http-api'),
    body: '{"item":"book","password":"planted-1"}',
    isBase64Encoded: false,
  }
  expect(await call(given, createContext())).toMatchObject({ statusCode: 200, body: 'book' })
  expect(recorded.events).toMatchObject([{ requestPayload: { item: 'book', password: '[MASKED]' }, statusCode: 200 }])
})
