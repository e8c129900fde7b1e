import { EVENT_STATUSES, EVENT_TYPES } from '../event-values.ts'
import type { EventSummary, EventVolume } from '../store.ts'
import type { Row } from './driver.ts'

export function readSummary(row: Row): EventSummary {
  return {
    id: readText(row, 'id'),
    receivedAt: readTime(row),
    traceId: readText(row, 'trace_id'),
    eventType: readOneOf(row, 'event_type', EVENT_TYPES),
    method: readOptionalText(row, 'method'),
    route: readOptionalText(row, 'route'),
    endpoint: readOptionalText(row, 'endpoint'),
    urlQuery: readOptionalText(row, 'url_query'),
    status: readOneOf(row, 'status', EVENT_STATUSES),
    statusCode: readOptionalNumber(row, 'status_code'),
    executionTimeMs: readOptionalNumber(row, 'execution_time_ms'),
    errorName: readOptionalText(row, 'error_name'),
    errorMessage: readOptionalText(row, 'error_message'),
    serviceName: readOptionalText(row, 'service_name'),
    environment: readOptionalText(row, 'environment'),
    appVersion: readOptionalText(row, 'app_version'),
    commitHash: readOptionalText(row, 'commit_hash'),
    sizeBytes: readOptionalNumber(row, 'size_bytes'),
    pinned: row['pinned'] === 1 || undefined,
    note: readOptionalText(row, 'note'),
    issueId: readOptionalText(row, 'issue_id'),
    replayOf: readOptionalText(row, 'replay_of'),
  }
}

/**
 * One entry for each part of a time, from the rows of those that have events.
 *
 * @param edges where each part begins, in milliseconds since the epoch
 */
export function readVolumes(rows: readonly Row[], edges: readonly number[]): EventVolume[] {
  const volumes = edges.map(edge => ({
    from: new Date(edge).toISOString(),
    success: 0,
    warning: 0,
    failed: 0,
    pending: 0,
  }))
  for (const row of rows) {
    const volume = volumes[Number(row['bucket'])]
    if (volume) volume[readOneOf(row, 'status', EVENT_STATUSES)] += Number(row['count'])
  }
  return volumes
}

export function readTime(row: Row): string {
  return new Date(Number(row['received_at'])).toISOString()
}

export function readText(row: Row, column: string): string {
  return String(row[column])
}

export function readOptionalNumber(row: Row | undefined, column: string): number | undefined {
  const value = row?.[column]
  return typeof value === 'number' ? value : undefined
}

export function readOptionalText(row: Row | undefined, column: string): string | undefined {
  const value = row?.[column]
  return typeof value === 'string' ? value : undefined
}

export function readOneOf<const Value extends string>(row: Row, column: string, values: readonly Value[]): Value {
  const found = values.find(value => value === row[column])
  if (found === undefined) throw new Error(`The database holds an unknown ${column}`)
  return found
}
