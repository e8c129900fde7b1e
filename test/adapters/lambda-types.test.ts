import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  Context,
  Handler,
  ScheduledHandler,
  SQSBatchResponse,
  SQSEvent,
  SQSHandler,
  StreamifyHandler,
} from 'aws-lambda'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { describe, expectTypeOf, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/lambda/index.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'

// Checked by `tsc`; here they only run.

describe('withReplayStack', () => {
  it('lets a handler’s type tell what it is called with', () => {
    const http: APIGatewayProxyHandlerV2 = withReplayStack(async (event, context) => {
      expectTypeOf(event).toEqualTypeOf<APIGatewayProxyEventV2>()
      expectTypeOf(context).toEqualTypeOf<Context>()
      return { statusCode: 200, body: event.rawPath }
    })
    const rest: APIGatewayProxyHandler = withReplayStack(async event => ({ statusCode: 200, body: event.path }))
    const queue: SQSHandler = withReplayStack(async event => {
      expectTypeOf(event).toEqualTypeOf<SQSEvent>()
    })
    const cron: ScheduledHandler = withReplayStack(async event => void event.detail)
    const legacy: Handler<{ id: string }, string> = withReplayStack((event, _context, callback) =>
      callback(null, event.id),
    )
    expectTypeOf([http, rest, queue, cron, legacy]).toExtend<unknown[]>()
  })

  it('keeps the type of what it is given', () => {
    const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => ({
      batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })),
    })
    expectTypeOf(withReplayStack(handler)).toEqualTypeOf<typeof handler>()
    const app = new Hono()
    const hono = withReplayStack(handle(app))
    expectTypeOf(hono).toExtend<ReturnType<typeof handle>>()
    expectTypeOf<ReturnType<typeof handle>>().toExtend<typeof hono>()
    const streaming: StreamifyHandler<APIGatewayProxyEventV2> = async (_event, stream) => void stream.end()
    expectTypeOf(withReplayStack(streaming)).toEqualTypeOf<typeof streaming>()
  })

  it('hands out its handle in the fourth place', () => {
    const handler = withReplayStack(
      async (_event: SQSEvent, _context: Context, _callback?: unknown, recorder?: ReplayStackHandle) =>
        recorder?.addBreadcrumb('Charging card'),
    )
    expectTypeOf(handler).toExtend<Handler<SQSEvent, void>>()
  })

  it('asks getTraceId about the handler’s own event', () => {
    withReplayStack(async (event: { id: string }) => event.id, {
      apiKey: 'local',
      getTraceId: event => {
        expectTypeOf(event).toEqualTypeOf<{ id: string }>()
        return event.id
      },
    })
    withReplayStack(
      async () => {},
      (env: { KEY: string }) => ({ apiKey: env.KEY }),
    )
    // @ts-expect-error A handler is a function.
    ;() => withReplayStack({ fetch() {} })
  })
})
