/** How a response is going to be sent on a host of which only its marks are here; `test/sameness` asks the hosts themselves. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { copyableOf, readOutgoing, withHeader, withStream } from '../../src/body/outgoing.ts'

afterEach(() => vi.unstubAllGlobals())

/** A response as Hono on Node makes it: what it was made of stands under a symbol. */
function lightResponse(...made: [status: number, body: unknown, headers: unknown]): Response {
  return Object.assign(new Response('made'), { [Symbol('cache')]: made })
}

const emptyStream = () => new ReadableStream<Uint8Array>()

describe('a response that Hono on Node has not made yet', () => {
  it.each([
    ['no headers', 'text', undefined, { 'Content-Type': 'text/plain; charset=UTF-8' }],
    ['no headers and no body', null, undefined, {}],
    ['an object', 'text', { 'X-A': '1' }, { 'X-A': '1' }],
    ['Headers', 'text', new Headers({ 'x-a': '1' }), undefined],
    ['a list', 'text', [['x-a', '1']], undefined],
  ])('of %s has these as they were written', (_, body, headers, plain) => {
    expect(readOutgoing(lightResponse(201, body, headers)).plain).toEqual(plain)
  })

  it('is known by three members alone', () => {
    const response = Object.assign(new Response(), { [Symbol('cache')]: [200, 'text'] })
    expect(readOutgoing(response)).toMatchObject({ given: undefined, plain: undefined })
  })

  it('keeps status and headers around another stream', () => {
    const response = withStream(readOutgoing(lightResponse(201, 'text', { 'X-A': '1' })), emptyStream(), false)
    expect([response.status, [...response.headers]]).toEqual([201, [['x-a', '1']]])
    const listed = withStream(readOutgoing(lightResponse(202, 'text', [['x-b', '2']])), emptyStream(), false)
    expect([listed.status, [...listed.headers]]).toEqual([202, [['x-b', '2']]])
  })

  it('is made anew with one more header, with status and body', async () => {
    const { response } = withHeader(readOutgoing(lightResponse(201, 'text', { 'X-A': '1' })), 'x-b', '2')
    expect([response.status, response.headers.get('x-a'), response.headers.get('x-b')]).toEqual([201, '1', '2'])
    expect(await response.text()).toBe('text')
  })

  it('is copied from what it is made of', async () => {
    const source = copyableOf(readOutgoing(lightResponse(201, 'text', {})), undefined, false)
    expect(source instanceof Response && (await source.text())).toBe('text')
  })
})

it('copies no response of unknown length where Hono on Node frames it, but one that was fetched', () => {
  vi.stubGlobal(
    'Response',
    class extends Response {
      get [Symbol.for('getResponseCache')](): undefined {
        return undefined
      }
    },
  )
  const own = readOutgoing(new Response('text'))
  expect(copyableOf(own, undefined, false)).toBe('unknown')
  expect(copyableOf(own, undefined, true)).toBe(own.response)
  const fetched = new Response('text')
  Object.defineProperty(fetched, 'url', { value: 'https://h/' })
  expect(copyableOf(readOutgoing(fetched), undefined, false)).toBe(fetched)
})
