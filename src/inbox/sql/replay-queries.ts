import { EVENT_STATUSES } from '../event-values.ts'
import { type KeptReplay, REPLAY_OUTCOMES, type ReplayRecord } from '../replay/replay-record.ts'
import type { SqlDriver } from './driver.ts'
import { readOneOf, readOptionalNumber, readOptionalText, readText } from './rows.ts'

/** Replays of one event that are kept: the oldest go first. */
const MAX_REPLAYS = 100

/** To be called in a transaction. */
export function addReplay(driver: SqlDriver, replay: ReplayRecord): void {
  const { eventId } = replay
  driver.query(
    `INSERT OR REPLACE INTO replays (replay_id, event_id, started_at, target, outcome, verdict, original_status_code,
        status_code, duration_ms, trace_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    replay.replayId,
    eventId,
    Date.parse(replay.startedAt),
    replay.target ?? null,
    replay.outcome ?? null,
    replay.verdict ?? null,
    replay.originalStatusCode ?? null,
    replay.statusCode ?? null,
    replay.durationMs ?? null,
    replay.traceId ?? null,
  )
  driver.query(
    `DELETE FROM replays WHERE event_id = ? AND replay_id NOT IN
      (SELECT replay_id FROM replays WHERE event_id = ? ORDER BY started_at DESC, rowid DESC LIMIT ${MAX_REPLAYS})`,
    eventId,
    eventId,
  )
}

/** Newest first, each with the event that came of it. */
export function listReplays(driver: SqlDriver, eventId: string, limit: number): KeptReplay[] {
  const rows = driver.query(
    `SELECT replays.*, came.id AS came_id, came.status AS came_status
      FROM replays LEFT JOIN events AS came ON came.sequence = (SELECT max(sequence) FROM events
        WHERE replay_of = replays.event_id AND trace_id = replays.trace_id)
      WHERE event_id = ? ORDER BY started_at DESC, replays.rowid DESC LIMIT ?`,
    eventId,
    limit,
  )
  return rows.map(row => {
    const cameId = readOptionalText(row, 'came_id')
    return {
      replayId: readText(row, 'replay_id'),
      eventId,
      startedAt: new Date(Number(row['started_at'])).toISOString(),
      target: readOptionalText(row, 'target'),
      outcome: REPLAY_OUTCOMES.find(outcome => outcome === row['outcome']),
      verdict: readOptionalText(row, 'verdict'),
      originalStatusCode: readOptionalNumber(row, 'original_status_code'),
      statusCode: readOptionalNumber(row, 'status_code'),
      durationMs: readOptionalNumber(row, 'duration_ms'),
      traceId: readOptionalText(row, 'trace_id'),
      ...(cameId !== undefined && {
        replayEvent: { id: cameId, status: readOneOf(row, 'came_status', EVENT_STATUSES) },
      }),
    }
  })
}
