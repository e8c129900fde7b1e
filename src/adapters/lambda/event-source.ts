/**
 * Everything that is no request, by where it comes from: one table of how each is recognised and what is told of it.
 * Longer than most files: a table is read as a whole.
 */

import { entriesOf, read } from '../../safe-read.ts'
import type { EventInput, EventType } from '../../types.ts'
import { recordReader } from './base64.ts'
import { known, listAt, textAt } from './read-event.ts'

/** What an event of some source tells. */
export interface Told {
  eventType: EventType
  /** The source's own name: a queue, rule, topic, bucket, table or stream. @default the function's name */
  endpoint?: string | undefined
  /** Asked of events that are captured; `maxBytes`: of the data that is decoded for it. */
  payload?: (maxBytes: number) => unknown
  metadata?: Record<string, unknown>
  /** Where a trace id may be. */
  headers?: Record<string, unknown>
  /** What else is told of the result. */
  conclude?: (result: unknown) => EventInput
  /** The result as it may be shown. */
  show?: (result: unknown) => unknown
}

/** One source of events. */
interface Source {
  matches: (event: unknown) => boolean
  tell: (event: unknown) => Told
}

/** What stands for a value that is a secret by its place, not by its name. */
const MASKED = '[MASKED]'

const lastOf = (path: string | undefined, separator: RegExp): string | undefined => path?.split(separator).at(-1)

/** The name at the end of an ARN: of a queue, topic, rule or stream. */
const nameOf = (arn: string | undefined): string | undefined => lastOf(arn, /[:/]/)

/** Events that come as a batch of records, of one source: only SNS writes its name otherwise. */
function isBatchOf(source: string): (event: unknown) => boolean {
  return event => ['eventSource', 'EventSource'].some(name => textAt(event, 'Records', '0', name) === source)
}

const batch = (event: unknown, source: string): Record<string, unknown> => ({
  eventSource: source,
  batchSize: listAt(event, 'Records').length,
})

/** Message attributes by their lower-case names, of a message that is alone: a batch has no trace id of its own. */
function attributesOf(event: unknown, path: readonly string[], value: string): Record<string, unknown> {
  if (listAt(event, 'Records').length !== 1) return {}
  const attributes = entriesOf(read(event, 'Records', '0', ...path))
  return Object.fromEntries(attributes.map(([name, one]) => [name.toLowerCase(), read(one, value)]))
}

/** A batch of which the handler gives some back: all of it is a failure, a part of it a warning. */
function concludeBatch(event: unknown): (result: unknown) => EventInput {
  return result => {
    const failed = listAt(result, 'batchItemFailures').length
    if (failed === 0) return {}
    const status = failed < listAt(event, 'Records').length ? 'warning' : 'failed'
    return { status, metadata: { batchItemFailures: failed } }
  }
}

/** Fields whose values are secrets in what Cognito asks its triggers, and in what they answer. */
const COGNITO_SECRETS = ['privateChallengeParameters', 'challengeAnswer', 'codeParameter', 'code']

/** A Cognito event without them. */
function withoutSecrets(event: unknown): unknown {
  const mask = (part: unknown): unknown =>
    part &&
    Object.fromEntries(
      entriesOf(part).map(([name, value]) => [name, COGNITO_SECRETS.includes(name) && value ? MASKED : value]),
    )
  const parts = ['request', 'response'].filter(name => read(event, name) != null)
  return { ...Object(event), ...Object.fromEntries(parts.map(name => [name, mask(read(event, name))])) }
}

const SQS: Source = {
  matches: isBatchOf('aws:sqs'),
  tell: event => ({
    eventType: 'queue',
    endpoint: nameOf(textAt(event, 'Records', '0', 'eventSourceARN')),
    metadata: batch(event, 'aws:sqs'),
    headers: attributesOf(event, ['messageAttributes'], 'stringValue'),
    payload: () => ({
      messages: listAt(event, 'Records').map(record =>
        known({
          messageId: read(record, 'messageId'),
          receiveCount: Number(textAt(record, 'attributes', 'ApproximateReceiveCount') ?? 1),
          messageGroupId: read(record, 'attributes', 'MessageGroupId'),
          messageAttributes: read(record, 'messageAttributes'),
          body: read(record, 'body'),
        }),
      ),
    }),
    conclude: concludeBatch(event),
  }),
}

const SNS: Source = {
  matches: isBatchOf('aws:sns'),
  tell: event => ({
    eventType: 'custom',
    endpoint: nameOf(textAt(event, 'Records', '0', 'Sns', 'TopicArn')),
    metadata: batch(event, 'aws:sns'),
    headers: attributesOf(event, ['Sns', 'MessageAttributes'], 'Value'),
    payload: () => ({
      messages: listAt(event, 'Records').map(record =>
        known({
          messageId: read(record, 'Sns', 'MessageId'),
          subject: read(record, 'Sns', 'Subject'),
          messageAttributes: read(record, 'Sns', 'MessageAttributes'),
          message: read(record, 'Sns', 'Message'),
        }),
      ),
    }),
  }),
}

const S3: Source = {
  matches: isBatchOf('aws:s3'),
  tell: event => ({
    eventType: 'custom',
    endpoint: textAt(event, 'Records', '0', 's3', 'bucket', 'name'),
    metadata: known({
      ...batch(event, 'aws:s3'),
      eventName: textAt(event, 'Records', '0', 'eventName'),
      objectKey: textAt(event, 'Records', '0', 's3', 'object', 'key'),
    }),
    payload: () => event,
  }),
}

const DYNAMODB: Source = {
  matches: isBatchOf('aws:dynamodb'),
  tell: event => ({
    eventType: 'custom',
    endpoint: /:table\/([^/]+)/.exec(textAt(event, 'Records', '0', 'eventSourceARN') ?? '')?.[1],
    metadata: known({ ...batch(event, 'aws:dynamodb'), eventName: textAt(event, 'Records', '0', 'eventName') }),
    payload: () => event,
    conclude: concludeBatch(event),
  }),
}

const KINESIS: Source = {
  matches: isBatchOf('aws:kinesis'),
  tell: event => ({
    eventType: 'custom',
    endpoint: nameOf(textAt(event, 'Records', '0', 'eventSourceARN')),
    metadata: batch(event, 'aws:kinesis'),
    payload(maxBytes) {
      const readData = recordReader(maxBytes)
      const records = listAt(event, 'Records').map(record =>
        known({
          sequenceNumber: read(record, 'kinesis', 'sequenceNumber'),
          partitionKey: read(record, 'kinesis', 'partitionKey'),
          data: readData(read(record, 'kinesis', 'data')),
        }),
      )
      return { records }
    },
    conclude: concludeBatch(event),
  }),
}

/** The lists of records of an {@link ENCODED} event: Kafka's and RabbitMQ's have names of their own. */
function recordLists(event: unknown): [name: string, records: unknown][] {
  return ['records', 'messages', 'rmqMessagesByQueue'].flatMap((name): [string, unknown][] => {
    const found = read(event, name)
    return Array.isArray(found) ? [[name, found]] : entriesOf(found)
  })
}

/** Other services whose records are in base64: Firehose, Kafka, ActiveMQ and RabbitMQ. */
const ENCODED: Source = {
  matches: event =>
    textAt(event, 'deliveryStreamArn') !== undefined ||
    ['aws:kafka', 'SelfManagedKafka', 'aws:mq', 'aws:rmq'].includes(textAt(event, 'eventSource') ?? ''),
  tell: event => ({
    eventType: 'custom',
    endpoint:
      textAt(event, 'records', recordLists(event)[0]?.[0] ?? '', '0', 'topic') ??
      nameOf(textAt(event, 'deliveryStreamArn')),
    metadata: known({ eventSource: textAt(event, 'eventSource') }),
    payload(maxBytes) {
      const readData = recordReader(maxBytes)
      const decode = (record: unknown): unknown => {
        const decoded = ['key', 'value', 'data'].map(name => [name, readData(read(record, name))])
        // Kafka's headers are bytes, each a number.
        return { ...Object(record), headers: undefined, ...known(Object.fromEntries(decoded)) }
      }
      return Object.fromEntries(recordLists(event).map(([name, list]) => [name, [list].flat().map(decode)]))
    },
  }),
}

/** EventBridge's rules that run by the clock, and its Scheduler where its schedule has no payload of its own. */
const SCHEDULE: Source = {
  matches: event =>
    textAt(event, 'detail-type') === 'Scheduled Event' &&
    ['aws.events', 'aws.scheduler'].includes(textAt(event, 'source') ?? ''),
  tell: event => ({
    eventType: 'cron',
    endpoint: nameOf(textAt(event, 'resources', '0')),
    metadata: known({ eventSource: textAt(event, 'source'), scheduledTime: textAt(event, 'time') }),
  }),
}

const EVENT_BRIDGE: Source = {
  matches: event => textAt(event, 'detail-type') !== undefined && textAt(event, 'source') !== undefined,
  tell: event => ({
    eventType: 'custom',
    endpoint: textAt(event, 'source'),
    metadata: { eventSource: textAt(event, 'source'), detailType: textAt(event, 'detail-type') },
    payload: () => event,
  }),
}

const COGNITO: Source = {
  matches: event => textAt(event, 'triggerSource') !== undefined && textAt(event, 'userPoolId') !== undefined,
  tell: event => ({
    eventType: 'custom',
    metadata: { eventSource: 'aws:cognito', triggerSource: textAt(event, 'triggerSource') },
    payload: () => withoutSecrets(event),
    show: withoutSecrets,
  }),
}

/**
 * Members that are secrets whatever their form, and who sends them: an authorizer's token, and the signed URLs of custom
 * resources and of S3 Object Lambda.
 */
const SECRET_MEMBERS: Readonly<Record<string, string>> = {
  authorizationToken: 'aws:apigateway',
  ResponseURL: 'aws:cloudformation',
  getObjectContext: 'aws:s3:object-lambda',
}

const secretMemberOf = (event: unknown): string | undefined =>
  Object.keys(SECRET_MEMBERS).find(name => read(event, name) !== undefined)

const SECRETIVE: Source = {
  matches: event => secretMemberOf(event) !== undefined,
  tell(event) {
    const name = secretMemberOf(event) ?? ''
    return {
      eventType: 'custom',
      metadata: { eventSource: SECRET_MEMBERS[name] },
      payload: () => ({ ...Object(event), [name]: MASKED }),
    }
  },
}

/** Lines that were compressed: what is secret in them could not be seen. */
const CLOUDWATCH_LOGS: Source = {
  matches: event => textAt(event, 'awslogs', 'data') !== undefined,
  tell: () => ({
    eventType: 'custom',
    metadata: { eventSource: 'aws:logs' },
    payload: () => ({ captured: false, reason: 'Compressed log data not captured' }),
  }),
}

/** Direct invocations, Step Functions, IoT rules, and what else has a payload of its user's. */
const OTHER: Source = {
  matches: () => true,
  tell: event => ({ eventType: 'custom', payload: () => event }),
}

/** The first that matches stands for the event. */
const SOURCES: readonly Source[] = [
  ...[SQS, SNS, S3, DYNAMODB, KINESIS, ENCODED, SCHEDULE, EVENT_BRIDGE, COGNITO, SECRETIVE, CLOUDWATCH_LOGS],
  OTHER,
]

/** What is told of an event that is no request. */
export function tellEvent(event: unknown): Told {
  return (SOURCES.find(({ matches }) => matches(event)) ?? OTHER).tell(event)
}
