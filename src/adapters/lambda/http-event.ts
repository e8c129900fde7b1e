/** The HTTP events of API Gateway, function URLs and load balancers: one table, and how each is read as a request. */
import type { RequestParts } from '../../observe/parts.ts'
import { entriesOf, firstOfList, read } from '../../safe-read.ts'
import { known, listAt, textAt } from './read-event.ts'

/** What stands in an event at a place of its own. */
type RequestLine = Pick<RequestParts, 'method' | 'target' | 'protocol' | 'host' | 'sourceIp'> & {
  /** The path as handlers know it, where the client's has a stage before it. */
  path: string
  /** The pattern that matched. */
  route?: string | undefined
}

/** One kind of event. */
export interface HttpSource {
  readonly matches: (event: unknown) => boolean
  readonly readLine: (event: unknown) => RequestLine
  /** The status that the host answers by where the handler's result names none that is one. */
  readonly statusOfOther: (result: unknown) => number | undefined
  /** Whether the host refuses an answer with a member that it does not know. */
  readonly isStrict?: boolean
  /** Whether its events are a socket's: they have no method, and their answers no headers. */
  readonly isSocket?: boolean
}

/** What a REST API takes as an answer. */
const ANSWER_MEMBERS = ['statusCode', 'headers', 'multiValueHeaders', 'cookies', 'body', 'isBase64Encoded']

/** Whether a REST API takes a result as an answer: with any other member it is a 502. */
export function isRestAnswer(result: unknown): boolean {
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result)
  return isObject && Object.keys(known(Object(result))).every(name => ANSWER_MEMBERS.includes(name))
}

const withQuery = (path: string, query: string): string => (query ? `${path}?${query}` : path)

/** Names with all of their values. */
function queryEntries(event: unknown): [name: string, value: string][] {
  const lists = entriesOf(read(event, 'multiValueQueryStringParameters'))
  const singles = lists.length > 0 ? [] : entriesOf(read(event, 'queryStringParameters'))
  return [...lists, ...singles].flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one ?? '')]),
  )
}

/** A REST API's, or an HTTP API's with payload format 1.0: its query is decoded, its client's path has the stage. */
function readRestLine(event: unknown): RequestLine {
  const path = textAt(event, 'path') ?? '/'
  return {
    method: textAt(event, 'httpMethod') ?? 'GET',
    path,
    target: withQuery(
      textAt(event, 'requestContext', 'path') ?? path,
      new URLSearchParams(queryEntries(event)).toString(),
    ),
    protocol: 'https',
    host: textAt(event, 'requestContext', 'domainName'),
    sourceIp: textAt(event, 'requestContext', 'identity', 'sourceIp'),
    route: textAt(event, 'resource'),
  }
}

/** An HTTP API's with payload format 2.0, or a function URL's: its query is as it came. */
function readHttpLine(event: unknown): RequestLine {
  const path = textAt(event, 'rawPath') ?? '/'
  const routeKey = textAt(event, 'routeKey') ?? '$default'
  return {
    method: textAt(event, 'requestContext', 'http', 'method') ?? 'GET',
    path,
    target: withQuery(path, textAt(event, 'rawQueryString') ?? ''),
    protocol: 'https',
    host: textAt(event, 'requestContext', 'domainName'),
    sourceIp: textAt(event, 'requestContext', 'http', 'sourceIp'),
    route: routeKey === '$default' ? undefined : routeKey.replace(/^\S+ /, ''),
  }
}

/** A load balancer's: its query is encoded still, and its client is the first that `x-forwarded-for` names. */
function readLoadBalancerLine(event: unknown): RequestLine {
  const path = textAt(event, 'path') ?? '/'
  const query = queryEntries(event).map(([name, value]) => `${name}=${value}`)
  const forwarded = textAt(headersOf(event), 'x-forwarded-for') ?? textAt(headersOf(event), 'x-forwarded-for', '0')
  return {
    method: textAt(event, 'httpMethod') ?? 'GET',
    path,
    target: withQuery(path, query.join('&')),
    sourceIp: firstOfList(forwarded),
  }
}

/** VPC Lattice's, of either version of its events: its query is decoded, or in the path as it came. */
function readLatticeLine(event: unknown): RequestLine {
  const target = textAt(event, 'path') ?? textAt(event, 'raw_path') ?? '/'
  const query = read(event, 'queryStringParameters') ?? read(event, 'query_string_parameters')
  const search = new URLSearchParams(queryEntries({ queryStringParameters: query })).toString()
  const forwarded = textAt(headersOf(event), 'x-forwarded-for')
  return {
    method: textAt(event, 'method') ?? 'GET',
    path: target.split('?', 1)[0] ?? '/',
    target: target.includes('?') ? target : withQuery(target, search),
    protocol: 'https',
    sourceIp: firstOfList(forwarded),
  }
}

/** A WebSocket API's: its message belongs to a route, not to a path. */
function readSocketLine(event: unknown): RequestLine {
  return {
    method: '',
    path: textAt(event, 'requestContext', 'routeKey') ?? '$default',
    target: `/${textAt(event, 'requestContext', 'stage') ?? ''}`,
    protocol: 'https',
    host: textAt(event, 'requestContext', 'domainName'),
    sourceIp: textAt(event, 'requestContext', 'identity', 'sourceIp'),
  }
}

/** A Netlify function's, in the form of `export const handler`: like a REST API's, with the client's own URL. */
function readNetlifyLine(event: unknown): RequestLine {
  const headers = headersOf(event)
  return {
    method: textAt(event, 'httpMethod') ?? 'GET',
    path: textAt(event, 'path') ?? '/',
    target: textAt(event, 'rawUrl') ?? '/',
    sourceIp: textAt(headers, 'x-nf-client-connection-ip') ?? firstOfList(textAt(headers, 'x-forwarded-for')),
  }
}

const hasMethod = (event: unknown): boolean => textAt(event, 'httpMethod') !== undefined
const hasContext = (event: unknown, member: string): boolean => read(event, 'requestContext', member) != null

/** A function of Netlify's, in the form of `export const handler`. */
export const NETLIFY_FUNCTION: HttpSource = {
  matches: event => hasMethod(event) && textAt(event, 'rawUrl') !== undefined && !read(event, 'requestContext'),
  readLine: readNetlifyLine,
  statusOfOther: () => 502,
}

/** The first that matches stands for the event. */
const SOURCES: Readonly<Record<string, HttpSource>> = {
  'load balancer': {
    matches: event => hasMethod(event) && hasContext(event, 'elb'),
    readLine: readLoadBalancerLine,
    statusOfOther: () => 502,
  },
  'HTTP API 1.0': {
    matches: event => hasMethod(event) && textAt(event, 'version') === '1.0' && hasContext(event, 'domainName'),
    readLine: readRestLine,
    statusOfOther: () => 500,
  },
  'REST API': {
    matches: event => hasMethod(event) && textAt(event, 'path') !== undefined && read(event, 'requestContext') != null,
    readLine: readRestLine,
    statusOfOther: result => (isRestAnswer(result) ? 200 : 502),
    isStrict: true,
  },
  'Netlify function': NETLIFY_FUNCTION,
  'HTTP API': {
    matches: event => textAt(event, 'version') === '2.0' && hasContext(event, 'http'),
    readLine: readHttpLine,
    // Such a result is the body.
    statusOfOther: result => (read(result, 'statusCode') === undefined ? 200 : 500),
  },
  'VPC Lattice': {
    matches: event =>
      textAt(event, 'method') !== undefined &&
      (hasContext(event, 'serviceArn') || textAt(event, 'raw_path') !== undefined),
    readLine: readLatticeLine,
    // Nowhere is it said what its client gets then.
    statusOfOther: () => undefined,
  },
  'WebSocket API': {
    matches: event => hasContext(event, 'connectionId') && hasContext(event, 'routeKey'),
    readLine: readSocketLine,
    statusOfOther: () => undefined,
    isSocket: true,
  },
}

/** The kind of an HTTP event; nothing for any other. */
export function httpSourceOf(event: unknown): HttpSource | undefined {
  return Object.values(SOURCES).find(({ matches }) => matches(event))
}

/** Whether a request is an authorizer's to judge, not a handler's to answer: but for this it looks the same. */
export function isAuthorization(event: unknown): boolean {
  return ['methodArn', 'routeArn'].some(name => textAt(event, name) !== undefined)
}

/** A message's headers by their lower-case names; of lists, those that hold one value as that. */
export function headersOf(message: unknown, cookieName = 'cookie'): Record<string, unknown> {
  const parts = ['headers', 'multiValueHeaders'].flatMap(name => entriesOf(read(message, name)))
  const headers = parts.map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) && value.length === 1 ? value[0] : value,
  ])
  const cookies = listAt(message, 'cookies')
  return {
    ...Object.fromEntries(headers),
    ...(cookies.length > 0 && { [cookieName]: cookieName === 'cookie' ? cookies.join('; ') : cookies }),
  }
}

/** What the event tells of the request besides what every one has. */
export function requestMetadata(event: unknown, route: string | undefined): Record<string, unknown> {
  return known({
    route,
    stage: textAt(event, 'requestContext', 'stage'),
    connectionId: textAt(event, 'requestContext', 'connectionId'),
  })
}
