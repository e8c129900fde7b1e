import { getPlatformProxy, unstable_splitSqlQuery as splitSqlQuery } from 'wrangler'

/** The members of D1 that are used. */
interface Database {
  prepare(statement: string): object
  batch(statements: object[]): Promise<unknown>
}

interface LocalDatabase {
  /** `wrangler.toml`. */
  config: string
  /** The statements that make its tables. */
  schema: string
  /** Where it is kept: what `wrangler dev --persist-to` names. */
  folder: string
  /** Files of variables, in place of `.dev.vars` and `.env`. */
  envFiles?: string[]
}

/** As `wrangler d1 execute --local --file` does, in less time: the Worker opens its database at the first request. */
export async function fillDatabase({ config, schema, folder, envFiles }: LocalDatabase): Promise<void> {
  const { env, dispose } = await getPlatformProxy<{ DB: Database }>({
    configPath: config,
    ...(envFiles && { envFiles }),
    persist: { path: `${folder}/v3` },
    remoteBindings: false,
  })
  try {
    await env.DB.batch(splitSqlQuery(schema).map(statement => env.DB.prepare(statement)))
  } finally {
    await dispose()
  }
}
