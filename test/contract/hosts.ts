/** Every adapter of HTTP requests, each answering by one function. */
import { Hono } from 'hono'
import * as itty6 from 'itty-router'
import * as itty5 from 'itty-router-5'
import { withReplayStack as withWorker } from '../../src/adapters/cloudflare/index.ts'
import { withReplayStack as withFetch } from '../../src/adapters/fetch.ts'
import { replaystack as honoRecorder } from '../../src/adapters/hono.ts'
import { replaystack as ittyRecorder } from '../../src/adapters/itty.ts'
import { withReplayStack as withLambda } from '../../src/adapters/lambda/index.ts'
import { withReplayStack as withNetlify } from '../../src/adapters/netlify.ts'
import { replaystack as nodeRecorder } from '../../src/adapters/node/middleware.ts'
import { withReplayStack as withVercel } from '../../src/adapters/vercel/index.ts'
import type { AdapterOptions } from '../../src/types.ts'
import { createContext, readEvent } from '../lambda/invoke.ts'
import { HostContext } from '../support/adapter-recorder.ts'
import { listen } from '../support/node-server.ts'

export type Answer = () => Response
/** What is not said of a request is GET, `/orders`. */
export interface HostRequest {
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: string
}
/** Hands one request to an adapter. What the handler throws ends here. */
export type Host = (options: AdapterOptions<unknown>, answer: Answer, request: HostRequest) => Promise<unknown>

const toRequest = ({ path = '/orders', ...init }: HostRequest) => new Request(`https://api.example.com${path}`, init)

const settle = (run: () => unknown) =>
  Promise.resolve()
    .then(run)
    .catch(() => {})

const ittyHost =
  ({ Router }: typeof itty5): Host =>
  (options, answer, request) => {
    const router = Router({ ...ittyRecorder(options) }).all('*', answer)
    return settle(() => router.fetch(toRequest(request), {}, new HostContext()))
  }

/** By name. */
export const HOSTS: Record<string, Host> = {
  fetch(options, answer, request) {
    const handler = withFetch((_request: Request) => answer(), options)
    return settle(() => handler(toRequest(request)))
  },
  hono(options, answer, request) {
    const app = new Hono().use(honoRecorder(options)).all('*', answer)
    app.onError(error => {
      throw error
    })
    return settle(() => app.request(toRequest(request)))
  },
  'itty-router 5': ittyHost(itty5),
  'itty-router 6': ittyHost(itty6 as typeof itty5),
  cloudflare(options, answer, request) {
    const worker = withWorker({ fetch: (_request: Request, _env: object, _context: HostContext) => answer() }, options)
    return settle(() => worker.fetch(toRequest(request), {}, new HostContext()))
  },
  vercel(options, answer, request) {
    const handler = withVercel(async (_request: Request) => answer(), options)
    return settle(() => handler(toRequest(request)))
  },
  netlify(options, answer, request) {
    const handler = withNetlify(async (_request: Request, _context: HostContext) => answer(), options)
    return settle(() => handler(toRequest(request), new HostContext()))
  },
  lambda(options, answer, { path = '/orders', method = 'GET', headers = {}, body }) {
    const event = readEvent<{ requestContext: { http: object } }>('function-url')
    const handler = withLambda(async (_event: object, _context: object) => {
      const response = answer()
      return {
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      }
    }, options)
    const requestContext = { ...event.requestContext, http: { ...event.requestContext.http, method, path } }
    const arriving = {
      ...event,
      rawPath: path,
      cookies: undefined,
      headers,
      requestContext,
      body,
      isBase64Encoded: false,
    }
    return settle(() => handler(arriving, createContext()))
  },
  async node(options, answer, { path = '/orders', ...init }) {
    const recorder = nodeRecorder(options)
    const client = new AbortController()
    const server = await listen((request, response) => {
      try {
        recorder(request, response, () => {
          const { status, headers } = answer()
          response.writeHead(status, Object.fromEntries(headers)).end('{}')
        })
      } catch {
        // Nobody answers: its client leaves.
        client.abort()
      }
    })
    const url = `http://127.0.0.1:${server.port}${path}`
    await settle(() => fetch(url, { ...init, signal: client.signal }))
  },
}
