/**
 * Lambda's Runtime API on loopback: what the platform offers a runtime, which asks it for invocations and posts their
 * outcomes. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a runtime posted. */
export interface Posted {
  kind: 'response' | 'error'
  headers: IncomingHttpHeaders
  body: string
  /** What came after a streamed body: how it broke off. */
  trailers: NodeJS.Dict<string>
  /** Milliseconds that were left. */
  remainingMs: number
}

export interface RuntimeApi {
  /** Host and port. */
  address: string
  /** Whatever arrives at it, and what a test adds. */
  order: string[]
  /** Hands out an invocation to whoever asks next. @param ms until its deadline */
  invoke(event: unknown, ms?: number): Promise<Posted>
  /** Settles when a runtime asks for work and there is none: then Lambda freezes it. */
  idle(): Promise<void>
  /** What a runtime that could not start posted. */
  initError: Promise<Posted>
}

interface Invocation {
  event: unknown
  ms: number
  posted: (posted: Posted) => void
}

const FUNCTION_ARN = 'arn:aws:lambda:us-east-2:123456789012:function:shop-api'

/** Reads a request to its end, trailers included. */
async function readPosted(request: IncomingMessage, kind: Posted['kind'], deadline: number): Promise<Posted> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return { kind, headers: request.headers, body, trailers: request.trailers, remainingMs: deadline - Date.now() }
}

/** Listens until the test is over. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const order: string[] = []
  const queued: Invocation[] = []
  const asking: ServerResponse[] = []
  const running = new Map<string, Invocation & { deadline: number }>()
  const resting: (() => void)[] = []
  let count = 0
  let failInit = (_: Posted): void => {}
  const initError = new Promise<Posted>(resolve => {
    failInit = resolve
  })

  const hand = (): void => {
    while (queued.length > 0 && asking.length > 0) {
      const [invocation, answer] = [queued.shift(), asking.shift()]
      if (!invocation || !answer) return
      const id = `8476a536-e9f4-11e8-9739-${String(++count).padStart(12, '0')}`
      const deadline = Date.now() + invocation.ms
      running.set(id, { ...invocation, deadline })
      answer.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': id,
        'lambda-runtime-deadline-ms': deadline,
        'lambda-runtime-invoked-function-arn': FUNCTION_ARN,
        'lambda-runtime-trace-id': `Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=${count % 2}`,
      })
      answer.end(JSON.stringify(invocation.event))
    }
    if (asking.length > 0 && running.size === 0) for (const rest of resting.splice(0)) rest()
  }

  const post = async (request: IncomingMessage, answer: ServerResponse, id: string, kind: Posted['kind']) => {
    order.push(kind)
    const invocation = running.get(id)
    const posted = await readPosted(request, kind, invocation?.deadline ?? 0)
    running.delete(id)
    answer.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}')
    if (invocation) invocation.posted(posted)
    else failInit(posted)
  }

  const server = createServer((request, answer) => {
    const path = request.url?.replace('/2018-06-01/runtime/', '') ?? ''
    const [, id = '', what] = /^invocation\/([^/]+)(?:\/(response|error))?$/.exec(path) ?? []
    if (id === 'next') {
      asking.push(answer)
      answer.on('close', () => asking.includes(answer) && asking.splice(asking.indexOf(answer), 1))
      hand()
    } else post(request, answer, id, what === 'response' ? 'response' : 'error')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    order,
    invoke: (event, ms = 10_000) =>
      new Promise(posted => {
        queued.push({ event, ms, posted })
        hand()
      }),
    idle: () =>
      new Promise(resolve => {
        resting.push(resolve)
        hand()
      }),
    initError,
  }
}
