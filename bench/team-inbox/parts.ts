/** Stores in objects that count what is written, and a Worker that only reads. */
import { parseQuery } from '../../src/inbox/query/parse-query.ts'
import { createSqlStore } from '../../src/inbox/sql/sql-store.ts'
import type { EventStore } from '../../src/inbox/store.ts'
import { openObjectDriver } from '../../src/inbox/worker/object-driver.ts'
import type { ObjectStorage } from '../../src/inbox/worker/platform.ts'
import { eventOf } from './event-of.mjs'

interface Cursor {
  toArray(): Record<string, unknown>[]
  readonly rowsWritten: number
}

interface Storage extends ObjectStorage {
  readonly sql: ObjectStorage['sql'] & { exec(sql: string, ...values: (string | number | null)[]): Cursor }
}

interface Call {
  object: string
  events: number
  batch: number
  drop?: string
  name: string
  id: string
}

/** What is asked of a full object; the first is the reference. */
const QUERIES: Record<string, (store: EventStore, id: string) => unknown> = {
  'one event, whole (reference)': (store, id) => store.get(id),
  list: store => store.list(),
  'list of failures': store => store.list({ query: parseQuery('is:failed') }),
  'search: a word that all have': store => store.list({ query: parseQuery('orders') }),
  'search: a word that few have': store => store.list({ query: parseQuery('"sku 77"') }),
  'search: a word that none has': store => store.list({ query: parseQuery('nothing') }),
  'search: -word, with a status': store => store.list({ query: parseQuery('is:failed -orders') }),
  issues: store => store.issues(),
  'issues of a query': store => store.issues({ query: parseQuery('service:shop') }),
  routes: store => store.routes(),
  'volume of all, 60 parts': store => store.volume({}, { from: Date.now() - 86_400_000, to: Date.now(), buckets: 60 }),
}

export class Parts {
  readonly #storage: Storage
  #store: EventStore | undefined
  readonly #rows = new Map<string, number>()

  constructor({ storage }: { storage: Storage }) {
    this.#storage = storage
  }

  async fetch(request: Request): Promise<Response> {
    const call: Call = await request.json()
    const work = new URL(request.url).pathname.slice(1)
    return Response.json(this.#run(work, call) ?? null)
  }

  #run(work: string, { events, batch, drop, name, id }: Call): unknown {
    const store = this.#open()
    if (work === 'mechanisms') return this.#mechanisms()
    if (work === 'size') return { bytes: this.#storage.sql.databaseSize }
    if (work === 'queries') return Object.keys(QUERIES)
    if (work === 'query') return void QUERIES[name]?.(store, id)
    if (drop) this.#storage.sql.exec(drop)
    this.#rows.clear()
    if (work === 'prune') {
      const limited = createSqlStore(this.#driver(), { maxEvents: events })
      this.#fill(limited, events, batch)
      const total = this.#total()
      return { rows: total.rows.byStatement['DELETE'] ?? 0 }
    }
    this.#fill(store, events, batch)
    return work === 'fill' ? { id: store.list({ limit: 1 }).events[0]?.id } : this.#total()
  }

  #fill(store: EventStore, events: number, batch: number): void {
    for (let n = 0; n < events; n += batch) {
      store.insertMany(Array.from({ length: batch }, (_, index) => eventOf(n + index)))
    }
  }

  #open(): EventStore {
    this.#store ??= createSqlStore(this.#driver(), { maxEvents: 10_000_000, maxBytes: 9e9 })
    return this.#store
  }

  #driver() {
    const { sql } = this.#storage
    const exec = (statement: string, ...values: (string | number | null)[]): Cursor => {
      const cursor = sql.exec(statement, ...values)
      const rows = cursor.toArray()
      const name =
        /^\s*(?:(?:INSERT|REPLACE)(?: OR \w+)? INTO|UPDATE|DELETE FROM) (\w+)/.exec(statement)?.[0] ?? 'other'
      const key = name.startsWith('DELETE') ? 'DELETE' : name
      this.#rows.set(key, (this.#rows.get(key) ?? 0) + cursor.rowsWritten)
      return { toArray: () => rows, rowsWritten: cursor.rowsWritten }
    }
    const counting = {
      exec,
      get databaseSize() {
        return sql.databaseSize
      },
    }
    const storage: ObjectStorage = {
      sql: counting,
      transactionSync: work => this.#storage.transactionSync(work),
      getAlarm: () => this.#storage.getAlarm(),
      setAlarm: time => this.#storage.setAlarm(time),
    }
    return openObjectDriver(storage)
  }

  #total() {
    const byStatement = Object.fromEntries([...this.#rows].sort(([, one], [, other]) => other - one))
    const total = [...this.#rows.values()].reduce((sum, rows) => sum + rows, 0)
    return { rows: { total, byStatement } }
  }

  /** What can be taken away by itself, and how. */
  #mechanisms(): [string, string][] {
    const rows = this.#storage.sql
      .exec(`SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '\\_%' ESCAPE '\\'
        AND (type = 'index' OR type = 'trigger' AND name LIKE '%inserted')`)
      .toArray()
    return rows.map(({ type, name }) => [`${String(type)} ${String(name)}`, `DROP ${String(type)} ${String(name)}`])
  }
}

interface Env {
  PARTS: { idFromName(name: string): unknown; get(id: unknown): { fetch(request: Request): Promise<Response> } }
}

export default {
  async fetch(request: Request, { PARTS }: Env): Promise<Response> {
    const text = await request.text()
    if (new URL(request.url).pathname === '/read') return Response.json({ success: true, length: text.length })
    const { object }: Call = JSON.parse(text)
    return PARTS.get(PARTS.idFromName(object)).fetch(new Request(request, { body: text }))
  },
}
