/** Anything that answers a header by name. */
type HeaderReader = { get(name: string): string | null | undefined }

/** Visible ASCII only: the id is echoed in a header and shown in terminals. */
const TRACE_ID = /^[\x21-\x7e]{1,128}$/

/** W3C Trace Context §3.2: version, trace id, parent id, flags, and more in later versions; zeros and `ff` are invalid. */
const TRACEPARENT = /^(?!ff|00.{54})[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})(?:-|$)/

/** The one kind of trace id that is written otherwise in a `traceparent`: without its `-`. */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** Our own member of a `tracestate`: the trace id as it is written elsewhere. */
const OWN_STATE = /(?:^|,)[ \t]*replaystack=([^,]*)/

/** What a request says of the trace that it is a part of. */
export interface InboundTrace {
  readonly id: string
  /** Of its `traceparent`: two hexadecimal digits. */
  readonly flags?: string
  /** Its `tracestate`, which goes on with the trace. */
  readonly state?: string
}

/** A new trace id: a random UUID, version 4. */
export function createTraceId(): string {
  return crypto.randomUUID()
}

/** `id` if it is well formed: 1 to 128 visible ASCII characters. */
export function validTraceId(id: unknown): string | undefined {
  return typeof id === 'string' && TRACE_ID.test(id) ? id : undefined
}

/** The trace that a request arrived with: of its `x-trace-id`, else of a valid `traceparent`. */
export function inboundTrace(headers: HeaderReader): InboundTrace | undefined {
  const own = validTraceId(headers.get('x-trace-id'))
  const [, hex, flags] = TRACEPARENT.exec(headers.get('traceparent') ?? '') ?? []
  if (!hex || !flags) return own ? { id: own } : undefined
  const state = headers.get('tracestate')
  const uuid = OWN_STATE.exec(state ?? '')?.[1]
  // Who begins a trace anew may have left the state.
  const id = own ?? (uuid && UUID.test(uuid) && withoutHyphens(uuid) === hex ? uuid : hex)
  return { id, flags, ...(state && { state }) }
}

const withoutHyphens = (id: string): string => id.replaceAll('-', '')

/** A trace id as W3C and OpenTelemetry write it. One that is neither a UUID nor 32 hexadecimal digits has no such form. */
export function hexTraceId(id = ''): string | undefined {
  const hex = UUID.test(id) ? withoutHyphens(id) : id
  return /^(?!0{32})[\da-f]{32}$/.test(hex) ? hex : undefined
}

/**
 * The headers that carry a trace on, where its id has a form for them.
 * @param isRecorded whether the caller's part of the trace is recorded, where the trace began there
 */
export function outboundTrace(
  id: string | undefined,
  { flags, state = '' }: Partial<InboundTrace> = {},
  isRecorded = true,
): Record<string, string> | undefined {
  const hex = hexTraceId(id)
  if (!hex) return undefined
  const parent = Array.from(crypto.getRandomValues(new Uint8Array(8)), byte => byte.toString(16).padStart(2, '0')).join(
    '',
  )
  const others = state.replace(OWN_STATE, '').replace(/^[ \t]*,/, '')
  const states = [...(hex === id ? [] : [`replaystack=${id}`]), ...(others ? [others] : [])].join()
  return {
    traceparent: `00-${hex}-${parent}-${flags ?? (isRecorded ? '01' : '00')}`,
    ...(states && { tracestate: states }),
  }
}
