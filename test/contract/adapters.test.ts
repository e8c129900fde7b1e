/** What every adapter adds to an event, by the official contract. */
import { describe, expect, it } from 'vitest'
import { withReplayStack as withFetch } from '../../src/adapters/fetch.ts'
import { runReplayStackJob } from '../../src/adapters/node/job.ts'
import { captureFailure } from '../../src/event/error.ts'
import { createTestClient } from '../../src/testing.ts'
import type { AdapterOptions, CaptureDecision, ReplayStackEvent } from '../../src/types.ts'
import { type Answer, HOSTS, type Host, type HostRequest } from './hosts.ts'

/** The one event of a request. */
async function record(
  host: Host,
  answer: Answer,
  options: AdapterOptions<unknown> = {},
  request: HostRequest = {},
): Promise<ReplayStackEvent> {
  const { client, events } = createTestClient()
  await host({ client, ...options }, answer, request)
  await client.flush()
  const [event, ...others] = events
  if (!event) throw new Error('No event was sent.')
  expect(others).toEqual([])
  return event
}

const crumbs = ({ breadcrumbs = [] }: ReplayStackEvent) => breadcrumbs.map(({ timestamp: _, ...rest }) => rest)
const json = (status: number) => () => Response.json({ done: status }, { status })
const fails: Answer = () => {
  throw new TypeError('order is undefined')
}

describe.each(Object.entries(HOSTS))('the adapter for %s', (name, host) => {
  it.each([
    [200, 'info'],
    [404, 'warning'],
    [503, 'error'],
  ])('leaves the breadcrumbs of a response of %i, the last of level %s', async (status, level) => {
    const event = await record(host, json(status))
    expect(crumbs(event)).toEqual([
      {
        message: 'HTTP request started',
        category: 'http',
        level: 'info',
        metadata: { method: 'GET', endpoint: '/orders' },
      },
      {
        message: 'HTTP request finished',
        category: 'http',
        level,
        metadata: { statusCode: status, executionTimeMs: event.executionTimeMs },
      },
    ])
    expect(Number.isInteger(event.executionTimeMs)).toBe(true)
  })

  it.each(['automaticBreadcrumbs', 'automaticFrameworkBreadcrumbs'])('leaves none without %s', async option => {
    expect(await record(host, json(200), { [option]: false })).not.toHaveProperty('breadcrumbs')
  })

  it('has the auth mode on every event', async () => {
    const headers = { authorization: 'Bearer abc' }
    expect(await record(host, json(200))).toMatchObject({ authMode: 'none' })
    for (const captureHeaders of [true, false]) {
      const event = await record(host, json(200), { captureHeaders }, { headers })
      expect(event).toMatchObject({ authMode: 'bearer', authScheme: 'Bearer' })
      expect('requestHeaders' in event).toBe(captureHeaders)
    }
    expect(await record(host, json(200), { captureHeaders: false })).toMatchObject({ authMode: 'none' })
  })

  it('shows the error that captureFailure threw as the response that it asks for', async () => {
    const payload = { error: 'card_declined', cardNumber: '4111' }
    const event = await record(host, () => captureFailure('Declined', payload, 502))
    expect(event).toMatchObject({
      errorMessage: 'Declined',
      statusCode: 502,
      status: 'failed',
      responsePayload: { error: 'card_declined', cardNumber: '[MASKED]' },
    })
  })

  it('asks shouldCapture with the error and the endpoint', async () => {
    const asked: CaptureDecision[] = []
    const error = new Error('boom')
    const shouldCapture = (decision: CaptureDecision) => asked.push(decision) > 0
    const options = { shouldCapture, eventEndpoint: 'checkout' }
    const event = await record(
      host,
      () => {
        throw error
      },
      options,
    )
    expect(asked).toMatchObject([{ method: 'GET', path: '/orders', endpoint: 'checkout', statusCode: 500 }])
    expect(asked[0]?.error).toBe(error)
    expect(event.endpoint).toBe('checkout')
    await record(host, json(200), options)
    expect(asked[1]?.error).toBe(undefined)
  })

  it('keeps bodies of failures alone where it is asked to', async () => {
    const options = { captureRequestBody: 'failed', captureResponseBody: 'failed' } as const
    const request = { method: 'POST', body: '{"item":"book"}', headers: { 'content-type': 'application/json' } }
    const fine = await record(host, json(201), options, request)
    expect(fine).not.toHaveProperty('requestPayload')
    expect(fine).not.toHaveProperty('responsePayload')
    expect(await record(host, json(404), options, request)).toHaveProperty('responsePayload')
    // The server of this test reads no body.
    if (name !== 'node') expect(await record(host, json(404), options, request)).toHaveProperty('requestPayload')
  })
})

describe.each(Object.entries(HOSTS))('a handler that throws, under %s', (name, host) => {
  it('has its error in a breadcrumb, a log line and the response payload', async () => {
    const event = await record(host, fails, {}, { method: 'POST' })
    expect(crumbs(event)).toMatchObject([
      { message: 'HTTP request started' },
      {
        message: 'Unhandled exception captured',
        category: 'exception',
        level: 'error',
        metadata: { errorName: 'TypeError', errorMessage: 'order is undefined' },
      },
      { message: 'HTTP request finished', level: 'error', metadata: { statusCode: 500 } },
    ])
    expect(event.logs).toEqual([
      {
        level: 'error',
        message: 'order is undefined',
        metadata: {
          errorName: 'TypeError',
          functionName: expect.any(String),
          fileName: expect.stringContaining('adapters.test.ts'),
          lineNumber: expect.any(Number),
          columnNumber: expect.any(Number),
          location: expect.stringMatching(/adapters\.test\.ts:\d+:\d+$/),
          method: 'POST',
          endpoint: '/orders',
        },
        timestamp: expect.any(String),
      },
    ])
    // The stages of itty-router make a response of it themselves.
    const response = name.startsWith('itty')
      ? { status: 500, error: event.errorMessage }
      : { message: event.errorMessage }
    expect(event).toMatchObject({ status: 'failed', statusCode: 500, authMode: 'none' })
    expect(Number.isInteger(event.executionTimeMs)).toBe(true)
    expect(event.responsePayload).toEqual(response)
  })
})

describe('a job', () => {
  it('has breadcrumbs alike, an auth mode and its error', async () => {
    const { client, events } = createTestClient()
    await runReplayStackJob(client, { name: 'tidy' }, async () => 'done')
    await runReplayStackJob(client, { name: 'tidy' }, async () => fails()).catch(() => {})
    await client.flush()
    expect(events.map(crumbs)).toMatchObject([
      [
        { message: 'Job started', category: 'job', level: 'info', metadata: { endpoint: 'tidy' } },
        { message: 'Job finished', category: 'job', level: 'info', metadata: { executionTimeMs: expect.any(Number) } },
      ],
      [
        { message: 'Job started' },
        { message: 'Unhandled exception captured', category: 'exception' },
        { message: 'Job finished', category: 'job', level: 'error', metadata: { statusCode: 500 } },
      ],
    ])
    expect(events).toMatchObject([
      { authMode: 'none' },
      { authMode: 'none', logs: [{ level: 'error', message: 'order is undefined' }] },
    ])
  })
})

describe('an option', () => {
  it('of bodies is true, false or failed', () => {
    expect(() => withFetch(() => new Response(), { captureRequestBody: 'always' as never })).toThrow(
      'ReplayStack option "captureRequestBody" must be true, false or \'failed\'; got "always".',
    )
  })
})
