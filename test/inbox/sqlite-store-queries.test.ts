import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteStore } from '../../src/inbox/local/sqlite-store.ts'
import { parseQuery } from '../../src/inbox/query/parse-query.ts'
import {
  listQuery,
  RANGE_SQL,
  SERVICE_NAMES_SQL,
  type Statement,
  TRACE_SQL,
  volumeQuery,
} from '../../src/inbox/sql/queries.ts'
import type { EventConditions } from '../../src/inbox/store.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

/** How SQLite goes about a query on an inbox's file. */
function explain(query: string | Statement): string[] {
  const { sql, values } = typeof query === 'string' ? { sql: query, values: [] } : query
  const file = join(createTemporaryFolder(), 'events.db')
  openSqliteStore({ file }).close()
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  const statement = database.prepare(`EXPLAIN QUERY PLAN ${sql}`)
  return statement.all(...values).map(step => String(step['detail']))
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

  it('that is searched reads the words’ index, newest first, without a sort', () => {
    for (const query of ['a', 'a "b c" -d', 'a is:failed duration:>5', 'a OR b -c']) {
      const steps = explain(listQuery({ query: parseQuery(query) }))
      expect(steps).toEqual([
        expect.stringMatching(/^SCAN event_text VIRTUAL TABLE INDEX \d+:M/),
        'SEARCH events USING INTEGER PRIMARY KEY (rowid=?)',
      ])
    }
  })

  it('of one trace is found by its index', () => {
    expect(explain(listQuery({ query: parseQuery('trace:a') }))).toEqual([
      'SEARCH events USING INDEX events_trace_id (trace_id=?)',
    ])
  })
})

describe('a volume', () => {
  it.each(filters)('of %j is counted in an index alone', filter => {
    const [step] = explain(volumeQuery(filter, 0, 1000, 60))
    expect(step).toMatch(/^SEARCH events USING COVERING INDEX events_\w+ \(/)
  })
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
