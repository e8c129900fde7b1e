import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS } from '../../src/inbox/sql/migrations.ts'
import type { ReplayStackEvent } from '../../src/types.ts'

/** Writes a database as the first version of the inbox made it. Ids are `id-0`, `id-1`, …; keys `key-0`, `key-1`, …. */
export function writeVersionOneFile(file: string, events: readonly ReplayStackEvent[]): void {
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = WAL; ${MIGRATIONS[0]}
    PRAGMA application_id = ${0x52504c59}; PRAGMA user_version = 1; BEGIN`)
  const insert = database.prepare(`INSERT INTO events (id, idempotency_key, received_at, trace_id, event_type, endpoint,
    status, error_message, service_name, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  for (const [index, event] of events.entries()) {
    const { traceId, eventType, endpoint = null, status, errorMessage = null, serviceName = null } = event
    insert.run(
      `id-${index}`,
      `key-${index}`,
      Date.UTC(2026, 0, 1) + index,
      traceId,
      eventType,
      endpoint,
      status,
      errorMessage,
      serviceName,
      JSON.stringify(event),
    )
  }
  database.exec('COMMIT')
  database.close()
}
