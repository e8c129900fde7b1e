/** API routes of Next.js: what applications on `node:http` do, and what Next.js has for it besides. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import { memoryTransport } from '../../src/testing.ts'
import { asksOf, createLedger } from './ledger.ts'
import { NODE_WAYS } from './node-ways.ts'
import { type Ask, RUN_HEADER, type Ways } from './way.ts'

interface ApiRequest extends IncomingMessage {
  query: { path: readonly string[]; run?: string }
  cookies: Readonly<Record<string, string>>
  body: unknown
}
interface ApiResponse extends ServerResponse {
  status(code: number): ApiResponse
  json(body: unknown): void
  send(body: unknown): void
  redirect(to: string): ApiResponse
}
type ApiAnswer = (request: ApiRequest, response: ApiResponse) => unknown

const json: Ask = { method: 'POST', headers: ['content-type: application/json'], body: '{"a":1}' }

const OWN_WAYS: Ways<ApiAnswer> = {
  'api-json': { answer: (_, response) => response.status(201).json({ a: 1 }) },
  'api-text': { answer: (_, response) => response.send('Hello') },
  'api-bytes': { answer: (_, response) => response.send(Buffer.from('Hello')) },
  'api-object': { answer: (_, response) => response.send({ a: 1 }) },
  'api-nothing': { answer: (_, response) => response.status(204).send(null) },
  'api-head': { ...json, method: 'HEAD', answer: (_, response) => response.json({ a: 1 }) },
  'api-fresh': { headers: ['if-none-match: *'], answer: (_, response) => response.send('Hello') },
  'api-redirect': { answer: (_, response) => response.redirect('/elsewhere') },
  'api-cookies': {
    headers: ['cookie: a=1; b=2'],
    answer: (request, response) => response.json(request.cookies),
  },
  'api-throws': {
    answer() {
      throw new Error('no')
    },
  },
  'api-throws-later': {
    async answer() {
      await undefined
      throw Object.assign(new Error('not yours'), { statusCode: 403 })
    },
  },
  'api-gzip': {
    headers: ['accept-encoding: gzip'],
    answer: (_, response) => response.json({ a: 'x'.repeat(2000) }),
  },
}

/** What needs the body that Next.js has parsed. */
const PARSED_WAYS: Ways<ApiAnswer> = {
  'api-parsed': { ...json, answer: (request, response) => response.json(request.body) },
  'api-badly-parsed': { ...json, body: '{"a"', answer: (_, response) => response.end() },
  'api-form': {
    ...json,
    headers: ['content-type: application/x-www-form-urlencoded'],
    body: 'a=1&a=2&b=3',
    answer: (request, response) => response.json(request.body),
  },
  'api-parsed-and-thrown': {
    ...json,
    answer() {
      throw new Error('no')
    },
  },
}

type Route = (request: ApiRequest, response: ApiResponse) => unknown

/** @param isParsed whether Next.js parses bodies for this route: what reads for itself finds nothing then */
export function createRoute(isParsed: boolean): Route {
  const options = { apiKey: 'key', transport: memoryTransport() }
  const plain: Ways<ApiAnswer> = isParsed
    ? PARSED_WAYS
    : Object.fromEntries(
        Object.entries(NODE_WAYS).map(([name, { answer, ...ask }]) => {
          const plainly: ApiAnswer = (request, response) =>
            answer(request, response, ledger.serverOf(request.url ?? '', String(request.headers[RUN_HEADER])))
          return [name, { ...ask, answer: plainly }]
        }),
      )
  const ways = { ...plain, ...OWN_WAYS }
  const ledger = createLedger(options.transport, () => ({ api: asksOf(ways) }))
  const bare: Route = (request, response) => ways[request.query.path[1] ?? '']?.answer(request, response)
  const recorded = withReplayStack(bare, options)
  return (request, response) => {
    const { path, run = '' } = request.query
    if (path[0] === 'control') return response.json(ledger.control(path[1] ?? '', run))
    return String(request.headers[RUN_HEADER]).startsWith('ours')
      ? recorded(request, response)
      : bare(request, response)
  }
}
