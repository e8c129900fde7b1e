/** What was seen of an API, as an OpenAPI 3.1 document. @see https://spec.openapis.org/oas/v3.1.1.html */
import { read } from '../../safe-read.ts'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { hasMask } from '../replay/masked-text.ts'
import { readTruncated, readUncaptured } from '../replay/payload-kind.ts'
import { findHeader, readHeaderPairs } from '../replay/request-headers.ts'
import type { KeptEvent } from '../replay/test-file.ts'
import { addValue, createSeen, type Seen, writeSchema } from './json-schema.ts'
import { type RouteTemplate, readParameters, readRouteTemplate } from './route-template.ts'

/** The methods that a path of OpenAPI may have. */
const METHODS = /^(?:GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE)$/i

/** Media types and the values that were seen in them; a body that was not captured has none. */
type Bodies = Map<string, Seen>

interface Operation {
  count: number
  query: Map<string, Seen>
  path: Map<string, Seen>
  /** How many requests had a body. */
  withBody: number
  bodies: Bodies
  responses: Map<number, { count: number; bodies: Bodies }>
  security: Map<string, JsonValue>
  /** How many requests had credentials. */
  secured: number
}

interface Route {
  template: RouteTemplate
  operations: Map<string, Operation>
}

/** The reason why an event says nothing of an API; `undefined` where it does. */
export function refuseOperation({ event }: KeptEvent): string | undefined {
  if (!event.method) return `This is no HTTP request, but of the type ${event.eventType}.`
  if (!METHODS.test(event.method)) return `OpenAPI has no operations for ${event.method.slice(0, 40)}.`
  if (event.statusCode === undefined) return 'Its response has no status.'
  return readRoute(event) === undefined ? 'Its path was not captured.' : undefined
}

/** An OpenAPI document of events that are all operations. */
export function openApiDocument(kept: readonly KeptEvent[], comment: string | undefined): JsonValue {
  const routes = new Map<string, Route>()
  const security = new Map<string, JsonValue>()
  for (const { event } of kept) addEvent(routes, event)
  for (const { operations } of routes.values()) {
    for (const operation of operations.values()) {
      for (const [name, scheme] of operation.security) security.set(name, scheme)
    }
  }
  const origins = [...new Set(kept.flatMap(({ event }) => readUrl(event)?.origin ?? []))].sort()
  const titles = [...new Set(kept.flatMap(({ event }) => event.serviceName ?? []))].sort()
  const times = kept.map(({ receivedAt }) => receivedAt).sort()
  const seen = `Made of ${kept.length === 1 ? '1 event' : `${kept.length} events`} of ${times[0] ?? ''}`
  const until = times.length > 1 ? ` to ${times.at(-1) ?? ''}` : ''
  const paths = [...routes].sort(([one], [other]) => (one < other ? -1 : 1))
  return {
    openapi: '3.1.0',
    info: {
      title: titles.join(', ') || 'Captured requests',
      version: kept.find(({ event }) => event.appVersion)?.event.appVersion ?? '0.0.0',
      description: [
        `${seen}${until}: what was seen, which may not be all that there is.`,
        ...(comment ? [comment] : []),
      ].join('\n\n'),
    },
    ...(origins.length > 0 && { servers: origins.map(url => ({ url })) }),
    paths: Object.fromEntries(paths.map(([, { template, operations }]) => [template.path, writePath(operations)])),
    ...(security.size > 0 && { components: { securitySchemes: Object.fromEntries(security) } }),
  }
}

function addEvent(routes: Map<string, Route>, event: ReplayStackEvent): void {
  const given = readRoute(event)
  if (given === undefined || event.statusCode === undefined) return
  // Two paths that differ in the names of their parameters alone are one, and may not stand side by side.
  const key = given.path.replace(/\{\w+\}/g, '{}')
  const route = routes.get(key) ?? { template: given, operations: new Map() }
  routes.set(key, route)
  const method = (event.method ?? '').toLowerCase()
  const operation = route.operations.get(method) ?? createOperation(route.template)
  route.operations.set(method, operation)
  operation.count++
  for (const [name, value] of readParameters(route.template, event.endpoint ?? '')) {
    addValue(seenOf(operation.path, name), parameterValue(value))
  }
  for (const [name, value] of readUrl(event)?.searchParams ?? []) {
    if (!hasMask(name)) addValue(seenOf(operation.query, name), parameterValue(value))
  }
  if (addBody(operation.bodies, event.requestPayload, event.requestHeaders)) operation.withBody++
  const response = operation.responses.get(event.statusCode) ?? { count: 0, bodies: new Map() }
  operation.responses.set(event.statusCode, response)
  response.count++
  addBody(response.bodies, event.responsePayload, event.responseHeaders)
  const scheme = securityScheme(event)
  if (scheme) {
    operation.secured++
    operation.security.set(...scheme)
  }
}

function createOperation({ names }: RouteTemplate): Operation {
  return {
    count: 0,
    query: new Map(),
    path: new Map(names.map(name => [name, createSeen()])),
    withBody: 0,
    bodies: new Map(),
    responses: new Map(),
    security: new Map(),
    secured: 0,
  }
}

function seenOf(places: Map<string, Seen>, name: string): Seen {
  const seen = places.get(name) ?? createSeen()
  places.set(name, seen)
  return seen
}

/** A parameter is a text: what it says may be a number or a boolean. */
function parameterValue(text: string): JsonValue {
  if (/^(?:true|false)$/.test(text)) return text === 'true'
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(text) ? Number(text) : text
}

function addBody(bodies: Bodies, payload: JsonValue | undefined, headers: JsonValue | undefined): boolean {
  if (payload === undefined) return false
  const uncaptured = readUncaptured(payload)
  const header = findHeader(readHeaderPairs(headers), 'content-type') ?? uncaptured?.contentType
  const type = header?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const isObject = typeof payload === 'object' && payload !== null
  const seen = seenOf(bodies, /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : isObject ? 'application/json' : 'text/plain')
  if (!uncaptured && !readTruncated(payload)) addValue(seen, payload)
  return true
}

function readRoute({ metadata, endpoint }: ReplayStackEvent): RouteTemplate | undefined {
  const route = read(metadata, 'route')
  if (typeof route === 'string' && route.startsWith('/')) return readRouteTemplate(route)
  if (!endpoint?.startsWith('/')) return undefined
  return { path: endpoint.replace(/[{}]/g, encodeURIComponent), names: [] }
}

function readUrl({ requestUrl = '' }: ReplayStackEvent): URL | undefined {
  const url = URL.canParse(requestUrl) ? new URL(requestUrl) : undefined
  return url && /^https?:$/.test(url.protocol) ? url : undefined
}

function securityScheme({ authMode, authScheme = '' }: ReplayStackEvent): [string, JsonValue] | undefined {
  if (authMode === 'bearer' || authMode === 'basic') return [authMode, { type: 'http', scheme: authMode }]
  if (authMode !== 'api_key' || !/^[\w-]+$/.test(authScheme)) return undefined
  return [authScheme, { type: 'apiKey', in: 'header', name: authScheme }]
}

function writePath(operations: ReadonlyMap<string, Operation>): JsonValue {
  return Object.fromEntries([...operations].map(([method, operation]) => [method, writeOperation(operation)]))
}

function writeOperation({ count, query, path, withBody, bodies, responses, security, secured }: Operation): JsonValue {
  const parameters = [
    ...[...path].map(([name, seen]) => ({ name, in: 'path', required: true, schema: writeParameter(seen) })),
    ...[...query].map(([name, seen]) => ({ name, in: 'query', schema: writeParameter(seen) })),
  ]
  const codes = [...responses].sort(([one], [other]) => one - other)
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(bodies.size > 0 && {
      requestBody: { ...(withBody === count && { required: true }), content: writeBodies(bodies) },
    }),
    responses: Object.fromEntries(
      codes.map(([code, response]) => [
        String(code),
        {
          description: response.count === 1 ? 'Seen once.' : `Seen ${response.count} times.`,
          ...(response.bodies.size > 0 && { content: writeBodies(response.bodies) }),
        },
      ]),
    ),
    ...(security.size > 0 && {
      security: [...[...security.keys()].map(name => ({ [name]: [] })), ...(secured < count ? [{}] : [])],
    }),
  }
}

/** Of a parameter that nothing is known of: it is a text, as all are. */
function writeParameter(seen: Seen): JsonValue {
  return seen.types.size === 0 ? { type: 'string' } : writeSchema(seen)
}

function writeBodies(bodies: Bodies): JsonValue {
  return Object.fromEntries(
    [...bodies].map(([type, seen]) => [type, seen.count === 0 ? {} : { schema: writeSchema(seen) }]),
  )
}
