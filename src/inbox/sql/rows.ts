import { EVENT_STATUSES, EVENT_TYPES } from '../event-values.ts'
import type { EventSummary, EventVolume } from '../store.ts'

export type Row = Record<string, unknown>

export function readSummary(row: Row): EventSummary {
  return {
    id: readText(row, 'id'),
    receivedAt: readTime(row),
    traceId: readText(row, 'trace_id'),
    eventType: readOneOf(row, 'event_type', EVENT_TYPES),
    method: readOptionalText(row, 'method'),
    endpoint: readOptionalText(row, 'endpoint'),
    status: readOneOf(row, 'status', EVENT_STATUSES),
    statusCode: readOptionalNumber(row, 'status_code'),
    executionTimeMs: readOptionalNumber(row, 'execution_time_ms'),
    errorName: readOptionalText(row, 'error_name'),
    errorMessage: readOptionalText(row, 'error_message'),
    serviceName: readOptionalText(row, 'service_name'),
    environment: readOptionalText(row, 'environment'),
  }
}

/** @param from milliseconds since the epoch */
export function readVolume(row: Row | undefined, from: number): EventVolume {
  const count = (status: keyof EventVolume) => Number(row?.[status] ?? 0)
  return {
    from: new Date(from).toISOString(),
    success: count('success'),
    warning: count('warning'),
    failed: count('failed'),
    pending: count('pending'),
  }
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

function readOneOf<const Value extends string>(row: Row, column: string, values: readonly Value[]): Value {
  const found = values.find(value => value === row[column])
  if (found === undefined) throw new Error(`The database holds an unknown ${column}`)
  return found
}
