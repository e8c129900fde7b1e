/** Cloudflare's platform, of what the team's inbox uses of it. */
import type { MapBucket } from '../uploaded-maps/map-bucket.ts'

/** @see https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/ */
export interface ObjectStorage {
  readonly sql: {
    exec(sql: string, ...values: (string | number | null)[]): { toArray(): Record<string, unknown>[] }
    /** Bytes, without what is free for more. */
    readonly databaseSize: number
  }
  transactionSync<Result>(work: () => Result): Result
  getAlarm(): Promise<number | null>
  setAlarm(time: number): Promise<void>
}

export interface ObjectState {
  readonly id: { readonly name?: string | undefined }
  readonly storage: ObjectStorage
}

export interface ObjectStub {
  fetch(request: Request): Promise<Response>
}

/** A binding of Durable Objects. */
export interface ObjectNamespace {
  idFromName(name: string): unknown
  get(id: unknown): ObjectStub
}

export interface QueueProducer {
  sendBatch(messages: Iterable<{ body: string; contentType: 'text' }>): Promise<unknown>
}

export interface QueueMessage {
  readonly id: string
  readonly body: unknown
  ack(): void
  retry(options?: { delaySeconds?: number }): void
}

export interface QueueBatch {
  readonly queue: string
  readonly messages: readonly QueueMessage[]
}

export interface StoredObject {
  readonly key: string
  readonly uploaded: Date
}

/** @see https://developers.cloudflare.com/r2/api/workers/workers-api-reference/ */
export interface Bucket extends Omit<MapBucket, 'list'> {
  list(options: {
    prefix: string
    cursor?: string
    limit?: number
  }): Promise<{ objects: StoredObject[] } & ({ truncated: false } | { truncated: true; cursor: string })>
}

export interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void
  passThroughOnException(): void
  readonly props: unknown
}

/** What the Worker and its objects are bound to: the names that `wrangler.jsonc` gives. */
export interface TeamInboxEnv {
  /** Durable Objects of the class `InboxProject`. */
  PROJECTS: ObjectNamespace
  /** Durable Objects of the class `InboxDirectory`. */
  DIRECTORY: ObjectNamespace
  /** Takes events to their project. */
  EVENT_QUEUE: QueueProducer
  /** Keeps events that are too large for the queue, and those that could not be stored. */
  EVENT_BUCKET: Bucket
  /**
   * The project that the inbox's own errors are recorded in: made like any other, and not one that an application sends to.
   * @default they are logged alone
   */
  ERRORS_PROJECT?: string
  /** A secret of 32 characters or more. Who has it may do everything. */
  ADMIN_TOKEN?: string
  /**
   * The team of Cloudflare Access: `acme`, `acme.cloudflareaccess.com` or its address. It is needed where the runtime says
   * nothing of Access by itself: then the token that Access adds to each request is verified by this team's keys.
   */
  ACCESS_TEAM_DOMAIN?: string
  /** The Application Audience (AUD) tag of the Access application before the Worker. Without it, nobody comes in by Access. */
  ACCESS_AUD?: string
  /** What those may do whom Access lets in, and whom no admin has added: `read` or `write`, in all projects. @default nothing */
  ACCESS_DEFAULT_ROLE?: string
}
