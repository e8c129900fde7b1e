/**
 * The HTTP events of Lambda functions, each in the form of its host, made of a request; and their responses. Long, for it is
 * one table of forms.
 */
import { answerHeaders, readAnswer } from '../adapters/lambda/http-answer.ts'
import { read } from '../safe-read.ts'
import type { TestRequest, TestResponse } from './run-handler.ts'

/** What hands a request over to a Lambda function. Netlify's functions of the form `export const handler` are such too. */
export type LambdaForm =
  | 'REST API'
  | 'HTTP API 1.0'
  | 'HTTP API'
  | 'function URL'
  | 'load balancer'
  | 'load balancer (multi-value headers)'
  | 'VPC Lattice 1.0'
  | 'VPC Lattice'
  | 'Netlify function'
  | 'Lambda@Edge'

/** What an event has besides its request. */
export interface LambdaEventOptions {
  /** @default 'HTTP API' */
  form?: LambdaForm | undefined
  /** The pattern that matched, of a REST API: `/orders/{id}`. @default '/{proxy+}' */
  resource?: string | undefined
  /** The route that matched, of an HTTP API: `GET /orders/{id}`. @default '$default' */
  routeKey?: string | undefined
  /** The stage of an API. @default '$default', of a REST API 'prod' */
  stage?: string | undefined
  /** What calls a function of Lambda@Edge. @default 'viewer-request' */
  trigger?: string | undefined
  /** What the URL's path has before the path that a REST API hands over: `/prod`. @default none */
  basePath?: string | undefined
  /** Whether the body is handed over in base64. @default false */
  isBase64Encoded?: boolean | undefined
  /** Names of headers as they are written, where that is not in lower case. @default none */
  headerNames?: readonly string[] | undefined
  /** What an authorizer has left in `requestContext.authorizer`. @default none */
  authorizer?: object | undefined
}

type Pair = readonly [name: string, value: string]

/** A request as events are made of it. */
interface Parts {
  url: URL
  method: string
  /** Names as they are written; `host` and what a proxy adds among them. */
  headers: readonly Pair[]
  /** Decoded. */
  query: readonly Pair[]
  body: string | undefined
  isBase64Encoded: boolean
  options: LambdaEventOptions
}

const SOURCE_IP = '127.0.0.1'
const ACCOUNT = '000000000000'

const encodeBase64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join(''))

const decodeBase64 = (text: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(text), character => character.charCodeAt(0)))

function partsOf({ url: text, method, headers = {}, body }: TestRequest, options: LambdaEventOptions): Parts {
  const url = new URL(text)
  const { headerNames = [], isBase64Encoded = false } = options
  const isList = (given: typeof headers): given is readonly Pair[] => Array.isArray(given)
  const given = isList(headers) ? headers : Object.entries(headers)
  const added = {
    host: url.host,
    'x-forwarded-for': SOURCE_IP,
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
  }
  const own = Object.entries(added).filter(([name]) => !given.some(([known]) => known.toLowerCase() === name))
  const written = new Map(headerNames.map(name => [name.toLowerCase(), name]))
  return {
    url,
    method,
    headers: [...given, ...own].map(
      ([name, value]): Pair => [written.get(name.toLowerCase()) ?? name.toLowerCase(), value],
    ),
    query: [...url.searchParams],
    body: body !== undefined && isBase64Encoded ? encodeBase64(body) : body,
    isBase64Encoded,
    options,
  }
}

/** Pairs with the last value of each name. */
const lastOf = (pairs: readonly Pair[]): Record<string, string> => Object.fromEntries(pairs)

/** Pairs with all values of each name. */
function listsOf(pairs: readonly Pair[]): Record<string, string[]> {
  const lists = new Map<string, string[]>()
  for (const [name, value] of pairs) lists.set(name, [...(lists.get(name) ?? []), value])
  return Object.fromEntries(lists)
}

/** Pairs with the values of each name in one text. */
const joined = (pairs: readonly Pair[]): Record<string, string> =>
  Object.fromEntries(Object.entries(listsOf(pairs)).map(([name, list]) => [name, list.join(',')]))

const unlessEmpty = <Value extends object>(value: Value): Value | undefined =>
  Object.keys(value).length > 0 ? value : undefined

const findHeader = (headers: readonly Pair[], name: string): string | undefined =>
  headers.find(([known]) => known.toLowerCase() === name)?.[1]

/** What stands in a path where its pattern has names: `{id}`, and `{proxy+}` for all that is left. */
function pathParameters(pattern: string, path: string): Record<string, string> | undefined {
  const values = path.split('/')
  const parameters: Pair[] = []
  for (const [place, segment] of pattern.split('/').entries()) {
    const [, name, isRest] = /^\{([^}+]+)(\+?)\}$/.exec(segment) ?? []
    if (name !== undefined) parameters.push([name, values.slice(place, isRest ? undefined : place + 1).join('/')])
  }
  return unlessEmpty(lastOf(parameters))
}

const decodePath = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function restEvent({ url, method, headers, query, body, isBase64Encoded, options }: Parts): object {
  const { resource = '/{proxy+}', stage = 'prod', basePath = '', authorizer } = options
  const path = url.pathname.startsWith(basePath) ? url.pathname.slice(basePath.length) || '/' : url.pathname
  return {
    resource,
    path,
    httpMethod: method,
    headers: lastOf(headers),
    multiValueHeaders: listsOf(headers),
    queryStringParameters: unlessEmpty(lastOf(query)) ?? null,
    multiValueQueryStringParameters: unlessEmpty(listsOf(query)) ?? null,
    pathParameters: pathParameters(resource, decodePath(path)) ?? null,
    stageVariables: null,
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'test',
      resourceId: 'test',
      resourcePath: resource,
      httpMethod: method,
      path: url.pathname,
      protocol: 'HTTP/1.1',
      stage,
      domainName: url.host,
      domainPrefix: url.host.split('.')[0],
      requestId: 'test',
      extendedRequestId: 'test',
      requestTimeEpoch: Date.now(),
      identity: { sourceIp: SOURCE_IP, userAgent: findHeader(headers, 'user-agent') ?? null },
      ...(authorizer && { authorizer }),
    },
    body: body ?? null,
    isBase64Encoded,
  }
}

function httpApiEvent({ url, method, headers, query, body, isBase64Encoded, options }: Parts): object {
  const { routeKey = '$default', stage = '$default', authorizer } = options
  const cookies = findHeader(headers, 'cookie')?.split(/;\s*/)
  const inStage = url.pathname.startsWith(`/${stage}/`) ? url.pathname.slice(stage.length + 1) : url.pathname
  const parameters = pathParameters(routeKey.replace(/^\S+ /, ''), decodePath(inStage))
  const parametersOfQuery = unlessEmpty(joined(query))
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies && { cookies }),
    headers: joined(headers.filter(([name]) => name !== 'cookie')),
    ...(parametersOfQuery && { queryStringParameters: parametersOfQuery }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'test',
      domainName: url.host,
      domainPrefix: url.host.split('.')[0],
      http: {
        method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: SOURCE_IP,
        userAgent: findHeader(headers, 'user-agent') ?? '',
      },
      requestId: 'test',
      routeKey,
      stage,
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
      ...(authorizer && { authorizer }),
    },
    ...(parameters && { pathParameters: parameters }),
    ...(body !== undefined && { body }),
    isBase64Encoded,
  }
}

function loadBalancerEvent(parts: Parts, hasLists: boolean): object {
  const { url, method, headers, body = '', isBase64Encoded } = parts
  // A load balancer hands the query over as it came.
  const query = url.search
    .slice(1)
    .split('&')
    .filter(part => part !== '')
    .map((part): Pair => [part.split('=', 1)[0] ?? '', part.includes('=') ? part.slice(part.indexOf('=') + 1) : ''])
  return {
    requestContext: {
      elb: { targetGroupArn: `arn:aws:elasticloadbalancing:us-east-1:${ACCOUNT}:targetgroup/test/test` },
    },
    httpMethod: method,
    path: url.pathname,
    ...(hasLists
      ? { multiValueQueryStringParameters: listsOf(query), multiValueHeaders: listsOf(headers) }
      : { queryStringParameters: lastOf(query), headers: lastOf(headers) }),
    body,
    isBase64Encoded,
  }
}

const lattice1Event = ({ url, method, headers, query, body = '', isBase64Encoded }: Parts): object => ({
  raw_path: url.pathname + url.search,
  method,
  headers: joined(headers),
  query_string_parameters: lastOf(query),
  body,
  is_base64_encoded: isBase64Encoded,
})

const latticeEvent = ({ url, method, headers, query, body, isBase64Encoded }: Parts): object => ({
  version: '2.0',
  path: url.pathname,
  method,
  headers: listsOf(headers),
  ...(query.length > 0 && { queryStringParameters: listsOf(query) }),
  ...(body !== undefined && { body }),
  isBase64Encoded,
  requestContext: {
    serviceNetworkArn: `arn:aws:vpc-lattice:us-east-1:${ACCOUNT}:servicenetwork/test`,
    serviceArn: `arn:aws:vpc-lattice:us-east-1:${ACCOUNT}:service/test`,
    targetGroupArn: `arn:aws:vpc-lattice:us-east-1:${ACCOUNT}:targetgroup/test`,
    identity: {},
    region: 'us-east-1',
    timeEpoch: String(Date.now() * 1000),
  },
})

const netlifyEvent = ({ url, method, headers, query, body, isBase64Encoded }: Parts): object => ({
  path: url.pathname,
  httpMethod: method,
  headers: joined([...headers, ['x-nf-client-connection-ip', SOURCE_IP]]),
  multiValueHeaders: listsOf(headers),
  queryStringParameters: lastOf(query),
  multiValueQueryStringParameters: listsOf(query),
  rawUrl: url.href,
  rawQuery: url.search.slice(1),
  body: body ?? null,
  isBase64Encoded,
})

function edgeEvent({ url, method, headers, body, isBase64Encoded, options }: Parts): object {
  const lists = Object.entries(listsOf(headers)).map(([name, values]) => [
    name.toLowerCase(),
    values.map(value => ({ key: name, value })),
  ])
  const data = body === undefined || isBase64Encoded ? body : encodeBase64(body)
  const request = {
    clientIp: SOURCE_IP,
    headers: Object.fromEntries(lists),
    method,
    querystring: url.search.slice(1),
    uri: url.pathname,
    ...(data !== undefined && { body: { inputTruncated: false, action: 'read-only', encoding: 'base64', data } }),
  }
  const config = {
    distributionDomainName: url.host,
    distributionId: 'test',
    eventType: options.trigger ?? 'viewer-request',
    requestId: 'test',
  }
  return { Records: [{ cf: { config, request } }] }
}

const EVENTS: Readonly<Record<LambdaForm, (parts: Parts) => object>> = {
  'REST API': restEvent,
  'HTTP API 1.0': parts => ({ version: '1.0', ...restEvent(parts) }),
  'HTTP API': httpApiEvent,
  'function URL': httpApiEvent,
  'load balancer': parts => loadBalancerEvent(parts, false),
  'load balancer (multi-value headers)': parts => loadBalancerEvent(parts, true),
  'VPC Lattice 1.0': lattice1Event,
  'VPC Lattice': latticeEvent,
  'Netlify function': netlifyEvent,
  'Lambda@Edge': edgeEvent,
}

/** The event by which a host calls a function for this request. */
export function lambdaEvent(request: TestRequest, options: LambdaEventOptions): object {
  return EVENTS[options.form ?? 'HTTP API'](partsOf(request, options))
}

function readHeaders(pairs: Iterable<readonly [name: string, value: unknown]>): Headers {
  const headers = new Headers()
  for (const [name, value] of pairs) for (const one of [value].flat()) headers.append(name, String(one))
  return headers
}

const textOf = (body: unknown, isBase64: boolean): string => {
  if (typeof body === 'string') return isBase64 ? decodeBase64(body) : body
  return body === undefined || body === null ? '' : JSON.stringify(body)
}

/** CloudFront's own response; a request that goes on has none, and is a 200 here. */
function readEdgeResult(result: unknown): TestResponse {
  const lists = Object.entries(Object(read(result, 'status') === undefined ? {} : (read(result, 'headers') ?? {})))
  const pairs = lists.map(([name, list]): [string, unknown] => [name, [list].flat().map(one => read(one, 'value'))])
  return {
    status: Number(read(result, 'status') ?? 200),
    headers: readHeaders(pairs),
    body:
      read(result, 'status') === undefined
        ? ''
        : textOf(read(result, 'body'), read(result, 'bodyEncoding') === 'base64'),
  }
}

/** What a function returned, as the response that its client gets. */
export function readLambdaResult(result: unknown, form: LambdaForm = 'HTTP API'): TestResponse {
  if (form === 'Lambda@Edge') return readEdgeResult(result)
  const { statusCode = 500, isAnswer } = readAnswer(result, form)
  if (isAnswer) {
    const body = textOf(read(result, 'body'), read(result, 'isBase64Encoded') === true)
    return { status: statusCode, headers: readHeaders(Object.entries(answerHeaders(result))), body }
  }
  const body = statusCode < 500 ? (JSON.stringify(result) ?? '') : '{"message":"Internal Server Error"}'
  return { status: statusCode, headers: readHeaders([['content-type', 'application/json']]), body }
}
