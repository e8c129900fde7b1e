/** Every hostile value as every option: it is used, or refused by a TypeError that names the option; nothing else. */
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { ReplayStackClient } from '../../src/client/client.ts'
import type { AdapterOptions, ClientOptions } from '../../src/types.ts'
import { ScriptedTransport } from '../support/scripted-transport.ts'
import { expectBalance, watchRejections } from './application.ts'
import { HOSTILE_VALUES } from './hostile-values.ts'

const rejections = watchRejections()
afterAll(() => rejections.stop())
afterEach(() => {
  Object.assign(console, { log, warn })
  return rejections.expectNone()
})

const OPTIONS: readonly (keyof ClientOptions)[] = [
  ...(['apiKey', 'endpoint', 'ingestUrl', 'serviceName', 'environment', 'appVersion', 'commitHash'] as const),
  ...([
    'enabled',
    'timeoutMs',
    'retries',
    'sampleRate',
    'captureSuccess',
    'maxPayloadSizeBytes',
    'maskFields',
    'masks',
  ] as const),
  ...(['ignoredPaths', 'maxBreadcrumbs', 'captureLogs', 'logLevel', 'maxLogs', 'offlineQueueMax'] as const),
  ...(['flushIntervalMs', 'batchMaxEvents', 'asyncSend', 'raiseOnError', 'onError', 'onQueueDrop'] as const),
  ...(['beforeSend', 'transport', 'debug'] as const),
]
const ADAPTER_OPTIONS: readonly (keyof AdapterOptions)[] = [
  ...(['captureRequestBody', 'captureResponseBody', 'captureHeaders', 'captureAborted', 'getTraceId'] as const),
  ...(['shouldCapture', 'automaticBreadcrumbs', 'client', 'apiKey', 'transport', 'onError', 'asyncSend'] as const),
]

const variableOf = (option: string): string => `REPLAYSTACK_${option.replace(/[A-Z]/g, '_$&').toUpperCase()}`
const { log, warn } = console
const quiet = (): void => void Object.assign(console, { log() {}, warn() {} })

/** Captures once, where a client could be made at all. */
async function use(make: () => ReplayStackClient, option: string): Promise<void> {
  let client: ReplayStackClient
  try {
    client = make()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Error)
    // A key that is empty is one that is missing.
    const said = thrown instanceof TypeError ? `"${option}"` : 'apiKey is required'
    expect(String(thrown)).toContain(said)
    return
  }
  const settled = client.captureEvent({ method: 'PUT', endpoint: '/kept' })
  await Promise.race([settled, turns()])
  expectBalance(client)
}

/** A few turns of the event loop: what is not there by then waits for something outside. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
}

describe.each(OPTIONS)('%s may be', option => {
  it.each(HOSTILE_VALUES)('%s', async (_, make) => {
    quiet()
    const value = make()
    const transport = new ScriptedTransport()
    await use(() => new ReplayStackClient({ apiKey: 'key', transport, [option]: value }, {}), option)
    // What is wrong in a variable is not used, and told.
    const variables = { REPLAYSTACK_API_KEY: 'key', [variableOf(option)]: value }
    await use(() => new ReplayStackClient({ transport }, variables), option)
  })
})

describe.each(ADAPTER_OPTIONS)('%s of an adapter may be', option => {
  it.each(HOSTILE_VALUES)('%s', async (_, make) => {
    quiet()
    const options = { apiKey: 'key', transport: new ScriptedTransport(), [option]: make() }
    const response = new Response('the answer')
    // Made at the first request: then nobody is there to be told by an exception.
    const handler = withReplayStack(
      (_: Request) => response,
      () => options,
    )
    const answering = Promise.resolve(handler(new Request('https://h.example/')))
    // With `asyncSend: false` and a transport that never answers it is still to come.
    expect(await Promise.race([answering, turns()])).toBeOneOf([response, undefined])
  })
})

it.each(HOSTILE_VALUES)('all options may be %s', async (_, make) => {
  quiet()
  const response = new Response('the answer')
  const handler = withReplayStack(
    (_: Request) => response,
    () => make() as AdapterOptions,
  )
  expect(await handler(new Request('https://h.example/'))).toBe(response)
})

it.each(HOSTILE_VALUES)('what tells the options may throw %s', async (_, make) => {
  quiet()
  const response = new Response('the answer')
  const value = make()
  const handler = withReplayStack(
    (_: Request) => response,
    () => {
      throw value
    },
  )
  expect(await handler(new Request('https://h.example/'))).toBe(response)
})
