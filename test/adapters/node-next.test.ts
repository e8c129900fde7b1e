/** API routes of Next.js, which are called with Node's request and response. */
import { describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import { listen, record, send } from '../support/node-server.ts'

describe('an API route of Next.js', () => {
  /** What Next.js gives a handler: `query` has the route's parameters behind those of the URL. */
  const open = async (query: object, response: object) => {
    const { options, event } = record()
    const handler = withReplayStack((_request, response) => response.end('ok'), options)
    const { port } = await listen((request, serverResponse) => {
      handler(Object.assign(request, { query }), Object.assign(serverResponse, response))
    })
    return { port, event }
  }
  const nextResponse = { setDraftMode() {} }

  it.each([
    ['/api/orders/7?page=7', { page: '7', id: '7' }, '/api/orders/[id]'],
    ['/api/docs/a/b', { slug: ['a', 'b'] }, '/api/docs/[...slug]'],
  ])('has its route: %s with %j is of %s', async (path, query, route) => {
    const { port, event } = await open(query, nextResponse)
    await send(port, path)
    expect((await event()).metadata).toEqual({ route })
  })

  it.each([
    ['/api/orders?page=2', { page: '2' }, nextResponse],
    ['/api/orders/7', { id: '7' }, {}],
  ])('alone has one: %s with %j and %o has none', async (path, query, response) => {
    const { port, event } = await open(query, response)
    await send(port, path)
    expect(await event()).not.toHaveProperty('metadata')
  })
})
