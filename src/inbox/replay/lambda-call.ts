/** What a Lambda function was called with, as far as its event has it. */
import { read } from '../../safe-read.ts'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { isJsonObject } from './payload-kind.ts'
import { readHeaderPairs } from './request-headers.ts'

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The members that have a value. */
const known = (members: Readonly<Record<string, JsonValue | undefined>>): { [name: string]: JsonValue } =>
  Object.fromEntries(
    Object.entries(members).flatMap(([name, value]): [string, JsonValue][] =>
      value === undefined ? [] : [[name, value]],
    ),
  )

/** Whether an event is of a Lambda function, or of a Netlify function of that form. */
export function isOfLambda({ metadata }: ReplayStackEvent): boolean {
  return read(metadata, 'functionName') !== undefined && read(metadata, 'coldStart') !== undefined
}

/** What a function is called with that is no request: of the names in AWS's ARNs, the last part is known. */
export function lambdaEvent(event: ReplayStackEvent): JsonValue | undefined {
  const { eventType, endpoint = '', metadata, requestPayload } = event
  const eventSource = textOf(read(metadata, 'eventSource')) ?? ''
  if (read(metadata, 'httpEvent', 'form') === 'WebSocket API') return socketEvent(event)
  if (eventType === 'cron') {
    const time = textOf(read(metadata, 'scheduledTime'))
    return known({
      source: eventSource,
      'detail-type': 'Scheduled Event',
      resources: [`arn:aws:events:us-east-1:000000000000:rule/${endpoint}`],
      time,
      detail: {},
    })
  }
  if (eventSource === 'aws:sqs' && isJsonObject(requestPayload) && Array.isArray(requestPayload['messages'])) {
    const messages: readonly JsonValue[] = requestPayload['messages']
    return {
      Records: messages.map(message => ({
        eventSource,
        eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${endpoint}`,
        attributes: { ApproximateReceiveCount: String(read(message, 'receiveCount') ?? 1) },
        ...(isJsonObject(message) ? message : {}),
      })),
    }
  }
  return eventSource === '' ? requestPayload : undefined
}

/** A message on a socket, its opening or its end: only the opening has headers. */
function socketEvent({ endpoint = '', metadata, requestPayload, requestHeaders, requestUrl = '' }: ReplayStackEvent) {
  const headers = readHeaderPairs(requestHeaders) ?? []
  return known({
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    requestContext: known({
      routeKey: endpoint,
      eventType: textOf(read(metadata, 'httpEvent', 'eventType')),
      connectionId: textOf(read(metadata, 'connectionId')),
      stage: textOf(read(metadata, 'stage')),
      domainName: URL.canParse(requestUrl) ? new URL(requestUrl).host : undefined,
    }),
    body: textOf(requestPayload),
    isBase64Encoded: read(metadata, 'httpEvent', 'isBase64Encoded') === true,
  })
}

/** What a request's event had besides the request, as `requestLambda` takes it; nothing of an event without a form. */
export function lambdaOptions(
  { endpoint = '', metadata }: ReplayStackEvent,
  path: string,
): { options: JsonValue | undefined; notes: string[] } {
  const recorded = read(metadata, 'httpEvent')
  const isEdge = read(metadata, 'eventSource') === 'aws:cloudfront'
  const form = isEdge ? 'Lambda@Edge' : textOf(read(recorded, 'form'))
  if (form === undefined) return { options: undefined, notes: [] }
  const isRest = form === 'REST API' || form === 'HTTP API 1.0'
  const names: unknown = read(recorded, 'headerNames')
  const options = known({
    form,
    resource: isRest ? textOf(read(metadata, 'route')) : undefined,
    routeKey: textOf(read(recorded, 'routeKey')),
    stage: textOf(read(metadata, 'stage')),
    trigger: isEdge ? textOf(read(metadata, 'trigger')) : undefined,
    basePath: isRest ? basePathOf(path.replace(/\?.*$/s, ''), endpoint) : undefined,
    isBase64Encoded: read(recorded, 'isBase64Encoded') === true || undefined,
    headerNames: Array.isArray(names) ? names.map(String) : undefined,
  })
  const notes = read(recorded, 'hasAuthorizer')
    ? ['What the authorizer said is not captured: give it as the option `authorizer`.']
    : []
  return { options, notes }
}

/** What a client's path has before the path that the function gets. */
function basePathOf(path: string, endpoint: string): string | undefined {
  return path.length > endpoint.length && path.endsWith(endpoint) ? path.slice(0, -endpoint.length) : undefined
}
