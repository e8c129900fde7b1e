/** What the runtimes are given to run: pairs of a handler and itself as it is recorded. */
import type { Writable } from 'node:stream'
import { Hono } from 'hono'
import { handle, streamHandle } from 'hono/aws-lambda'
import { streamText } from 'hono/streaming'
import { withReplayStack } from '../../src/adapters/lambda/index.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'

declare const awslambda: {
  streamifyResponse: <Handler>(handler: Handler, options?: { highWaterMark: number }) => Handler
  HttpResponseStream: { from: (stream: Writable, metadata: object) => Writable }
}

interface Context {
  awsRequestId: string
  callbackWaitsForEmptyEventLoop?: boolean
  getRemainingTimeInMillis(): number
}
type Callback = (error?: unknown, result?: unknown) => void

const tick = () => new Promise(resolve => setImmediate(resolve))

/** Answers in the shape that each kind of request asks for. */
async function answer(event: { multiValueHeaders?: object; requestContext?: { elb?: object } }): Promise<unknown> {
  await tick()
  const body = JSON.stringify({ id: 7, password: 'planted-answer' })
  const isList = event.requestContext?.elb && event.multiValueHeaders
  return isList
    ? {
        statusCode: 201,
        multiValueHeaders: { 'Content-Type': ['application/json'], 'Set-Cookie': ['a=1', 'b=2'] },
        body,
      }
    : { statusCode: 201, headers: { 'Content-Type': 'application/json' }, body, isBase64Encoded: false }
}
export const plainAnswer: typeof answer = answer
export const recordedAnswer: typeof answer = withReplayStack(answer)

/** What was left of the invocation's time when the SDK let its answer go. */
export async function recordedRemaining(event: object, context: Context) {
  const answered: unknown = await Reflect.apply(recordedAnswer, undefined, [event, context])
  return { ...Object(answered), remainingMs: context.getRemainingTimeInMillis() }
}

/** Of what was given to it, all that can be told. */
async function describe(event: { Records?: { messageId: string }[] }, context: Context, ...rest: unknown[]) {
  const batchItemFailures = event.Records?.slice(1).map(({ messageId }) => ({ itemIdentifier: messageId }))
  if (batchItemFailures) return { batchItemFailures }
  return { context: Object.keys(context).sort(), third: typeof rest[0] }
}
export const plainDescription: typeof describe = describe
export const recordedDescription: typeof describe = withReplayStack(describe)

/** CloudFront's events, and what a function of Lambda@Edge makes of one: a response, the request with another path, an error. */
interface EdgeEvent {
  how: 'respond' | 'go on' | 'fail'
  Records: [{ cf: { request: { uri: string; headers: Record<string, object[]> } } }]
}
function atTheEdge({ how, Records }: EdgeEvent): object {
  const { request } = Records[0].cf
  if (how === 'fail') throw new OrderError('no such order')
  if (how === 'go on') {
    request.headers['x-shop'] = [{ key: 'X-Shop', value: 'tea' }]
    return Object.assign(request, { uri: `/v2${request.uri}` })
  }
  const headers = { 'content-type': [{ key: 'Content-Type', value: 'application/json' }] }
  return { status: '403', statusDescription: 'Forbidden', headers, body: '{"error":"closed","token":"planted-answer"}' }
}
const respondAtTheEdge = async (event: EdgeEvent): Promise<object> => {
  await tick()
  return atTheEdge(event)
}
export const plainEdge: typeof respondAtTheEdge = respondAtTheEdge
export const recordedEdge: typeof respondAtTheEdge = withReplayStack(respondAtTheEdge)

/** As the documentation of CloudFront has them. */
const callBackAtTheEdge = (event: EdgeEvent, _context: Context, callback: Callback): void => {
  setTimeout(() => {
    try {
      callback(null, atTheEdge(event))
    } catch (error) {
      callback(error)
    }
  }, 5)
}
export const plainEdgeCallback: typeof callBackAtTheEdge = callBackAtTheEdge
export const recordedEdgeCallback: typeof callBackAtTheEdge = withReplayStack(callBackAtTheEdge)

class OrderError extends Error {
  override name = 'OrderError'
}
async function fail(event: { text?: boolean }): Promise<never> {
  await tick()
  if (event.text) throw 'only text'
  throw new OrderError('no such order')
}
export const plainFailure: typeof fail = fail
export const recordedFailure: typeof fail = withReplayStack(fail)

const answerAtOnce = (event: unknown) => ({ got: event })
export const plainSync: typeof answerAtOnce = answerAtOnce
export const recordedSync: typeof answerAtOnce = withReplayStack(answerAtOnce)

async function stream(event: { fail?: boolean }, out: Writable, _context: Context): Promise<void> {
  const http = awslambda.HttpResponseStream.from(out, {
    statusCode: 203,
    headers: { 'Content-Type': 'text/plain', 'x-shop': 'tea' },
    cookies: ['session=planted-cookie'],
  })
  http.write('one ')
  await tick()
  if (event.fail) throw new OrderError('broke off')
  http.write('two ')
  http.end()
}
// Each its own function: streamifyResponse marks the one that it is given.
const ownStream =
  () =>
  (...args: Parameters<typeof stream>) =>
    stream(...args)
const [plain, inner, outer] = [ownStream(), ownStream(), ownStream()]
const { streamifyResponse } = awslambda
export const plainStream: typeof stream = streamifyResponse(plain, { highWaterMark: 1024 })
export const recordedInside: typeof stream = streamifyResponse(withReplayStack(inner), { highWaterMark: 1024 })
export const recordedOutside: typeof stream = withReplayStack(streamifyResponse(outer, { highWaterMark: 1024 }))
const writeAll = (_event: unknown, out: Writable) => void out.end('at once')
export const plainSyncStream: typeof writeAll = streamifyResponse((...args: Parameters<typeof writeAll>) =>
  writeAll(...args),
)
export const recordedSyncStream: typeof writeAll = withReplayStack(streamifyResponse(writeAll))

/** Answers when two invocations are at it. */
let meeting: { first: () => void } | undefined
export const recordedMeeting = withReplayStack(
  async (event: { body: string }, context: Context, _callback?: unknown, handle?: ReplayStackHandle) => {
    handle?.addBreadcrumb(`begin ${event.body}`)
    const other = meeting
    meeting = undefined
    if (other) other.first()
    else await new Promise<void>(first => (meeting = { first }))
    handle?.addBreadcrumb(`end ${event.body}`)
    return { statusCode: 200, body: `${event.body} ${context.awsRequestId}` }
  },
)

/** Waits for what never comes, as for a bank that is down, until Lambda stops it. */
export const recordedWaiting = withReplayStack(
  async (_event: object, _context: Context, _callback?: unknown, handle?: ReplayStackHandle): Promise<void> => {
    handle?.addBreadcrumb('Asking the bank')
    await new Promise<never>(() => setInterval(() => {}, 1_000))
  },
  { timeoutWarningMs: 1_000 },
)

function call(event: { fail?: boolean; loop?: boolean }, context: Context, callback: Callback): void {
  context.callbackWaitsForEmptyEventLoop = event.loop ?? true
  if (event.loop === false) setInterval(() => {}, 1_000)
  setTimeout(() => (event.fail ? callback(new OrderError('no such order')) : callback(null, { statusCode: 200 })), 5)
}
export const plainCallback: typeof call = call
export const recordedCallback: typeof call = withReplayStack(call)

function finish(_event: object, context: object): void {
  const succeed: (result: unknown) => void = Reflect.get(context, 'succeed')
  setTimeout(succeed, 5, { statusCode: 200 })
}
export const plainFinish: typeof finish = finish
export const recordedFinish: typeof finish = withReplayStack(finish)

/** Of every arity, and what responds in it. */
interface EldestContext {
  succeed(result: unknown): void
  fail(error: unknown): void
  done(error: unknown, result?: unknown): void
}
type Eldest = (event: { how: string }, context: EldestContext) => unknown

const respond = ({ how }: { how: string }, context: EldestContext, callback: Callback): void => {
  if (how === 'succeed') context.succeed({ ok: true })
  else if (how === 'fail') context.fail(new OrderError('no such order'))
  else if (how === 'done') context.done(null, { ok: true })
  else if (how === 'callback') callback(null, { ok: true })
}
const ofArityTwo: Eldest = (event, context) => setTimeout(() => Reflect.apply(respond, undefined, [event, context]), 5)
export const plainArityTwo: Eldest = ofArityTwo
export const recordedArityTwo: Eldest = withReplayStack(ofArityTwo)

type Variadic = (...args: [{ how: string }, EldestContext, Callback]) => unknown
const variadic: Variadic = (...args) => void setTimeout(respond, 5, ...args)
export const plainVariadic: Variadic = variadic
export const recordedVariadic: Variadic = withReplayStack(variadic)

const respondThenSettle: Eldest = async (event, context) => {
  await tick()
  Reflect.apply(respond, undefined, [event, context])
  return 'too late'
}
export const plainSettling: Eldest = respondThenSettle
export const recordedSettling: Eldest = withReplayStack(respondThenSettle)

const app = new Hono()
app.get('/hello/:name', c => c.json({ hello: c.req.param('name'), token: 'planted-hono' }))
app.get('/stream', c =>
  streamText(c, async out => {
    await out.write('one ')
    await out.write('two')
  }),
)
export const recordedHono: ReturnType<typeof handle> = withReplayStack(handle(app))
export const recordedHonoStream: ReturnType<typeof streamHandle> = withReplayStack(streamHandle(app))
