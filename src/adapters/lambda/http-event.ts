/** The HTTP events of API Gateway, function URLs and load balancers: one table, and how each is read as a request. */
import type { RequestParts } from '../../observe/parts.ts'
import { entriesOf, firstOfList, read } from '../../safe-read.ts'
import type { HttpForm } from './http-answer.ts'
import { known, messageHeaders, textAt } from './read-event.ts'

/** What stands in an event at a place of its own. */
type RequestLine = Pick<RequestParts, 'method' | 'target' | 'protocol' | 'host' | 'sourceIp'> & {
  /** The path as handlers know it, where the client's has a stage before it. */
  path: string
  /** The pattern that matched. */
  route?: string | undefined
}

/** One form of event. */
export interface HttpSource {
  readonly form: HttpForm
  readonly matches: (event: unknown) => boolean
  readonly readLine: (event: unknown) => RequestLine
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
  const forwarded =
    textAt(messageHeaders(event), 'x-forwarded-for') ?? textAt(messageHeaders(event), 'x-forwarded-for', '0')
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
  const forwarded = textAt(messageHeaders(event), 'x-forwarded-for')
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
  const headers = messageHeaders(event)
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
  form: 'Netlify function',
  matches: event => hasMethod(event) && textAt(event, 'rawUrl') !== undefined && !read(event, 'requestContext'),
  readLine: readNetlifyLine,
}

const isOfLoadBalancer = (event: unknown): boolean => hasMethod(event) && hasContext(event, 'elb')
const isOfVersion2 = (event: unknown): boolean => textAt(event, 'version') === '2.0' && hasContext(event, 'http')

/** The first that matches stands for the event. */
const SOURCES: readonly HttpSource[] = [
  {
    form: 'load balancer (multi-value headers)',
    matches: event => isOfLoadBalancer(event) && read(event, 'multiValueHeaders') != null,
    readLine: readLoadBalancerLine,
  },
  { form: 'load balancer', matches: isOfLoadBalancer, readLine: readLoadBalancerLine },
  {
    form: 'HTTP API 1.0',
    matches: event => hasMethod(event) && textAt(event, 'version') === '1.0' && hasContext(event, 'domainName'),
    readLine: readRestLine,
  },
  {
    form: 'REST API',
    matches: event => hasMethod(event) && textAt(event, 'path') !== undefined && read(event, 'requestContext') != null,
    readLine: readRestLine,
  },
  NETLIFY_FUNCTION,
  {
    form: 'function URL',
    matches: event =>
      isOfVersion2(event) && (textAt(event, 'requestContext', 'domainName')?.includes('.lambda-url.') ?? false),
    readLine: readHttpLine,
  },
  { form: 'HTTP API', matches: isOfVersion2, readLine: readHttpLine },
  {
    form: 'VPC Lattice 1.0',
    matches: event => textAt(event, 'method') !== undefined && textAt(event, 'raw_path') !== undefined,
    readLine: readLatticeLine,
  },
  {
    form: 'VPC Lattice',
    matches: event => textAt(event, 'method') !== undefined && hasContext(event, 'serviceArn'),
    readLine: readLatticeLine,
  },
  {
    form: 'WebSocket API',
    matches: event => hasContext(event, 'connectionId') && hasContext(event, 'routeKey'),
    readLine: readSocketLine,
  },
]

/** The form of an HTTP event; nothing for any other. */
export function httpSourceOf(event: unknown): HttpSource | undefined {
  return SOURCES.find(({ matches }) => matches(event))
}

/** Whether a request is an authorizer's to judge, not a handler's to answer: but for this it looks the same. */
export function isAuthorization(event: unknown): boolean {
  return ['methodArn', 'routeArn'].some(name => textAt(event, name) !== undefined)
}

/** Names of headers that are kept as they were written. */
const MAX_NAMES = 40

/** Names of headers that are not in lower case, for an application may look for them as they are. */
function writtenNames(event: unknown): string[] | undefined {
  const names = ['headers', 'multiValueHeaders']
    .flatMap(name => entriesOf(read(event, name)))
    .map(([name]) => name)
    .filter(name => name !== name.toLowerCase())
  return names.length > 0 ? [...new Set(names)].slice(0, MAX_NAMES) : undefined
}

/** What the event tells of the request besides what every one has: `httpEvent` is what only its form has. */
export function requestMetadata(event: unknown, form: HttpForm, route: string | undefined): Record<string, unknown> {
  const routeKey = textAt(event, 'routeKey')
  return known({
    route,
    stage: textAt(event, 'requestContext', 'stage'),
    connectionId: textAt(event, 'requestContext', 'connectionId'),
    httpEvent: known({
      form,
      routeKey: routeKey === '$default' ? undefined : routeKey,
      eventType: textAt(event, 'requestContext', 'eventType'),
      isBase64Encoded: (read(event, 'isBase64Encoded') ?? read(event, 'is_base64_encoded')) === true || undefined,
      headerNames: writtenNames(event),
      hasAuthorizer: read(event, 'requestContext', 'authorizer') != null || undefined,
    }),
  })
}
