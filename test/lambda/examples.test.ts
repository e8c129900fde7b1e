import { expect, it } from 'vitest'
import { readEvent } from './invoke.ts'
import { NODE_24, startEnvironment } from './runtimes.ts'

/** Runs one of the files in examples/lambda. */
const start = (name: string) => startEnvironment(NODE_24, 'handler', {}, `examples/lambda/${name}.ts`)

const order = (quantity: number) => ({
  ...readEvent('function-url'),
  body: JSON.stringify({ sku: 'teapot', quantity, cardNumber: '4000000000004242' }),
})

it('examples/lambda/http.ts answers, and fails as its README says', async () => {
  const { api, ingest } = await start('http')
  const { statusCode, headers } = JSON.parse((await api.invoke(order(1))).body)
  const failed = await api.invoke(order(0))
  expect([statusCode, failed.kind, JSON.parse(failed.body).errorType]).toEqual([201, 'error', 'RangeError'])
  const [first, second] = ingest.events()
  expect(first).toMatchObject({ traceId: headers['x-trace-id'], status: 'success', statusCode: 201 })
  expect(second).toMatchObject({
    status: 'failed',
    errorName: 'RangeError',
    requestPayload: { cardNumber: '[MASKED]' },
  })
  expect(second?.breadcrumbs?.map(({ message }) => message)).toContain('Charging card')
})

it('examples/lambda/queue.ts gives back what it could not work on', async () => {
  const { api, ingest } = await start('queue')
  const { Records } = readEvent<{ Records: object[] }>('sqs')
  const [first, second] = [JSON.stringify({ sku: 'teapot' }), '{}'].map((body, index) => ({ ...Records[index], body }))
  const { batchItemFailures } = JSON.parse((await api.invoke({ Records: [first, second] })).body)
  expect(batchItemFailures).toHaveLength(1)
  expect(ingest.events()).toMatchObject([
    { eventType: 'queue', endpoint: 'orders-queue', status: 'warning', metadata: { batchItemFailures: 1 } },
  ])
})

it('examples/lambda/streaming.ts streams', async () => {
  const { api, ingest } = await start('streaming')
  const event = { ...readEvent('function-url'), queryStringParameters: { name: 'Ada' } }
  expect((await api.invoke(event)).body.split('\0'.repeat(8))[1]).toBe('Hello, Ada ')
  expect(await ingest.arrived(1)).toMatchObject([{ statusCode: 200, responsePayload: { captured: false } }])
})
