import type {
  ExecutionContext,
  ExportedHandler,
  ForwardableEmailMessage,
  MessageBatch,
  Queue,
  TraceItem,
  Response as WorkersResponse,
} from '@cloudflare/workers-types'
import { describe, expectTypeOf, it } from 'vitest'
import {
  consumeReplayStackQueue,
  instrumentDurableObject,
  instrumentWorkerEntrypoint,
  type QueueBatchLike,
  type QueueLike,
  queueTransport,
  traceQueue,
  withReplayStack,
} from '../../src/adapters/cloudflare/index.ts'

// Checked by `tsc`; here they only run.

interface Env {
  REPLAYSTACK_API_KEY: string
  EVENTS: Queue
}

interface Order {
  order: number
}

declare const answer: () => WorkersResponse

describe('withReplayStack', () => {
  it('keeps the type of a whole ExportedHandler', () => {
    const handler = {
      fetch: (_request, env, ctx) => {
        expectTypeOf(env).toEqualTypeOf<Env>()
        expectTypeOf(ctx).toEqualTypeOf<ExecutionContext>()
        return answer()
      },
      scheduled: async (controller, env) => {
        expectTypeOf([controller.cron, env.REPLAYSTACK_API_KEY]).toEqualTypeOf<string[]>()
      },
      queue: async batch => {
        expectTypeOf(batch).toEqualTypeOf<MessageBatch<Order>>()
      },
      email: async message => {
        expectTypeOf(message).toEqualTypeOf<ForwardableEmailMessage>()
      },
      tail: items => {
        expectTypeOf(items).toEqualTypeOf<TraceItem[]>()
      },
    } satisfies ExportedHandler<Env, Order>
    const worker = withReplayStack(handler, (env: Env) => ({
      transport: queueTransport(env.EVENTS),
      maxRetries: { orders: 3 },
    }))
    expectTypeOf(worker).toEqualTypeOf<typeof handler>()
    expectTypeOf(worker).toExtend<ExportedHandler<Env, Order>>()
    expectTypeOf(withReplayStack<ExportedHandler<Env, Order>>).returns.toEqualTypeOf<ExportedHandler<Env, Order>>()
  })

  it('takes no class, and no handler that is not one', () => {
    class Entrypoint {
      fetch() {}
    }
    // @ts-expect-error A class is for instrumentWorkerEntrypoint.
    ;() => withReplayStack(Entrypoint)
    // @ts-expect-error A handler is a function.
    ;() => withReplayStack({ fetch: 1 })
  })
})

describe('classes', () => {
  it('keep their type, statics and constructor parameters among it', () => {
    class Counter {
      static readonly start: number = 1
      readonly env: Env
      constructor(_ctx: ExecutionContext, env: Env) {
        this.env = env
      }
      increment(by: number): number {
        return by
      }
    }
    const options = (env: Env) => ({ apiKey: env.REPLAYSTACK_API_KEY })
    expectTypeOf(instrumentDurableObject(Counter, options)).toEqualTypeOf<typeof Counter>()
    expectTypeOf(instrumentWorkerEntrypoint(Counter)).toEqualTypeOf<typeof Counter>()
  })
})

describe('queues', () => {
  it('are the platform’s own', () => {
    expectTypeOf<Queue>().toExtend<QueueLike>()
    expectTypeOf(traceQueue<Queue<Order>>).returns.toEqualTypeOf<Queue<Order>>()
    expectTypeOf<MessageBatch<Order>>().toExtend<QueueBatchLike>()
    const queue: NonNullable<ExportedHandler<Env>['queue']> = (batch, env) => consumeReplayStackQueue(batch, {}, env)
    expectTypeOf(queue).returns.toEqualTypeOf<void | Promise<void>>()
  })
})
