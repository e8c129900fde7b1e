/**
 * What a runtime of Lambda's is made of, in JavaScript alone: it asks the Runtime API for invocations and posts what came of
 * them. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 *
 * AWS's own runtime interface clients have to be compiled. `npm test` runs the suites on the runtimes of this folder, and
 * `npm run test:lambda` the same suites on AWS's, which shows that they behave alike.
 */
import { Agent, type ClientRequest, type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'

/** An invocation as the Runtime API hands it out. */
export interface Invocation {
  id: string
  event: unknown
  /** What every context says. */
  context: object
}

export type Handler = (...args: unknown[]) => unknown

/** What a streaming handler writes to. */
export interface ResponseStream {
  stream: object
  /** Resolves when the Runtime API has answered. */
  answered: Promise<void>
  isFinished(): boolean
  /** Ends the body with the error in its trailers. */
  fail(error: unknown): Promise<void>
}

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')
const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type'
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body'

const variable = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set.`)
  return value
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 })
const [host, port] = variable('AWS_LAMBDA_RUNTIME_API').split(':')

function open(method: string, path: string, headers: Record<string, string | string[]> = {}): ClientRequest {
  return request({ host, port, method, path: `/2018-06-01/runtime/${path}`, headers, agent })
}

/** Resolves with the answer to a request that has been ended, or will be. */
function answerTo(sent: ClientRequest): Promise<{ headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    sent.on('error', reject).on('response', response => {
      let text = ''
      response.setEncoding('utf8').on('data', chunk => (text += chunk))
      response.on('error', reject).on('end', () => resolve({ headers: response.headers, text }))
    })
  })
}

/** Waits for the next invocation. */
export async function nextInvocation(): Promise<Invocation> {
  const { headers, text } = await answerTo(open('GET', 'invocation/next').end())
  const id = String(headers['lambda-runtime-aws-request-id'])
  const deadline = Number(headers['lambda-runtime-deadline-ms'])
  const xRayTraceId = headers['lambda-runtime-trace-id']
  if (typeof xRayTraceId === 'string') process.env['_X_AMZN_TRACE_ID'] = xRayTraceId
  const context = {
    functionName: variable('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: variable('AWS_LAMBDA_FUNCTION_VERSION'),
    memoryLimitInMB: variable('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    logGroupName: variable('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: variable('AWS_LAMBDA_LOG_STREAM_NAME'),
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: id,
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    xRayTraceId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  }
  return { id, event: JSON.parse(text), context }
}

function describeError(error: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] }
    : { errorType: typeof error, errorMessage: String(error), trace: [] }
}

async function post(path: string, value: unknown, headers: Record<string, string> = {}): Promise<void> {
  const json = JSON.stringify(value === undefined ? null : value)
  await answerTo(open('POST', path, { 'content-type': 'application/json', ...headers }).end(json))
}

export const postResponse = (id: string, result: unknown): Promise<void> => post(`invocation/${id}/response`, result)

export const postError = (id: string, error: unknown): Promise<void> =>
  post(`invocation/${id}/error`, describeError(error))

/** Posts why the runtime could not start. */
export function postInitError(error: unknown): Promise<void> {
  const described = describeError(error)
  return post('init/error', described, { [ERROR_TYPE]: described.errorType })
}

const METHODS = [
  'cork',
  'destroy',
  'end',
  'uncork',
  'on',
  'once',
  'off',
  'addListener',
  'removeListener',
  'emit',
] as const
const FIELDS = ['writableFinished', 'writableEnded', 'writableNeedDrain', 'writableHighWaterMark', 'writable'] as const

/** A body that leaves while the handler writes it. What handlers get is no `Writable`, but has its methods, as on AWS. */
export function openResponseStream(id: string): ResponseStream {
  const sent = open('POST', `invocation/${id}/response`, {
    'Lambda-Runtime-Function-Response-Mode': 'streaming',
    Trailer: [ERROR_TYPE, ERROR_BODY],
    'Content-Type': 'application/octet-stream',
    'Transfer-Encoding': 'chunked',
  })
  let hasBegun = false
  const stream: Record<string, unknown> = {
    setContentType: (type: string) => sent.setHeader('Content-Type', type),
    write: (...args: Parameters<Writable['write']>) => {
      const begin: unknown = stream['_onBeforeFirstWrite']
      if (!hasBegun && typeof begin === 'function') begin((chunk: string | Uint8Array) => sent.write(chunk))
      hasBegun = true
      return sent.write(...args)
    },
  }
  for (const name of METHODS) stream[name] = sent[name].bind(sent)
  for (const name of FIELDS) Object.defineProperty(stream, name, { get: () => sent[name] })
  return {
    stream,
    answered: answerTo(sent).then(() => {}),
    isFinished: () => sent.writableFinished,
    fail: error =>
      new Promise(resolve => {
        const described = describeError(error)
        sent.addTrailers({
          [ERROR_TYPE]: described.errorType,
          [ERROR_BODY]: Buffer.from(JSON.stringify(described)).toString('base64'),
        })
        sent.end(resolve)
      }),
  }
}

/** What handlers find in `awslambda`. */
export function installGlobals(): void {
  const streamifyResponse = (handler: Handler, options?: { highWaterMark?: number }): Handler =>
    Object.assign(handler, { [STREAMING]: 'response', [HIGH_WATER_MARK]: options?.highWaterMark })
  const from = (stream: { setContentType(type: string): void }, metadata: object) => {
    stream.setContentType('application/vnd.awslambda.http-integration-response')
    // By the name that it has on AWS, where the adapter looks for it.
    const _onBeforeFirstWrite = (write: (chunk: string | Uint8Array) => void): void => {
      write(JSON.stringify(metadata))
      write(new Uint8Array(8))
    }
    return Object.assign(stream, { _onBeforeFirstWrite })
  }
  Object.assign(globalThis, { awslambda: { streamifyResponse, HttpResponseStream: { from } } })
}

/** Imports the handler that `_HANDLER` names. */
export async function loadHandler(): Promise<{ handler: Handler; length: number; isStreaming: boolean }> {
  const [file, name = ''] = variable('_HANDLER').split('.')
  const module: unknown = await import(pathToFileURL(join(variable('LAMBDA_TASK_ROOT'), `${file}.mjs`)).href)
  const handler: unknown = Reflect.get(Object(module), name)
  if (typeof handler !== 'function') throw new TypeError(`${name} is no function.`)
  return {
    handler: (...args) => Reflect.apply(handler, undefined, args),
    length: handler.length,
    isStreaming: Reflect.get(handler, STREAMING) === 'response',
  }
}
