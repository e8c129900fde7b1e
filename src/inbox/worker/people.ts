/** Those whom Cloudflare Access lets in, and what each may do. */
import type { SqlDriver } from '../sql/driver.ts'
import { type Rights, readRights, readTime, writeProjects } from './directory-store.ts'

export interface Person extends Rights {
  /** An e-mail address, or the client id of a service token of Access, in lower case. */
  identity: string
  /** ISO 8601, UTC. */
  createdAt: string
}

export class PeopleStore {
  readonly #driver: SqlDriver
  readonly #now: () => number

  constructor(driver: SqlDriver, now: () => number = Date.now) {
    this.#driver = driver
    this.#now = now
  }

  people(): Person[] {
    return this.#driver
      .query('SELECT * FROM people ORDER BY identity')
      .map(row => ({ identity: String(row['identity']), ...readRights(row), createdAt: readTime(row) }))
  }

  /** Says what somebody may do, in place of what was said before. */
  setPerson(identity: string, { role, projects }: Rights): void {
    const sql = `INSERT INTO people (identity, role, projects, created_at) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET role = excluded.role, projects = excluded.projects`
    this.#driver.query(sql, identity, role, writeProjects(projects), this.#now())
  }

  findPerson(identity: string): Rights | undefined {
    return this.#driver.query('SELECT * FROM people WHERE identity = ?', identity).map(readRights)[0]
  }

  /** @returns whether there was one */
  removePerson(identity: string): boolean {
    return this.#driver.query('DELETE FROM people WHERE identity = ? RETURNING 1', identity).length > 0
  }
}
