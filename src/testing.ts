/**
 * For users' own tests: a client that sends nowhere, a check that no secret is in what it sent, and tapes that are played back.
 * Long, for it is an entry: what users call, with its documentation.
 */
import { ReplayStackClient } from './client/client.ts'
import { hostEnvironment } from './client/options.ts'
import { type LambdaEventOptions, lambdaEvent, readLambdaResult } from './testing/lambda-event.ts'
import { hostFetch } from './testing/load-tape.ts'
import {
  callFunction,
  callWorker,
  emailMessage,
  messageBatch,
  requestHandler,
  type TestMessage,
  type TestRequest,
  type TestResponse,
} from './testing/run-handler.ts'
import type { ClientOptions, ReplayStackEvent, Transport, TransportRequest, TransportResponse } from './types.ts'

/** A transport that keeps what it is given. */
export interface MemoryTransport extends Transport {
  /** The events of every accepted request, in the order they came; those of a batch one by one. */
  readonly events: ReplayStackEvent[]
  /** Every request, also those whose response was set by {@link MemoryTransport.answerWith}. */
  readonly requests: {
    /** Where it was sent. */
    url: string
    /** As they were sent, the API key among them. */
    headers: Record<string, string>
    /** JSON text, as it was sent. */
    body: string
  }[]
  /** Responds to the next requests with these statuses, one each; an Error is a failing network. Then all are accepted. */
  answerWith(...answers: (number | Error)[]): void
  /** Removes events, requests and responses. */
  clear(): void
}

/**
 * A transport that keeps every event in memory and accepts it.
 * @example
 * const transport = memoryTransport()
 * const client = new ReplayStackClient({ apiKey: 'test', transport })
 */
export function memoryTransport(): MemoryTransport {
  const events: ReplayStackEvent[] = []
  const requests: MemoryTransport['requests'] = []
  const answers: (number | Error)[] = []
  return {
    events,
    requests,
    answerWith: (...next) => void answers.push(...next),
    clear() {
      for (const kept of [events, requests, answers]) kept.length = 0
    },
    async post(url: string, { headers, body }: TransportRequest): Promise<TransportResponse> {
      requests.push({ url, headers, body })
      const answer = answers.shift() ?? 200
      if (answer instanceof Error) throw answer
      const accepted = answer >= 200 && answer < 300
      if (accepted) {
        const parsed: ReplayStackEvent | { events: ReplayStackEvent[] } = JSON.parse(body)
        events.push(...('events' in parsed ? parsed.events : [parsed]))
      }
      const text = JSON.stringify({ success: accepted, message: accepted ? 'Event accepted' : `Status ${answer}` })
      return { status: answer, headers: new Headers(), text: async () => text }
    },
  }
}

/** A client and what it has sent. */
export interface TestClient {
  /** Made with the key `test`; give it to an adapter as `client`. */
  client: ReplayStackClient
  /** Where its events end: set the next responses here. */
  transport: MemoryTransport
  /** What has arrived. Await `client.flush()` first where captures were not awaited. */
  readonly events: ReplayStackEvent[]
}

/**
 * A client for tests: give it to an adapter as `client`, and read `events`. No environment variable is read.
 * @param options over the defaults, but for the transport
 * @example
 * const { client, events } = createTestClient()
 * const app = createApp({ replaystack: replaystack({ client }) })
 * await app.request('/orders')
 * await client.flush()
 * expect(events[0].endpoint).toBe('/orders')
 */
export function createTestClient(options: Omit<ClientOptions, 'transport'> = {}): TestClient {
  const transport = memoryTransport()
  const client = new ReplayStackClient({ apiKey: 'test', ...options, transport }, {})
  return { client, transport, events: transport.events }
}

export {
  type Harness,
  type HarnessConfig,
  type HarnessedWorker,
  type HarnessOptions,
  type HarnessResponse,
  type HarnessWorker,
  harnessOptions,
  openHarness,
} from './testing/harness.ts'
export type { LambdaEventOptions, LambdaForm } from './testing/lambda-event.ts'
export { type LoadedTape, loadTape, replayBindings, replayFetch } from './testing/load-tape.ts'
export { playWorker } from './testing/play-worker.ts'
export type { TestMessage, TestRequest, TestResponse } from './testing/run-handler.ts'

/**
 * Sends a request to an application, and reads its response: to a Worker or Hono, to a server that can `listen` (Express,
 * Connect, Nest, `node:http`; on loopback), or to a function that takes a `Request`.
 * @param env a Worker's. @default {}
 */
export function requestApp(app: unknown, request: TestRequest, env: object = {}): Promise<TestResponse> {
  return requestHandler(app, request, env, hostFetch())
}

/**
 * Calls a Lambda function by an HTTP event, and reads its response as the client gets it.
 * @param options the form of the event, and what it has besides the request. @default that of an HTTP API, version 2.0
 * @example
 * const response = await requestLambda(handler, request, { form: 'REST API', resource: '/orders/{id}', stage: 'prod' })
 */
export async function requestLambda(
  handler: unknown,
  request: TestRequest,
  options: LambdaEventOptions = {},
): Promise<TestResponse> {
  return readLambdaResult(await callFunction(handler, lambdaEvent(request, options)), options.form)
}

/** Calls a Lambda function. */
export function invokeLambda(handler: unknown, event: object): Promise<unknown> {
  return callFunction(handler, event)
}

/** Calls a Worker's `scheduled`. @param scheduledTime ISO 8601 */
export function runScheduled(worker: unknown, cron: string, scheduledTime: string, env: object = {}): Promise<unknown> {
  const controller = { cron, scheduledTime: Date.parse(scheduledTime), noRetry() {} }
  return callWorker(worker, 'scheduled', controller, env)
}

/** Calls a Worker's `queue` with a batch. */
export function runQueue(
  worker: unknown,
  queue: string,
  messages: readonly TestMessage[],
  env: object = {},
): Promise<unknown> {
  return callWorker(worker, 'queue', messageBatch(queue, messages), env)
}

/** Calls a Worker's `email`, with a mail that has no text: no event has it. */
export function runEmail(worker: unknown, from: string, to: string, env: object = {}): Promise<unknown> {
  return callWorker(worker, 'email', emailMessage(from, to), env)
}

/**
 * A value that no event holds, because it is secret: from the environment variable of that name.
 * @throws {Error} naming the variable, where it is not set
 */
export function maskedValue(variable: string): string {
  const value = hostEnvironment()[variable]
  if (typeof value === 'string' && value !== '') return value
  throw new Error(`Set the environment variable ${variable}: its value is secret, so the event does not hold it.`)
}

/** How often an encoding inside an encoding is followed. */
const MAX_READINGS = 4

/** A run that may be base64 or base64url. */
const BASE64 = /[\w+/-]{4,}={0,2}/g

function tryTo(decode: () => string): string[] {
  try {
    return [decode()]
  } catch {
    return []
  }
}

/** Ways to read a text: as it is, percent-decoded, JSON-unescaped, and each run of base64 in it. */
function* readingsOf(text: string, depth = 0): Generator<string> {
  yield text
  if (depth >= MAX_READINGS) return
  const decoded = [
    ...(/[%+]/.test(text) ? tryTo(() => decodeURIComponent(text.replaceAll('+', ' '))) : []),
    ...(text.includes('\\') ? tryTo(() => JSON.parse(`"${text.replace(/(^|[^\\])"/g, '$1\\"')}"`)) : []),
    ...[...text.matchAll(BASE64)].flatMap(([run]) =>
      tryTo(() => atob(run.replaceAll('-', '+').replaceAll('_', '/').replaceAll('=', ''))),
    ),
  ]
  for (const other of decoded) if (other !== text) yield* readingsOf(other, depth + 1)
}

/** Every key and text of a value, with its path. */
function* textsOf(value: unknown, path: string): Generator<[path: string, text: string]> {
  if (typeof value === 'string' || typeof value === 'number') yield [path, String(value)]
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      const at = Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key
      yield [`${at} (its name)`, key]
      yield* textsOf(member, at)
    }
  }
}

/**
 * Checks that none of `secrets` is anywhere in `events`: in no key and no value, as it is or percent-encoded,
 * JSON-escaped or in base64, also one inside the other.
 * @throws {Error} naming each place by its path; the secrets themselves are not repeated
 * @throws {TypeError} where a secret is empty, there is none, or no event: then nothing would be shown
 * @example
 * expectNoSecrets(events, ['hunter2', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'])
 */
export function expectNoSecrets(events: readonly unknown[], secrets: readonly string[]): void {
  if (secrets.length === 0 || !secrets.every(secret => typeof secret === 'string' && secret !== '')) {
    throw new TypeError('expectNoSecrets needs at least one secret, and none that is empty.')
  }
  if (events.length === 0) throw new TypeError('expectNoSecrets needs at least one event: nothing was recorded.')
  const found = new Set<string>()
  for (const [index, event] of events.entries()) {
    for (const [path, text] of textsOf(event, '')) {
      for (const reading of readingsOf(text)) {
        for (const [which, secret] of secrets.entries()) {
          if (reading.includes(secret))
            found.add(`secret ${which + 1} of ${secrets.length} in event ${index + 1}: ${path}`)
        }
      }
    }
  }
  if (found.size > 0) throw new Error(`Secrets reached the wire:\n${[...found].join('\n')}`)
}
