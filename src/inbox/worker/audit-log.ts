/** Who did what: each request that changes something, refused ones of who is known too, and some of those with a wrong token. */
import type { SqlDriver } from '../sql/driver.ts'

export interface AuditEntry {
  /** The person or the token's name; for a token that is unknown, the address that it was sent from. */
  who: string
  /** The method and the path that it was asked of: `DELETE /api/v1/admin/tokens/…`. */
  action: string
  /** The address of what was made; else the same path. */
  target: string
  /** The response's. */
  status: number
}

export interface AuditRecord extends AuditEntry {
  id: number
  /** ISO 8601, UTC. */
  at: string
}

/** Older ones are removed. */
const MAX_ENTRIES = 20_000
/** Milliseconds for which an entry is kept: a year. */
const MAX_AGE_MS = 365 * 86_400_000
/** Entries too old that are removed with each one that is added: the first after a long time does not wait for all. */
const MAX_REMOVED = 100
/** Entries of refused tokens: anybody can make as many as they like, and they take no other's place. */
const MAX_REFUSED = 1_000

/** Characters of an entry's field: paths and names are others' choice. */
const MAX_LENGTH = 500

export class AuditLog {
  readonly #driver: SqlDriver
  readonly #now: () => number

  constructor(driver: SqlDriver, now: () => number = Date.now) {
    this.#driver = driver
    this.#now = now
  }

  add({ who, action, target, status }: AuditEntry): void {
    const sql = 'INSERT INTO audit (at, who, action, target, status) VALUES (?, ?, ?, ?, ?)'
    const [name, what, where] = [who, action, target].map(text => text.slice(0, MAX_LENGTH))
    this.#driver.query(sql, this.#now(), name ?? '', what ?? '', where ?? '', status)
    this.#driver.query('DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?', MAX_ENTRIES)
    const oldest = 'SELECT id FROM audit ORDER BY id LIMIT ?'
    const minimum = this.#now() - MAX_AGE_MS
    this.#driver.query(`DELETE FROM audit WHERE id IN (${oldest}) AND at < ?`, MAX_REMOVED, minimum)
    if (status !== 401) return
    const beyond = 'SELECT id FROM audit WHERE status = 401 ORDER BY id DESC LIMIT -1 OFFSET ?'
    this.#driver.query(`DELETE FROM audit WHERE id IN (${beyond})`, MAX_REFUSED)
  }

  /** The newest first. @param before the id of the last that is known */
  list(limit: number, before: number = Number.MAX_SAFE_INTEGER): AuditRecord[] {
    const rows = this.#driver.query('SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?', before, limit)
    return rows.map(row => ({
      id: Number(row['id']),
      at: new Date(Number(row['at'])).toISOString(),
      who: String(row['who']),
      action: String(row['action']),
      target: String(row['target']),
      status: Number(row['status']),
    }))
  }
}
