/** What the tests of the adapter call a handler with, and what comes of it. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { withReplayStack } from '../../src/adapters/lambda/index.ts'
import type { AdapterOptions, ReplayStackEvent } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

/** A recorded event by its name in `events/`, each time its own object. */
export function readEvent<Event = Record<string, unknown>>(name: string): Event {
  return JSON.parse(readFileSync(new URL(`./events/${name}.json`, import.meta.url), 'utf8'))
}

/** What a function of Lambda@Edge does with `edge-request`, by its `how`, and what is then known of it. */
export const EDGE_WAYS: [how: string, kind: string, event: object][] = [
  [
    'respond',
    'response',
    { status: 'warning', statusCode: 403, responsePayload: { error: 'closed', token: '[MASKED]' } },
  ],
  ['go on', 'response', { status: 'success' }],
  ['fail', 'error', { status: 'failed', errorName: 'OrderError' }],
]

/** What is known of every one. */
export const EDGE_EVENT: object = {
  eventType: 'api',
  method: 'POST',
  endpoint: '/orders/7',
  requestUrl: 'https://shop.example/orders/7?size=large&token=[MASKED]',
  requestPayload: { sku: 'teapot', password: '[MASKED]' },
  sourceIp: '203.0.113.178',
  metadata: { eventSource: 'aws:cloudfront', trigger: 'origin-request', functionName: 'shop-api' },
}

/** A context as Node 24 has it. */
export function createContext(remainingMs = 3000) {
  return {
    functionName: 'shop-api',
    functionVersion: '$LATEST',
    awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
    xRayTraceId: 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e;Sampled=1',
    getRemainingTimeInMillis: () => remainingMs,
  }
}

type AnyHandler = (...args: never[]) => unknown

/** A recorded client, a wrapper that uses it, and what it has sent. */
export function record(options: AdapterOptions<unknown> = {}) {
  const recorded = createRecordedClient()
  const { client } = recorded
  const events = async (): Promise<ReplayStackEvent[]> => {
    expect(await client.flush()).toBe(true)
    expect(recorded.errors).toEqual([])
    return recorded.events
  }
  const event = async (): Promise<ReplayStackEvent> => {
    const all = await events()
    expect(all).toHaveLength(1)
    return all[0] as ReplayStackEvent
  }
  const wrap = <Handler extends AnyHandler>(handler: Handler): Handler =>
    withReplayStack(handler, { client, ...options })
  return { client, wrap, events, event, transport: recorded.transport }
}

/** The one event of a recorded invocation, and what the handler answered. */
export async function invoke(name: string, handler: (...args: never[]) => unknown = async () => undefined) {
  const { wrap, event } = record()
  const call: (...args: unknown[]) => unknown = wrap(handler as (...args: unknown[]) => unknown)
  const result = await call(readEvent(name), createContext())
  return { result, event: await event() }
}
