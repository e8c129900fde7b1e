/** Cloudflare Workers without a framework. */
export type { RelayedEvent } from '../../client/relay.ts'
export { consumeReplayStackQueue, type QueueBatchLike, type QueueMessageLike } from './consume-queue.ts'
export { instrumentDurableObject } from './durable-object.ts'
export type { PlatformClass } from './instrument-class.ts'
export { type QueueLike, queueTransport } from './queue-transport.ts'
export { traceQueue } from './trace-queue.ts'
export { type WorkerConfiguration, type WorkerHandler, type WorkerOptions, withReplayStack } from './worker.ts'
export { instrumentWorkerEntrypoint } from './worker-entrypoint.ts'
