import { EVENT_STATUSES, EVENT_TYPES } from './event-values.ts'
import type { EventSummary } from './store.ts'

/** A list's row, read from an inbox's JSON; `undefined` when it is not one. */
export function readEventSummary(json: string): EventSummary | undefined {
  const row = parseObject(json)
  const eventType = EVENT_TYPES.find(type => type === row['eventType'])
  const status = EVENT_STATUSES.find(value => value === row['status'])
  const [id, receivedAt, traceId] = [row['id'], row['receivedAt'], row['traceId']].map(readText)
  if (id === undefined || receivedAt === undefined || traceId === undefined || !eventType || !status) return undefined
  return {
    id,
    receivedAt,
    traceId,
    eventType,
    method: readText(row['method']),
    route: readText(row['route']),
    endpoint: readText(row['endpoint']),
    urlQuery: readText(row['urlQuery']),
    status,
    statusCode: readNumber(row['statusCode']),
    executionTimeMs: readNumber(row['executionTimeMs']),
    errorName: readText(row['errorName']),
    errorMessage: readText(row['errorMessage']),
    serviceName: readText(row['serviceName']),
    environment: readText(row['environment']),
    appVersion: readText(row['appVersion']),
    commitHash: readText(row['commitHash']),
    sizeBytes: readNumber(row['sizeBytes']),
    pinned: row['pinned'] === true || undefined,
    note: readText(row['note']),
    issueId: readText(row['issueId']),
    replayOf: readText(row['replayOf']),
  }
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function readNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
