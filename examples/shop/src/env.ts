import type { ReplayStackVariables } from '@replaystack/edge/hono'

/** What `wrangler.toml` and `wrangler secret put` give the Worker. */
export interface Env {
  REPLAYSTACK_API_KEY: string
  CF_VERSION_METADATA: WorkerVersionMetadata
  DB: D1Database
  PARCELS: Queue<Parcel>
}

/** An order on its way through the queue. */
export interface Parcel {
  orderId: string
  sku: string
  quantity: number
}

/** A request's own recorder, for breadcrumbs. */
export type Recorder = ReplayStackVariables['replaystack']
