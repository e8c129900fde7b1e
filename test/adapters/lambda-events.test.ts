import type { SQSBatchResponse } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { createContext, invoke, readEvent, record } from '../lambda/invoke.ts'

describe('an event', () => {
  it.each<[string, string, string, object, object | undefined]>([
    [
      'sqs',
      'queue',
      'orders-queue',
      { eventSource: 'aws:sqs', batchSize: 2 },
      {
        messages: [
          {
            messageId: expect.any(String),
            receiveCount: 1,
            body: '{"order":1,"card":{"number":"4111","cvv":"[MASKED]"}}',
          },
          { receiveCount: 2, body: '{"order":2,"nested":"{\\"password\\":\\"[MASKED]\\"}"}' },
        ],
      },
    ],
    [
      'sns',
      'custom',
      'orders-topic',
      { eventSource: 'aws:sns' },
      { messages: [{ subject: 'TestInvoke', message: '{"order":1,"password":"[MASKED]"}' }] },
    ],
    ['schedule', 'cron', 'nightly-report', { scheduledTime: '2015-10-08T16:53:06Z' }, undefined],
    [
      'event-bridge',
      'custom',
      'com.shop.orders',
      { detailType: 'OrderPlaced' },
      { detail: { order: 1, customer: { password: '[MASKED]' } } },
    ],
    [
      's3',
      'custom',
      'lambda-artifacts',
      { eventName: 'ObjectCreated:Put', objectKey: 'b21b84d653bb07b05b1e6b33684dc11b' },
      { Records: [{ eventSource: 'aws:s3' }] },
    ],
    [
      'dynamodb',
      'custom',
      'Customers',
      { eventName: 'INSERT', batchSize: 1 },
      { Records: [{ dynamodb: { NewImage: { password: '[MASKED]' } } }] },
    ],
    [
      'kinesis',
      'custom',
      'clicks',
      { batchSize: 2 },
      { records: [{ data: '{"page":"/","token":"[MASKED]"}' }, { data: { captured: false, sizeBytes: 4 } }] },
    ],
    ['firehose', 'custom', 'clicks-out', {}, { records: [{ data: '{"page":"/","token":"[MASKED]"}' }] }],
    [
      'kafka',
      'custom',
      'orders-topic',
      { eventSource: 'aws:kafka' },
      { 'orders-topic-0': [{ key: 'order-1', value: '{"order":1,"password":"[MASKED]"}' }] },
    ],
    [
      'rabbit-mq',
      'custom',
      'shop-api',
      { eventSource: 'aws:rmq' },
      { 'orders::/': [{ data: '{"order":1,"secret":"[MASKED]"}' }] },
    ],
    [
      'cognito',
      'custom',
      'shop-api',
      { triggerSource: expect.any(String) },
      { request: { challengeAnswer: '[MASKED]' } },
    ],
    ['authorizer-token', 'custom', 'shop-api', {}, { authorizationToken: '[MASKED]', type: 'TOKEN' }],
    ['authorizer-request', 'custom', 'shop-api', { route: '/orders' }, undefined],
    ['cloudwatch-logs', 'custom', 'shop-api', {}, { captured: false }],
    ['custom-resource', 'custom', 'shop-api', {}, { ResponseURL: '[MASKED]', RequestType: 'Create' }],
    ['direct', 'custom', 'shop-api', {}, { order: { id: 7 }, customer: { creditCard: '[MASKED]' } }],
  ])('of %s is a %s of %s, without its secrets', async (name, eventType, endpoint, metadata, requestPayload) => {
    const result = { token: 'planted-result' }
    const { event, result: answered } = await invoke(name, async () => result)
    expect(answered).toBe(result)
    expect(event).toMatchObject({
      eventType,
      endpoint,
      status: 'success',
      metadata: { functionName: 'shop-api', ...metadata },
    })
    if (requestPayload === undefined) expect(event).not.toHaveProperty('requestPayload')
    else expect(event.requestPayload).toMatchObject(requestPayload)
    expect(event).not.toHaveProperty('statusCode')
    expect(event.responsePayload).toEqual({ token: '[MASKED]' })
    expect(JSON.stringify(event)).not.toMatch(/planted|cGxhbnRlZ|H4sI/)
  })

  it('that Cognito’s trigger answers by itself shows no secret there either', async () => {
    const { event } = await invoke('cognito', async (arriving: object) => ({
      ...arriving,
      response: { privateChallengeParameters: { answer: 'planted' }, answerCorrect: true },
    }))
    expect(event.responsePayload).toMatchObject({ response: { answerCorrect: true } })
    expect(JSON.stringify(event)).not.toContain('planted')
  })

  it('of a scheduler’s own default payload is a cron run', async () => {
    const { wrap, event } = record()
    const resources = ['arn:aws:scheduler:us-east-1:123456789012:schedule/default/hourly']
    await wrap(async (_: object) => {})({ ...readEvent('schedule'), source: 'aws.scheduler', resources })
    expect(await event()).toMatchObject({ eventType: 'cron', endpoint: 'hourly' })
  })

  const others: unknown[] = [
    undefined,
    null,
    'text',
    7,
    true,
    [],
    { Records: [] },
    { Records: 'none' },
    { requestContext: null },
  ]
  it.each(others.map(arriving => ({ arriving })))('that is $arriving is a direct invocation', async ({ arriving }) => {
    const { wrap, event } = record()
    expect(await wrap(async (given: unknown) => [given])(arriving)).toEqual([arriving])
    expect(await event()).toMatchObject({ eventType: 'custom', endpoint: 'lambda', status: 'success' })
  })

  it('that cannot be read at all is recorded as far as it can', async () => {
    const { wrap, event } = record()
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('no')
        },
        ownKeys() {
          throw new Error('no')
        },
      },
    )
    expect(await wrap(async (_: object) => 'done')(hostile)).toBe('done')
    expect(await event()).toMatchObject({ endpoint: 'lambda', responsePayload: 'done' })
  })
})

describe('a message that is alone', () => {
  it.each([
    ['sqs-traced', '0af7651916cd43dd8448eb211c80319c'],
    ['sns', 'from-the-topic'],
  ])('(%s) keeps the trace id among its attributes', async (name, traceId) => {
    expect((await invoke(name)).event.traceId).toBe(traceId)
  })

  it('is the only one that does: a batch has a trace id of its own', async () => {
    const { wrap, event } = record()
    const [first] = readEvent<{ Records: object[] }>('sqs-traced').Records
    await wrap(async (_: object) => {})({ Records: [first, first] })
    expect((await event()).traceId).toMatch(/^[\da-f]{8}-/)
  })
})

describe('a batch', () => {
  const failing = (count: number): SQSBatchResponse => ({
    batchItemFailures: Array.from({ length: count }, (_, index) => ({ itemIdentifier: `${index}` })),
  })

  it.each([
    ['sqs', 0, 'success'],
    ['sqs', 1, 'warning'],
    ['sqs', 2, 'failed'],
    ['kinesis', 1, 'warning'],
    ['dynamodb', 1, 'failed'],
  ])('of %s that gives %i back passes on what its handler returned, and is a %s', async (name, count, status) => {
    const response = failing(count)
    const { result, event } = await invoke(name, async () => response)
    expect(result).toBe(response)
    expect(response).toEqual(failing(count))
    expect(event.status).toBe(status)
    if (count > 0) expect(event.metadata).toMatchObject({ batchItemFailures: count })
    else expect(event.metadata).not.toHaveProperty('batchItemFailures')
  })

  it('of records that hold more than is wanted decodes no more than that', async () => {
    const { wrap, event } = record({})
    const { Records } = readEvent<{ Records: { kinesis: { data: string } }[] }>('kinesis')
    const data = Buffer.from('a'.repeat(300_000)).toString('base64')
    const large = Array.from({ length: 3 }, () => ({ ...Records[0], kinesis: { ...Records[0]?.kinesis, data } }))
    await wrap(async (_: object) => {})({ Records: large })
    const { requestPayload } = await event()
    expect(JSON.stringify(requestPayload)).toContain('Large record data not captured')
  })

  it('is shown as it arrived, whatever its handler puts there', async () => {
    const { event } = await invoke('sqs', async (batch: { Records: { body: unknown }[] }) => {
      for (const one of batch.Records) one.body = null
    })
    expect(JSON.stringify(event.requestPayload)).toContain('order')
  })
})

it('an event that fails is recorded, and fails by the same object', async () => {
  const thrown = new RangeError('no such order')
  const { wrap, event } = record()
  const failing = wrap(async (_: object, __: object) => Promise.reject(thrown))
  await expect(failing(readEvent('sqs'), createContext())).rejects.toBe(thrown)
  expect(await event()).toMatchObject({
    eventType: 'queue',
    status: 'failed',
    statusCode: 500,
    errorName: 'RangeError',
    metadata: { batchSize: 2 },
  })
})
