/** A project's alerts, in SQL: rules, whether each is met, and messages that a webhook has not taken yet. */
import { type Alert, type AlertFields, type AlertRule, shortenUrl, windowMsOf } from '../alerts/alert.ts'
import { parseQuery } from '../query/parse-query.ts'
import type { EventSummary } from '../store.ts'
import type { Row, SqlDriver } from './driver.ts'
import { type Statement, SUMMARY_COLUMNS, selectEvents } from './queries.ts'
import { readOptionalNumber, readOptionalText, readSummary, readText } from './rows.ts'

const MINUTE_MS = 60_000

/** A message for a webhook. */
export interface AlertDelivery {
  deliveryId: string
  alertId: string
  body: string
  /** How often it was sent so far. */
  attempts: number
}

export function listAlerts(driver: SqlDriver): Alert[] {
  return driver.query('SELECT * FROM alerts ORDER BY created_at, rowid').map(row => {
    const time = (column: string) => {
      const at = readOptionalNumber(row, column)
      return at === undefined ? undefined : new Date(at).toISOString()
    }
    const fields = readFields(row)
    return {
      alertId: readText(row, 'alert_id'),
      ...fields,
      url: shortenUrl(fields.url),
      createdAt: time('created_at') ?? '',
      triggeredAt: time('triggered_at'),
      deliveredAt: time('delivered_at'),
      failure: readOptionalText(row, 'failure'),
    }
  })
}

export function findRule(driver: SqlDriver, alertId: string): AlertRule | undefined {
  return driver.query('SELECT * FROM alerts WHERE alert_id = ?', alertId).map(readRule)[0]
}

export function addAlert(driver: SqlDriver, rule: AlertRule, now: number): void {
  const { alertId, name, query, threshold, url, secret, hasContent, enabled, inboxUrl } = rule
  driver.query(
    `INSERT INTO alerts (alert_id, name, query, threshold, window_ms, url, secret, has_content, enabled, inbox_url, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    alertId,
    name,
    query,
    threshold,
    windowMsOf(rule),
    url,
    secret,
    Number(hasContent),
    Number(enabled),
    inboxUrl,
    now,
  )
}

export function updateAlert(driver: SqlDriver, alertId: string, fields: AlertFields): void {
  const { name, query, threshold, url, hasContent, enabled } = fields
  driver.query(
    `UPDATE alerts SET name = ?, query = ?, threshold = ?, window_ms = ?, url = ?, has_content = ?, enabled = ?
      WHERE alert_id = ?`,
    name,
    query,
    threshold,
    windowMsOf(fields),
    url,
    Number(hasContent),
    Number(enabled),
    alertId,
  )
}

/** Removes a rule, with its messages that are still to be sent. @returns whether there was one */
export function removeAlert(driver: SqlDriver, alertId: string): boolean {
  return driver.transaction(() => {
    driver.query('DELETE FROM alert_deliveries WHERE alert_id = ?', alertId)
    return driver.query('DELETE FROM alerts WHERE alert_id = ? RETURNING 1', alertId).length > 0
  })
}

/** The rules that are on. */
export function enabledRules(driver: SqlDriver): AlertRule[] {
  return driver.query('SELECT * FROM alerts WHERE enabled = 1').map(readRule)
}

export function markTriggered(driver: SqlDriver, alertId: string, now: number): void {
  driver.query('UPDATE alerts SET triggered_at = ? WHERE alert_id = ?', now, alertId)
}

export function markOutcome(driver: SqlDriver, alertId: string, failure: string | undefined, now: number): void {
  const sql =
    'UPDATE alerts SET failure = ?, delivered_at = CASE WHEN ? THEN ? ELSE delivered_at END WHERE alert_id = ?'
  driver.query(sql, failure ?? null, Number(failure === undefined), now, alertId)
}

/** The sequence of the newest event; 0 where there is none. */
export function newestSequence(driver: SqlDriver): number {
  return readOptionalNumber(driver.query('SELECT max(sequence) AS newest FROM events')[0], 'newest') ?? 0
}

const MARK = 'alerts.checked'

/** The newest event that was there when rules were checked last; 0 before. */
export function readMark(driver: SqlDriver): number {
  return Number(driver.query('SELECT value FROM settings WHERE name = ?', MARK)[0]?.['value'] ?? 0)
}

export function writeMark(driver: SqlDriver, sequence: number): void {
  driver.query('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)', MARK, String(sequence))
}

/**
 * How many events meet a rule within its window: those after `known`, and all, counted no further than is needed to say that the
 * threshold was met before those as well.
 */
export function countMatches(
  driver: SqlDriver,
  rule: AlertRule,
  known: number,
  now: number,
): { fresh: number; all: number } {
  const from = now - windowMsOf(rule)
  const count = (after: number, limit: number) => {
    const { sql, values } = selectMatches('1', rule, { after, from, limit })
    return Number(driver.query(`SELECT count(*) AS count FROM (${sql})`, ...values)[0]?.['count'])
  }
  const fresh = count(known, rule.threshold)
  if (fresh === 0) return { fresh, all: 0 }
  // All that came within the window has a sequence after this one: older events are not looked at.
  const [first] = driver.query('SELECT sequence FROM events WHERE received_at > ? ORDER BY received_at LIMIT 1', from)
  return { fresh, all: count(Math.min(Number(first?.['sequence']) - 1, known), rule.threshold + fresh) }
}

/** The newest event that meets a rule, of those after `known`. */
export function newestMatch(driver: SqlDriver, rule: AlertRule, known: number, now: number): EventSummary | undefined {
  const around = { after: known, from: now - windowMsOf(rule), limit: 1 }
  const { sql, values } = selectMatches(SUMMARY_COLUMNS, rule, around)
  return driver.query(sql, ...values).map(readSummary)[0]
}

interface Matches {
  after: number
  /** Milliseconds since the epoch; what was accepted by then is left out. */
  from: number
  limit: number
}

function selectMatches(columns: string, rule: AlertRule, { after, from, limit }: Matches): Statement {
  const conditions = { query: parseQuery(rule.query) }
  const tail = `ORDER BY sequence DESC LIMIT ${limit}`
  return selectEvents(columns, conditions, { after, and: `received_at > ${from}`, tail })
}

export function addDelivery(driver: SqlDriver, { deliveryId, alertId, body }: AlertDelivery, nextAt: number): void {
  const sql = 'INSERT INTO alert_deliveries (delivery_id, alert_id, body, next_at) VALUES (?, ?, ?, ?)'
  driver.query(sql, deliveryId, alertId, body, nextAt)
}

/** Messages whose time has come. Each is put off, so that nobody else sends it meanwhile. */
export function takeDueDeliveries(driver: SqlDriver, now: number, leaseMs: number, limit: number): AlertDelivery[] {
  const sql = `UPDATE alert_deliveries SET attempts = attempts + 1, next_at = ? WHERE delivery_id IN
    (SELECT delivery_id FROM alert_deliveries WHERE next_at <= ? ORDER BY next_at LIMIT ?) RETURNING *`
  return driver.query(sql, now + leaseMs, now, limit).map(row => ({
    deliveryId: readText(row, 'delivery_id'),
    alertId: readText(row, 'alert_id'),
    body: readText(row, 'body'),
    attempts: Number(row['attempts']),
  }))
}

export function putOffDelivery(driver: SqlDriver, deliveryId: string, nextAt: number): void {
  driver.query('UPDATE alert_deliveries SET next_at = ? WHERE delivery_id = ?', nextAt, deliveryId)
}

export function removeDelivery(driver: SqlDriver, deliveryId: string): void {
  driver.query('DELETE FROM alert_deliveries WHERE delivery_id = ?', deliveryId)
}

/** When the next message is due: milliseconds since the epoch. */
export function nextDeliveryAt(driver: SqlDriver): number | undefined {
  return readOptionalNumber(driver.query('SELECT min(next_at) AS next FROM alert_deliveries')[0], 'next')
}

function readRule(row: Row): AlertRule {
  return {
    alertId: readText(row, 'alert_id'),
    ...readFields(row),
    secret: readText(row, 'secret'),
    inboxUrl: readText(row, 'inbox_url'),
    triggeredAt: readOptionalNumber(row, 'triggered_at'),
  }
}

function readFields(row: Row): AlertFields {
  return {
    name: readText(row, 'name'),
    query: readText(row, 'query'),
    threshold: Number(row['threshold']),
    windowMinutes: Number(row['window_ms']) / MINUTE_MS,
    url: readText(row, 'url'),
    hasContent: row['has_content'] === 1,
    enabled: row['enabled'] === 1,
  }
}
