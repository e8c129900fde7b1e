import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import {
  listQuery,
  type Query,
  RANGE_SQL,
  SERVICE_NAMES_SQL,
  TRACE_SQL,
  volumeQuery,
} from '../../src/inbox/sql/queries.ts'
import type { EventConditions } from '../../src/inbox/store.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

/** How SQLite goes about a query on an inbox's file. */
function explain(query: string | Query): string[] {
  const { sql, values } = typeof query === 'string' ? { sql: query, values: undefined } : query
  const file = join(createTemporaryFolder(), 'events.db')
  openSqliteStore({ file }).close()
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  const statement = database.prepare(`EXPLAIN QUERY PLAN ${sql}`)
  return (values ? statement.all(values) : statement.all()).map(step => String(step['detail']))
}

/** Every way to combine the filters that have an index. */
const filters: EventConditions[] = [{}, { status: 'failed' } as const].flatMap(status =>
  [{}, { type: 'cron' } as const].flatMap(type =>
    [{}, { service: 'shop' }].map(service => ({ ...status, ...type, ...service })),
  ),
)

describe('a list', () => {
  it.each(filters.slice(1))('of %j is read from an index, newest first, without a sort', filter => {
    const names = { status: 'status', type: 'event_type', service: 'service_name' }
    for (const before of [undefined, 5]) {
      const [step, ...more] = explain(listQuery({ ...filter, before }))
      const column = /USING INDEX events_(\w+) /.exec(step ?? '')?.[1]
      expect(Object.keys(filter).map(name => names[name as keyof typeof names])).toContain(column)
      expect(step).toBe(
        `SEARCH events USING INDEX events_${column} (${column}=?${before === undefined ? '' : ' AND sequence<?'})`,
      )
      expect(more).toEqual([])
    }
  })

  it('without a filter is the table backwards', () => {
    expect(explain(listQuery({}))).toEqual(['SCAN events'])
    expect(explain(listQuery({ before: 5 }))).toEqual(['SEARCH events USING INTEGER PRIMARY KEY (rowid<?)'])
  })

  it('tells further filters apart within the index, before it looks at a row', () => {
    // A covering index has every column that is asked for: both of these, the second filter's too.
    const columns = 'sequence, status, event_type, service_name'
    for (const filter of filters.slice(1)) {
      const query = listQuery(filter)
      const [step] = explain({ ...query, sql: query.sql.replace(/^SELECT.*? FROM/s, `SELECT ${columns} FROM`) })
      expect(step).toMatch(/^SEARCH events USING COVERING INDEX events_/)
    }
  })

  it('that is searched needs no sort either', () => {
    expect(explain(listQuery({ q: 'a' }))).toEqual(['SCAN events'])
    const [step, ...more] = explain(listQuery({ q: 'a', status: 'failed' }))
    expect(step).toBe('SEARCH events USING INDEX events_status (status=?)')
    expect(more).toEqual([])
  })
})

describe('a volume', () => {
  const between = '(received_at>? AND received_at<?)'

  it.each(filters.flatMap(filter => [filter, { ...filter, q: 'a' }]))(
    'of %j is counted in the index of times alone',
    filter => {
      const query = volumeQuery(filter)
      expect(explain({ ...query, values: { ...query.values, from: 0, to: 1 } })).toEqual([
        `SEARCH events USING COVERING INDEX events_received_at ${between}`,
      ])
    },
  )
})

describe('what else is read', () => {
  it('finds a trace by its index, oldest first', () => {
    expect(explain(TRACE_SQL)).toEqual(['SEARCH events USING INDEX events_trace_id (trace_id=?)'])
  })

  it('steps from service to service', () => {
    const touching = explain(SERVICE_NAMES_SQL).filter(step => /events/.test(step))
    expect(touching).toEqual([
      'SEARCH events USING COVERING INDEX events_service_name',
      'SEARCH events USING COVERING INDEX events_service_name (service_name>?)',
    ])
  })

  it('takes the first and last time from the ends of their index', () => {
    const touching = explain(RANGE_SQL).filter(step => /events/.test(step))
    expect(touching).toEqual(Array(2).fill('SEARCH events USING COVERING INDEX events_received_at'))
  })
})
