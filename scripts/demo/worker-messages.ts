/** What the demo asks of the process that runs the Worker. */
export interface WorkerOrder {
  /** `wrangler.toml`. */
  config: string
  /** The statements that make its database. */
  schema: string
  /** Where its database is kept. */
  folder: string
  /** 0 takes a free one. */
  port: number
  /** What the Worker's `env` holds besides `vars`. */
  variables: Readonly<Record<string, string>>
  /** A file that need not be there: naming one keeps the developer's own `.dev.vars` and `.env` out. */
  environmentFile: string
}

/** What that process answers, once. */
export type WorkerAnswer = { url: string } | { failed: string }
