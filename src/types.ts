/**
 * Public types: each field with its unit, default and limits. Nothing here runs. Long, because it is the manual.
 * The wire's shape is ReplayStack's ingest contract; the platform types are the few members that are read,
 * written by hand so that a consumer's global types never change.
 */

/** What kind of work an event records. */
export type EventType = 'api' | 'queue' | 'webhook' | 'custom' | 'cron'

/** How it ended: a status code of 500 and up is `failed`, 400 and up `warning`, else `success`. */
export type EventStatus = 'success' | 'failed' | 'warning' | 'pending'

/** How the request was authenticated, read from its raw headers before they are masked. */
export type AuthMode = 'bearer' | 'basic' | 'api_key' | 'cookie' | 'other' | 'none'

/** Severity of a breadcrumb or log line, lowest first: `debug`, `info`, `warning`, `error`. */
export type Level = 'debug' | 'info' | 'warning' | 'error'

/** Any value that a JSON text can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** Header names and values as they arrived. A name may repeat, and a value be a list. */
export type HeaderEntries = Iterable<readonly [name: string, value: unknown]>

/** One step on the way to an event. */
export interface Breadcrumb {
  /** What happened, masked by shape. */
  message: string
  /** A word to filter by: `payment`, `sql`. An adapter's own have `http`, `job` or `exception`. */
  category?: string
  /** @default 'info' */
  level: Level
  /** Masked when it was added: later changes to the object do not show. */
  metadata?: unknown
  /** ISO 8601, UTC. */
  timestamp: string
}

/**
 * What {@link ReplayStackHandle.addBreadcrumb} takes besides the message. Any other plain object is the breadcrumb's
 * metadata itself: see {@link BreadcrumbMetadata}.
 */
export interface BreadcrumbDetails {
  /** A word to filter by: `payment`, `sql`. */
  category?: string | undefined
  /** @default 'info' */
  level?: Level | undefined
  /** Any value; what is no plain object goes out as `{ value: … }`. Masked, bounded and copied at once. */
  metadata?: unknown
}

/** A breadcrumb's metadata in place of its {@link BreadcrumbDetails}: a plain object without `category` and `level`. */
export interface BreadcrumbMetadata {
  /** Makes an object {@link BreadcrumbDetails}. */
  category?: never
  /** Makes an object {@link BreadcrumbDetails}. */
  level?: never
  /** Any value. */
  [name: string]: unknown
}

/** One log line of an event. */
export interface LogLine {
  /** At least the client's `logLevel`. */
  level: Level
  /** The line, masked by shape. */
  message: string
  /** Masked when the line was kept: later changes to the object do not show. */
  metadata?: unknown
  /** ISO 8601, UTC. */
  timestamp: string
}

/** What {@link ReplayStackHandle.captureLog} takes. */
export interface LogInput {
  /** @default 'error' */
  level?: Level | undefined
  /** The line. An empty one is skipped. */
  message: string
  /** Any value; what is no plain object goes out as `{ value: … }`. Masked, bounded and copied at once. */
  metadata?: unknown
  /** ISO 8601. @default now */
  timestamp?: string | Date | undefined
}

/** What takes the lines of a log: a client, or a request's handle. */
export interface LogReceiver {
  /** Adds a line to the scope's event. */
  captureLog(line: LogInput): void
}

/** One line of a stack trace. Lines and columns count from 1. */
export interface StackFrame {
  /** As the runtime names it (`Object.fetch`, `new Order`); absent where the code has no name. */
  functionName?: string
  /** Path or URL as the runtime wrote it; absent for native code. */
  fileName?: string
  /** From 1. */
  lineNumber?: number
  /** From 1. */
  columnNumber?: number
  /** The line as the runtime wrote it. */
  raw: string
}

/** The fields of an event that its caller may set. All are optional; what is left out is absent on the wire. */
export interface EventInput {
  /** @default the scope's trace id, else a new UUID */
  traceId?: string | undefined
  /** @default 'custom' */
  eventType?: EventType | undefined
  /** HTTP method, as the request has it. */
  method?: string | undefined
  /** A path without its query (`/orders`), or a job's name (`daily-report-job`). An absolute URL is cut to its path. */
  endpoint?: string | undefined
  /** Absolute. Secrets in its userinfo and query are masked. */
  requestUrl?: string | undefined
  /** @default read from `requestHeaders` */
  authMode?: AuthMode | undefined
  /** The scheme as it was written, or the header that carried a key. @default read from `requestHeaders` */
  authScheme?: string | undefined
  /** Masked; together at most `maxPayloadSizeBytes`. */
  requestHeaders?: Headers | HeaderEntries | Record<string, unknown> | undefined
  /** Any value. Masked, and at most `maxPayloadSizeBytes`: see {@link TruncatedPayload}. */
  requestPayload?: unknown
  /** Masked; together at most `maxPayloadSizeBytes`. */
  responseHeaders?: Headers | HeaderEntries | Record<string, unknown> | undefined
  /** Any value. Masked, and at most `maxPayloadSizeBytes`: see {@link TruncatedPayload}. */
  responsePayload?: unknown
  /** @default from `statusCode`, else 'success' */
  status?: EventStatus | undefined
  /** A whole number from 100 to 999; anything else is left out. */
  statusCode?: number | undefined
  /** Milliseconds of wall time, sent as a whole number. 0 is legal: a Worker's clock stands still between I/O. */
  executionTimeMs?: number | undefined
  /** Class of the error: `TypeError`. `captureException` fills in the four fields from here. */
  errorName?: string | undefined
  /** Masked by shape. */
  errorMessage?: string | undefined
  /** As the runtime wrote it. Masked by shape. */
  stackTrace?: string | undefined
  /** @default parsed from `stackTrace` */
  stackFrames?: readonly StackFrame[] | undefined
  /** @default the scope's */
  breadcrumbs?: readonly Breadcrumb[] | undefined
  /** @default the client's */
  serviceName?: string | undefined
  /** @default the client's */
  environment?: string | undefined
  /** @default the client's */
  appVersion?: string | undefined
  /** @default the client's */
  commitHash?: string | undefined
  /** The client's address. */
  sourceIp?: string | undefined
  /** @default read from `requestHeaders` */
  userAgent?: string | undefined
  /** @default the scope's */
  logs?: readonly LogLine[] | undefined
  /** Anything else. Masked, and at most `maxPayloadSizeBytes`. */
  metadata?: Record<string, unknown> | undefined
}

/**
 * The event on the wire, as `beforeSend` sees it: masked, bounded, plain JSON. Keys without a value are absent.
 */
export interface ReplayStackEvent {
  /** 1 to 128 visible ASCII characters; the response of a request carries it as `x-trace-id`. */
  traceId: string
  /** What kind of work it was. */
  eventType: EventType
  /** HTTP method. */
  method?: string
  /** A path without its query, or a job's name. */
  endpoint?: string
  /** Absolute, masked, at most 8192 UTF-8 bytes and never more than `maxPayloadSizeBytes`. */
  requestUrl?: string
  /** Read before the headers were masked. */
  authMode?: AuthMode
  /** The scheme as it was written, or the header that carried a key. */
  authScheme?: string
  /** Names and masked values, or a {@link TruncatedPayload}. */
  requestHeaders?: JsonValue
  /** The masked body; a {@link TruncatedPayload}; or `{ captured: false, reason }`. */
  requestPayload?: JsonValue
  /** Names and masked values, or a {@link TruncatedPayload}. */
  responseHeaders?: JsonValue
  /** The masked body; a {@link TruncatedPayload}; or `{ captured: false, reason }`. */
  responsePayload?: JsonValue
  /** How it ended. */
  status: EventStatus
  /** HTTP status. A thrown error that was not turned into a response is 500. */
  statusCode?: number
  /** Whole milliseconds of wall time. */
  executionTimeMs?: number
  /** Class of the error: `TypeError`. */
  errorName?: string
  /** Masked by shape. */
  errorMessage?: string
  /** As the runtime wrote it, masked by shape. */
  stackTrace?: string
  /** The trace's lines, 100 at most. */
  stackFrames?: StackFrame[]
  /** Oldest first, `maxBreadcrumbs` at most. */
  breadcrumbs?: Breadcrumb[]
  /** The client's option of this name. */
  serviceName?: string
  /** The client's option of this name. */
  environment?: string
  /** The client's option of this name. */
  appVersion?: string
  /** The client's option of this name. */
  commitHash?: string
  /** The client's address, as the host reports it. */
  sourceIp?: string
  /** The request's `user-agent`. */
  userAgent?: string
  /** Oldest first, `maxLogs` at most. */
  logs?: LogLine[]
  /** What adapters and the application add: `route`, `causes`, `aborted` and the like. */
  metadata?: JsonValue
}

/** What replaces a payload or header map that was over `maxPayloadSizeBytes`. */
export interface TruncatedPayload {
  /** Distinguishes the marker from a payload. */
  __truncated: true
  /** UTF-8 bytes, as far as they are known. */
  originalSizeBytes: number
  /** UTF-8 bytes that were allowed: `maxPayloadSizeBytes`. */
  maxSizeBytes: number
  /** Present where the payload was not looked at to its end: it is at least as large. */
  sizeIsMinimum?: true
  /** Characters of the masked JSON: `maxSizeBytes` or 2,000, whichever is less. */
  preview: string
}

/** The ingest API's response to one event. */
export interface CaptureResponse {
  /** A 2xx without JSON counts as `true`. */
  success: boolean
  /** The API's own message. */
  message?: string
  /** What the API returns about the event. */
  data?: {
    /** What the API calls it. */
    eventId?: string
  }
}

/**
 * What went wrong inside the SDK, by a name that does not change: an attempt took longer than `timeoutMs`, the network
 * failed, the ingest API refused an event (any status but those that follow), limited the rate (429), said that the
 * plan's limit is reached or failed (408, 5xx), an adapter has no key or a wrong option, or the SDK itself failed.
 */
export type ReplayStackErrorCode =
  | 'timeout'
  | 'network'
  | 'rejected'
  | 'rate_limited'
  | 'plan_limit'
  | 'server'
  | 'configuration'
  | 'internal'

/**
 * Every error of the SDK itself, as `onError` gets it and `raiseOnError` rejects with it. Its message is one line; the API
 * key is nowhere in it.
 */
export interface ReplayStackError extends Error {
  /** Distinguishes it from other errors, also across copies of this package. */
  readonly name: 'ReplayStackError'
  /** What to branch on. */
  readonly code: ReplayStackErrorCode
  /** The status of the ingest API's response, where there was one. */
  readonly status: number | undefined
}

/**
 * Why an event was given up: the offline queue was full (`max_queue_size`), the API refused it (`rejected`), the client was
 * closed before it could be sent (`closed`), or the SDK failed at it (`internal`, which `onError` is called with too).
 */
export type DropReason = 'max_queue_size' | 'rejected' | 'closed' | 'internal'

/** What `onQueueDrop` is called with: an event that was given up. */
export interface QueueDrop {
  /** Why it was given up. */
  reason: DropReason
  /** The event's own. */
  traceId: string
  /** Events this client has given up for this reason so far, this one included. */
  dropped: number
}

/** Counts of events: `captured = sent + pending + the sum of dropped`, at every moment. */
export interface ClientStats {
  /** Events that passed the gate. A skipped one (disabled, ignored, sampled out, …) was never captured. */
  captured: number
  /** Delivered: the API's response was a 2xx. */
  sent: number
  /** In flight, or waiting in the offline queue. */
  pending: number
  /** Given up, by reason. A reason that never happened is absent. */
  dropped: Partial<Record<DropReason, number>>
}

/** One delivery, as a {@link Transport} is called with it. */
export interface TransportRequest {
  /** JSON text, exactly as it has to be sent. */
  body: string
  /** All headers to send, the API key and the idempotency key among them. */
  headers: Record<string, string>
  /** Aborted when the attempt's `timeoutMs` is over. */
  signal: AbortSignal
  /** Milliseconds for the attempt: the client's `timeoutMs`. */
  timeoutMs: number
}

/** What a {@link Transport} resolves to. `text` is always called, so that a connection is never left half read. */
export interface TransportResponse {
  /** A 2xx is delivered; 408, 429 and 5xx are tried again; anything else is a refusal. */
  status: number
  /** `retry-after` is read, in seconds or as a date. */
  headers: {
    /** A header's value, by its name in any case. */
    get(name: string): string | null
  }
  /** The response's body. */
  text(): Promise<string>
}

/** How events leave: `fetch` by default. Reject for a network failure; resolve to a status for everything else. */
export interface Transport {
  /** Sends one event, or a batch of them. What it rejects with is a network failure: it is tried again. */
  post(url: string, request: TransportRequest): Promise<TransportResponse>
}

/** Environment variables: a Worker's `env`, or `process.env`. */
export type Environment = Readonly<Record<string, unknown>>

/** What keeps the host alive until a promise has settled: a Worker's `ctx`, for one. Called as a method of its own object. */
export interface WaitUntilLike {
  /** Returns at once. */
  waitUntil(promise: Promise<unknown>): void
}

/**
 * Options of the client. Each is taken from here, else from its environment variable, else from its default. Only an
 * object's own properties are options and variables: what it inherits is not read.
 */
export interface ClientOptions {
  /** The project's key. Required. Env: `REPLAYSTACK_API_KEY`. */
  apiKey?: string | undefined
  /**
   * Base URL of the ingestion API, without a path. An `http://` one is warned of once, because the key and every event then go
   * unencrypted, in private networks (`10.0.0.1`) too; not on this machine (`localhost`, `*.localhost`, `127.0.0.0/8`,
   * `[::1]`). Env: `REPLAYSTACK_ENDPOINT`. @default 'https://api.replaystack.co'
   */
  endpoint?: string | undefined
  /**
   * Full ingest URL. Where it ends in `/events`, batches go beside it, to `/bulk-events`; else to `endpoint`, and where that
   * is not set there are none. Env: `REPLAYSTACK_INGEST_URL`. @default '<endpoint>/api/v1/ingest/events'
   */
  ingestUrl?: string | undefined
  /** The service shown beside each event. Env: `REPLAYSTACK_SERVICE_NAME`. */
  serviceName?: string | undefined
  /** Where it runs: `production`, `staging`. Env: `REPLAYSTACK_ENVIRONMENT`, `ENVIRONMENT`, `APP_ENV`, `NODE_ENV`. @default 'development' */
  environment?: string | undefined
  /** Release, `1.2.0`. Env: `REPLAYSTACK_APP_VERSION`, `APP_VERSION`, then the Worker's `CF_VERSION_METADATA.tag`. */
  appVersion?: string | undefined
  /**
   * Commit that is deployed. Env: `REPLAYSTACK_COMMIT_HASH`, `COMMIT_HASH`, then the host's own:
   * `CF_VERSION_METADATA.id`, `VERCEL_GIT_COMMIT_SHA`, `COMMIT_REF`.
   */
  commitHash?: string | undefined
  /** `false` captures nothing. Env: `REPLAYSTACK_ENABLED`. @default true */
  enabled?: boolean | undefined
  /** Milliseconds for one attempt at delivery. Env: `REPLAYSTACK_TIMEOUT_MS`. @default 2500 */
  timeoutMs?: number | undefined
  /** Attempts after the first. Env: `REPLAYSTACK_RETRIES`. @default 1 */
  retries?: number | undefined
  /** 0 to 1: the part of all events that is captured. Failures are not promoted, but by `alwaysCaptureFailures`. Env: `REPLAYSTACK_SAMPLE_RATE`. @default 1 */
  sampleRate?: number | undefined
  /**
   * `true`: events whose status is `failed` pass `sampleRate` all the same. What is sampled out is then decided at the end of
   * the work. Env: `REPLAYSTACK_ALWAYS_CAPTURE_FAILURES`. @default false
   */
  alwaysCaptureFailures?: boolean | undefined
  /** `false` skips events whose status is `success`. Env: `REPLAYSTACK_CAPTURE_SUCCESS`. @default true */
  captureSuccess?: boolean | undefined
  /** UTF-8 bytes of one payload or header map. Env: `REPLAYSTACK_MAX_PAYLOAD_SIZE_BYTES`. @default 524288 */
  maxPayloadSizeBytes?: number | undefined
  /** Names whose values are masked besides the defaults. Case, `-`, `_`, space and camelCase are alike; `*` matches any run. */
  maskFields?: readonly string[] | undefined
  /** Masks for more than secrets, such as `personalData()` of `@replaystack/edge/masks`, or one of your own. */
  masks?: readonly Mask[] | undefined
  /** Names to mask besides, as a service returns them: `{ fields: ['ssn'] }`. */
  remoteMaskingRules?: RemoteMaskingRules | undefined
  /** Paths that are not captured: a prefix at a segment boundary (`/health` skips `/health/live`), or `prefix*`. */
  ignoredPaths?: readonly string[] | undefined
  /** Breadcrumbs kept for an event, the newest. Env: `REPLAYSTACK_MAX_BREADCRUMBS`. @default 50 */
  maxBreadcrumbs?: number | undefined
  /** Whether `captureLog` keeps anything. Env: `REPLAYSTACK_CAPTURE_LOGS`. @default true */
  captureLogs?: boolean | undefined
  /** Lowest level that `captureLog` keeps. Env: `REPLAYSTACK_LOG_LEVEL`. @default 'error' */
  logLevel?: Level | undefined
  /** Log lines kept for an event, the newest. Env: `REPLAYSTACK_MAX_LOGS`. @default 50 */
  maxLogs?: number | undefined
  /** Events kept while the API cannot be reached; the oldest is dropped first. 0 turns the queue off. Env: `REPLAYSTACK_OFFLINE_QUEUE_MAX`. @default 100 */
  offlineQueueMax?: number | undefined
  /** Milliseconds between flushes, by the timer of `@replaystack/edge/node`; a client of another entry has none, and says so once. 0 is never. Env: `REPLAYSTACK_FLUSH_INTERVAL_MS`. @default 0 */
  flushIntervalMs?: number | undefined
  /**
   * Events of one POST, 100 at most; 1 sends each by itself. What is captured by hand leaves at once, and takes along what
   * waits. With a `transport` of your own the default is 1. Env: `REPLAYSTACK_BATCH_MAX_EVENTS`. @default 20
   */
  batchMaxEvents?: number | undefined
  /**
   * Milliseconds that a recorded request's event waits for others; 0 waits for none. It never waits where delivery is
   * awaited (Lambda, `asyncSend: false`, `flush`, `close`). Env: `REPLAYSTACK_BATCH_FLUSH_INTERVAL_MS`. @default 5
   */
  batchFlushIntervalMs?: number | undefined
  /** `false`: adapters wait for delivery before they respond. @default true */
  asyncSend?: boolean | undefined
  /** `captureEvent`, `captureException` and `flush` reject with the last transport error. @default false */
  raiseOnError?: boolean | undefined
  /**
   * Every internal error, once. What it throws is contained. Without it, the first refusal or unreachable endpoint of a
   * client that has never delivered anything goes to the console.
   */
  onError?: ((error: ReplayStackError) => void) | undefined
  /** Every event that is given up. What it throws is contained. */
  onQueueDrop?: ((drop: QueueDrop) => void) | undefined
  /** The last word on the masked event: change it, or return `null` to drop it. What it returns is masked again. */
  beforeSend?: ((event: ReplayStackEvent) => ReplayStackEvent | null) | undefined
  /** What sends events instead of `fetch`: a queue, a service binding, a test. @default `fetch` */
  transport?: Transport | undefined
  /** One console line per decision, never a secret. Env: `REPLAYSTACK_DEBUG`. @default false */
  debug?: boolean | undefined
}

/** What `shouldCapture` is called with. */
export interface CaptureDecision {
  /** HTTP method. */
  method: string
  /** Without its query. */
  path: string
  /** What the event is named: `eventEndpoint`, else the path. */
  endpoint: string
  /** The response's; 0 where the work has none. */
  statusCode: number
  /** Milliseconds of wall time. */
  executionTimeMs: number
  /** What was thrown; `undefined` where nothing was. */
  error: unknown
}

/** Names to mask that a service returns. */
export interface RemoteMaskingRules {
  /** As `maskFields`. */
  fields?: readonly string[] | null | undefined
}

/** Something else that is masked, for the option `masks`. */
export interface Mask {
  /** Names whose values it masks, as in `maskFields`. */
  readonly fields?: readonly string[] | undefined
  /**
   * Finds what it masks in a text of an event, whatever field that is in, and in a JSON text as a whole, where a line break
   * is the two characters `\n`. It runs at each text: its time may grow with the text's length, and no faster. An event field in
   * which it throws is left out.
   * @param found is to be called with where each begins and ends
   */
  readonly find: (text: string, found: (start: number, end: number) => void) => void
}

/** A `ReplayStackClient`, by what distinguishes it from other objects. */
export interface ClientLike {
  /** Captures an event. */
  captureEvent(event: EventInput): Promise<CaptureResponse | null>
  /** The books. */
  stats(): ClientStats
}

/** What records a handler's calls: `tapeRecorder()` of `@replaystack/edge/tape`. */
export interface CallRecorder {
  /** The version of the tapes that it makes. */
  readonly tapeVersion: 1
}

/** Options of middleware and wrappers: the client's own, or a `client`, and how requests are recorded. */
export interface AdapterOptions<Request = unknown> extends ClientOptions {
  /** A client made before; the client options beside it are then not read. */
  client?: ClientLike | undefined
  /** Whether request bodies are recorded; `'failed'`: only where the event's status is not `success`. @default true */
  captureRequestBody?: boolean | 'failed' | undefined
  /** Whether response bodies are recorded; `'failed'`: only where the event's status is not `success`. @default true */
  captureResponseBody?: boolean | 'failed' | undefined
  /** Whether headers are recorded. @default true */
  captureHeaders?: boolean | undefined
  /** Records the calls that the handler makes to the outside: `tapeRecorder()` of `@replaystack/edge/tape`. */
  recordCalls?: CallRecorder | undefined
  /** As the client's, besides `/health`, `/metrics` and `/favicon.ico`. */
  ignoredPaths?: readonly string[] | undefined
  /** Whether a request is kept running after its client has left, so that it can be recorded. @default false */
  captureAborted?: boolean | undefined
  /** The trace id of a request; `undefined` leaves it to `x-trace-id`, `traceparent`, else a new UUID. */
  getTraceId?: ((request: Request) => string | null | undefined) | undefined
  /** Called when the outcome is known; `false` skips the event. */
  shouldCapture?: ((decision: CaptureDecision) => boolean) | undefined
  /** The started, finished and exception breadcrumbs. @default true */
  automaticBreadcrumbs?: boolean | undefined
  /** Another name of `automaticBreadcrumbs`. */
  automaticFrameworkBreadcrumbs?: boolean | undefined
  /** Names the events, in place of the path. */
  eventEndpoint?: string | undefined
}

/** Options of an adapter, or how to make them from the host's environment. */
export type AdapterConfiguration<Request> = AdapterOptions<Request> | ((env: never) => AdapterOptions<Request>)
