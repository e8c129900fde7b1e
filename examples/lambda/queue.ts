/** A consumer of an SQS queue that reports the messages it could not work on: the queue gives it those again. */
import { withReplayStack } from '@replaystack/edge/lambda'
import type { SQSBatchItemFailure, SQSHandler } from 'aws-lambda'

async function ship({ sku }: { sku?: string }): Promise<void> {
  if (!sku) throw new TypeError('An order has a sku')
}

export const handler: SQSHandler = withReplayStack(async ({ Records }) => {
  const batchItemFailures: SQSBatchItemFailure[] = []
  for (const { messageId, body } of Records) {
    await ship(JSON.parse(body)).catch(() => batchItemFailures.push({ itemIdentifier: messageId }))
  }
  return { batchItemFailures }
})
