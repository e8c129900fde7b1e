/** Anything that answers a header by name. */
type HeaderReader = { get(name: string): string | null | undefined }

/** Visible ASCII only: the id is echoed in a header and shown in terminals. */
const TRACE_ID = /^[\x21-\x7e]{1,128}$/

/** W3C Trace Context §3.2: version, trace id, parent id, flags, and more in later versions; zeros and `ff` are invalid. */
const TRACEPARENT = /^(?!ff|00.{54})[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/

/** A new trace id: a random UUID, version 4. */
export function createTraceId(): string {
  return crypto.randomUUID()
}

/** `id` if it is well formed: 1 to 128 visible ASCII characters. */
export function validTraceId(id: unknown): string | undefined {
  return typeof id === 'string' && TRACE_ID.test(id) ? id : undefined
}

/** The trace id a request arrived with: `x-trace-id`, else that of a valid `traceparent`. */
export function inboundTraceId(headers: HeaderReader): string | undefined {
  const own = validTraceId(headers.get('x-trace-id'))
  if (own) return own
  const parent = headers.get('traceparent')
  return parent ? TRACEPARENT.exec(parent)?.[1] : undefined
}
