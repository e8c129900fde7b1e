/** Lambda@Edge: CloudFront's requests, whose headers are lists of `{ key, value }`, and its responses. */
import { partsEnding, type RequestParts } from '../../observe/parts.ts'
import type { Setup } from '../../observe/setup.ts'
import type { Outcome } from '../../observe/work.ts'
import { entriesOf, read } from '../../safe-read.ts'
import { seenBody } from './base64.ts'
import { known, textAt } from './read-event.ts'

/** Where an event has what happened. */
const PLACE = ['Records', '0', 'cf'] as const

export function isEdgeEvent(event: unknown): boolean {
  return textAt(event, ...PLACE, 'request', 'method') !== undefined
}

/** Headers by their lower-case names; those that came once as their one value. */
function edgeHeaders(message: unknown): Record<string, unknown> {
  return Object.fromEntries(
    entriesOf(read(message, 'headers')).map(([name, list]) => {
      const values = [list].flat().map(one => read(one, 'value'))
      return [name.toLowerCase(), values.length === 1 ? values[0] : values]
    }),
  )
}

/** What an event says of its request. */
export function readEdgeRequest(
  event: unknown,
  maxBytes: number,
): Pick<RequestParts, 'method' | 'target' | 'protocol' | 'host' | 'sourceIp' | 'headers'> & {
  metadata: Record<string, unknown>
  body: RequestParts['body']
} {
  const request = read(event, ...PLACE, 'request')
  const query = textAt(request, 'querystring')
  // Taken now: handlers change the request that they pass on.
  const [data, encoding] = [read(request, 'body', 'data'), read(request, 'body', 'encoding')]
  const isCut = read(request, 'body', 'inputTruncated') === true
  return {
    method: textAt(request, 'method') ?? 'GET',
    target: `${textAt(request, 'uri') ?? '/'}${query ? `?${query}` : ''}`,
    protocol: 'https',
    host: textAt(event, ...PLACE, 'config', 'distributionDomainName'),
    sourceIp: textAt(request, 'clientIp'),
    headers: edgeHeaders(request),
    metadata: known({
      eventSource: 'aws:cloudfront',
      trigger: textAt(event, ...PLACE, 'config', 'eventType'),
      distributionId: textAt(event, ...PLACE, 'config', 'distributionId'),
    }),
    body() {
      const seen = seenBody(data, encoding === 'base64', maxBytes)
      return seen && isCut ? { ...seen, complete: false } : seen
    },
  }
}

/** The end of a request by a response; a request that goes on has no status. The result stays the same object. */
export function concludeEdge<Result>(result: Result, maxBytes: number, setup: Setup): Outcome<Result> {
  const statusCode = Number(read(result, 'status'))
  if (!Number.isInteger(statusCode) || statusCode < 100) return { result }
  const body = read(result, 'body')
  const isBase64 = read(result, 'bodyEncoding') === 'base64'
  const headers = edgeHeaders(result)
  const ending = partsEnding(
    {
      statusCode,
      // CloudFront serves a text without a type as HTML.
      headers: isBase64 ? headers : { 'content-type': 'text/html', ...headers },
      body: () => seenBody(body, isBase64, maxBytes),
    },
    setup,
  )
  return { result, ...ending, fields: setup.captureHeaders ? { responseHeaders: headers } : {} }
}
