import { KEY_HEADERS } from '../../event/auth.ts'
import type { ReplayStackEvent } from '../../types.ts'
import { type CapturedTarget, fillTarget, readTarget } from './captured-target.ts'
import { hasMask } from './masked-text.ts'
import { type GivenValues, MASK_REASONS, Needs, type ReplayNeed, ReplayRefusal, toText } from './needs.ts'
import { rebuildBody } from './rebuild-body.ts'
import { describeBadHeader, findHeader, isFraming, keepReplayable, readHeaderPairs } from './request-headers.ts'

export type { GivenValues, ReplayNeed } from './needs.ts'

/** A request as it is to be sent, to whatever host. */
export interface ReplayRequest {
  method: string
  /** Path and query. */
  path: string
  /** Lower-case names; a name may repeat. */
  headers: [name: string, value: string][]
  body?: string
}

/** Whether and how an event can be replayed. */
export interface ReplayPlan {
  /** Why it cannot be, in one sentence. There is no request then. */
  refusal?: string
  /** What is missing. While there is any, masks stand in the request and it is not to be sent. */
  needs: ReplayNeed[]
  /** How the request may differ from the captured one, a sentence each. */
  notes: string[]
  request?: ReplayRequest
}

/** Times that a replay may be sent. */
export const MAX_TIMES = 100

/**
 * Plans the replay of an event: its request, with what was given in the place of what was masked.
 *
 * @param given values for the needs of an earlier plan, and headers to send besides or instead
 */
export function planReplay(event: ReplayStackEvent, given: GivenValues = {}): ReplayPlan {
  const needs = new Needs(given.values ?? {})
  const notes: string[] = []
  try {
    const request = rebuildRequest(event, given.headers ?? {}, needs, notes)
    const [unknown] = needs.unknown
    if (unknown !== undefined) throw new ReplayRefusal(`The event needs no value named ${unknown}.`)
    if (needs.missing.length === 0) refuseMasks(request)
    return { needs: needs.missing, notes, request }
  } catch (error) {
    if (error instanceof ReplayRefusal) return { refusal: error.message, needs: [], notes: [] }
    throw error
  }
}

function rebuildRequest(
  event: ReplayStackEvent,
  given: Readonly<Record<string, string>>,
  needs: Needs,
  notes: string[],
): ReplayRequest {
  const method = readMethod(event)
  const target = readTarget(event, notes)
  const captured = readHeaderPairs(event.requestHeaders)
  if (!captured) notes.push('The headers were not captured: only those that are given are sent.')
  if (/websocket/i.test(findHeader(captured, 'upgrade') ?? '')) refuseUpgrade()
  const headers = replaceHeaders(fillHeaders(keepReplayable(captured ?? []), given, needs), given)
  askForCredentials(event, captured, target, headers, given, needs)
  const contentType = findHeader(captured, 'content-type')
  const length = findHeader(captured, 'content-length')
  const body = rebuildBody(
    {
      method,
      payload: event.requestPayload,
      headersKnown: captured !== undefined,
      contentType,
      sizeBytes: length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined,
      chunked: findHeader(captured, 'transfer-encoding') !== undefined,
    },
    needs,
    notes,
  )
  if (
    !captured &&
    body !== undefined &&
    typeof event.requestPayload !== 'string' &&
    !findHeader(headers, 'content-type')
  )
    headers.push(['content-type', 'application/json'])
  for (const [name, value] of headers) {
    const problem = describeBadHeader(name, value)
    if (problem) throw new ReplayRefusal(`The header ${JSON.stringify(name)} ${problem}.`)
  }
  return { method, path: fillTarget(target.path, needs), headers, ...(body !== undefined && { body }) }
}

/** @throws ReplayRefusal when the event is no request, or one that cannot be sent as a message of its own */
function readMethod({ eventType, method, statusCode }: ReplayStackEvent): string {
  if (!method || eventType === 'cron' || eventType === 'queue') {
    throw new ReplayRefusal(
      `This is ${/^[aeiou]/.test(eventType) ? 'an' : 'a'} ${eventType} event without an HTTP request to replay.`,
    )
  }
  if (!/^[A-Za-z-]{1,32}$/.test(method)) throw new ReplayRefusal('The request has a method that HTTP does not allow.')
  if (/^(CONNECT|TRACE|TRACK)$/i.test(method)) {
    throw new ReplayRefusal(
      `A ${method.toUpperCase()} request asks for a connection, not for an answer, so it cannot be replayed.`,
    )
  }
  if (statusCode === 101) refuseUpgrade()
  return method.toUpperCase()
}

function refuseUpgrade(): never {
  throw new ReplayRefusal('The request opened a WebSocket, whose messages are not captured, so it cannot be replayed.')
}

function fillHeaders(
  headers: readonly [string, string][],
  given: Readonly<Record<string, string>>,
  needs: Needs,
): [string, string][] {
  const filled = new Set<string>()
  return headers.flatMap(([name, value]): [string, string][] => {
    if (!hasMask(value) || Object.hasOwn(given, name)) return [[name, value]]
    // One value stands for all that a masked header had.
    if (filled.has(name)) return []
    const answer = needs.ask(name, 'header', MASK_REASONS.header)
    filled.add(name)
    return [[name, answer === undefined ? value : toText(answer)]]
  })
}

/** What is given stands instead of what was captured; empty, it leaves the header out. */
function replaceHeaders(headers: [string, string][], given: Readonly<Record<string, string>>): [string, string][] {
  for (const name of Object.keys(given)) {
    if (isFraming(name)) throw new ReplayRefusal(`The header ${name} cannot be given: a replay frames its own message.`)
  }
  const kept = headers.filter(([name]) => !Object.hasOwn(given, name))
  return [...kept, ...Object.entries(given).filter(([, value]) => value !== '')]
}

/** The credentials that the request had and the captured headers do not. */
function askForCredentials(
  { authMode = 'none', authScheme }: ReplayStackEvent,
  captured: readonly [string, string][] | undefined,
  target: CapturedTarget,
  headers: [string, string][],
  given: Readonly<Record<string, string>>,
  needs: Needs,
): void {
  const name = target.hasUserinfo ? 'authorization' : credentialHeader(authMode, authScheme)
  if (name === undefined || findHeader(captured, name) !== undefined) return
  // Without the headers, a scheme and a header's name can be the same word: whichever is given will do.
  if (CREDENTIAL_HEADERS.some(known => Object.hasOwn(given, known))) return
  const reason = target.hasUserinfo
    ? 'The user and password in the URL were masked when the event was captured.'
    : `The request was authenticated (${authScheme ?? authMode}), and that header was not captured.`
  const answer = needs.ask(name, 'header', reason)
  if (answer !== undefined) headers.push([name, toText(answer)])
}

/** The headers that an `authMode` is read from. */
const CREDENTIAL_HEADERS = ['authorization', 'cookie', ...KEY_HEADERS]

function credentialHeader(authMode: string, authScheme: string | undefined): string | undefined {
  if (authMode === 'none') return undefined
  if (authMode === 'cookie') return 'cookie'
  const key = authMode === 'api_key' ? KEY_HEADERS.find(header => header === authScheme) : undefined
  return key ?? 'authorization'
}

/** The last look: whatever way a mask came in, it does not go out. */
function refuseMasks({ path, headers, body = '' }: ReplayRequest): void {
  if ([path, body, ...headers.flat()].some(hasMask)) {
    throw new ReplayRefusal('A masked value would be sent, so the request cannot be replayed.')
  }
}
