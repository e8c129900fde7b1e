/** Who may send and who may read: projects with their keys, people with their tokens and sessions. */
import type { Row, SqlDriver } from '../sql/driver.ts'
import type { Migration } from '../sql/migrations.ts'
import { createApiKey, createSecret, createToken, hashText } from './secrets.ts'

/** Append only. */
export const DIRECTORY_MIGRATIONS: readonly Migration[] = [
  `CREATE TABLE projects (
    project TEXT PRIMARY KEY,
    enabled INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    projects TEXT,
    hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE sessions (hash TEXT PRIMARY KEY, token_id TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;`,
  `CREATE TABLE people (
    identity TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    projects TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    status INTEGER NOT NULL
  ) STRICT;`,
  `ALTER TABLE projects ADD COLUMN month_limit INTEGER;
  ALTER TABLE projects ADD COLUMN second_limit INTEGER;`,
  `ALTER TABLE projects ADD COLUMN retention_days INTEGER;
  ALTER TABLE projects ADD COLUMN retention_events INTEGER;`,
  `CREATE INDEX audit_refused ON audit (id) WHERE status = 401;`,
]

/** What somebody may do: look; change, delete and replay; decide who may. Each includes those before it. */
export const ROLES = ['read', 'write', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** How many events a project takes in. `null`: as many as come. */
export interface ProjectLimits {
  /** In a calendar month, in UTC. */
  month: number | null
  /** In a second, on average: {@link Admission}. */
  second: number | null
}

/** How long a project keeps its events. `null`: as a team's inbox does by itself. */
export interface ProjectRetention {
  days: number | null
  /** The newest ones. */
  events: number | null
}

/** What somebody decides about a project. What is absent stays. */
export interface ProjectChange {
  enabled?: boolean | undefined
  limits?: Partial<ProjectLimits> | undefined
  retention?: Partial<ProjectRetention> | undefined
}

export interface Project {
  project: string
  /** Whether events are taken in. */
  enabled: boolean
  limits: ProjectLimits
  retention: ProjectRetention
  /** ISO 8601, UTC. */
  createdAt: string
}

export interface ApiKey {
  id: string
  createdAt: string
}

/** What somebody may do, and where. */
export interface Rights {
  role: Role
  /** The projects that the role is for. @default all */
  projects?: readonly string[] | undefined
}

/** Somebody who was let in. */
export interface Principal extends Rights {
  name: string
}

export interface Token extends Principal {
  id: string
  createdAt: string
}

/** Begins the id of the admin token of the Worker's environment, which is in no table. Its hash follows. */
export const ADMIN_TOKEN_ID = 'admin:'

/** Who has the admin token. */
export const ADMIN: Principal = { name: 'admin token', role: 'admin' }

export function isAdminTokenId(id: string): boolean {
  return id.startsWith(ADMIN_TOKEN_ID)
}

/** Milliseconds of a session: 30 days. */
export const SESSION_MS = 30 * 86_400_000

export class DirectoryStore {
  readonly #driver: SqlDriver
  readonly #now: () => number

  constructor(driver: SqlDriver, now: () => number = Date.now) {
    this.#driver = driver
    this.#now = now
  }

  projects(): Project[] {
    return this.#driver.query('SELECT * FROM projects ORDER BY project').map(readProject)
  }

  project(project: string): Project | undefined {
    return this.#driver.query('SELECT * FROM projects WHERE project = ?', project).map(readProject)[0]
  }

  /** @returns whether it is new */
  addProject(project: string): boolean {
    const sql = 'INSERT INTO projects (project, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1'
    return this.#driver.query(sql, project, this.#now()).length > 0
  }

  /** @returns the project as it is now */
  updateProject(project: string, { enabled, limits, retention }: ProjectChange): Project | undefined {
    const before = this.project(project)
    if (!before) return undefined
    const { month, second } = { ...before.limits, ...limits }
    const { days, events } = { ...before.retention, ...retention }
    const sql = `UPDATE projects SET enabled = ?, month_limit = ?, second_limit = ?, retention_days = ?, retention_events = ?
      WHERE project = ? RETURNING *`
    const values = [Number(enabled ?? before.enabled), month, second, days, events]
    return this.#driver.query(sql, ...values, project).map(readProject)[0]
  }

  keys(project: string): ApiKey[] {
    return this.#driver
      .query('SELECT * FROM api_keys WHERE project = ? ORDER BY created_at', project)
      .map(row => ({ id: String(row['id']), createdAt: readTime(row) }))
  }

  /** @returns the key, which is never shown again */
  async addKey(project: string): Promise<{ id: string; key: string }> {
    const id = crypto.randomUUID()
    const key = createApiKey(project)
    const hash = await hashText(key)
    this.#driver.query(
      'INSERT INTO api_keys (id, project, hash, created_at) VALUES (?, ?, ?, ?)',
      id,
      project,
      hash,
      this.#now(),
    )
    return { id, key }
  }

  /** @returns whether there was one */
  removeKey(project: string, id: string): boolean {
    const sql = 'DELETE FROM api_keys WHERE project = ? AND id = ? RETURNING 1'
    return this.#driver.query(sql, project, id).length > 0
  }

  /** The project that a key of this hash is of. */
  findKey(hash: string): Project | undefined {
    const sql = 'SELECT projects.* FROM projects JOIN api_keys USING (project) WHERE hash = ?'
    return this.#driver.query(sql, hash).map(readProject)[0]
  }

  tokens(): Token[] {
    return this.#driver.query('SELECT * FROM tokens ORDER BY created_at').map(readToken)
  }

  /** @returns the token, which is never shown again */
  async addToken({ name, role, projects }: Principal): Promise<{ id: string; token: string }> {
    const id = crypto.randomUUID()
    const token = createToken()
    const hash = await hashText(token)
    this.#driver.query(
      'INSERT INTO tokens (id, name, role, projects, hash, created_at) VALUES (?, ?, ?, ?, ?, ?)',
      id,
      name,
      role,
      writeProjects(projects),
      hash,
      this.#now(),
    )
    return { id, token }
  }

  /** Removes a token with its sessions. @returns whether there was one */
  removeToken(id: string): boolean {
    return this.#driver.transaction(() => {
      this.#driver.query('DELETE FROM sessions WHERE token_id = ?', id)
      return this.#driver.query('DELETE FROM tokens WHERE id = ? RETURNING 1', id).length > 0
    })
  }

  findToken(hash: string): Token | undefined {
    return this.#driver.query('SELECT * FROM tokens WHERE hash = ?', hash).map(readToken)[0]
  }

  /** @returns the session's secret, for a cookie */
  async addSession(tokenId: string): Promise<string> {
    const secret = createSecret()
    const hash = await hashText(secret)
    this.#driver.query('DELETE FROM sessions WHERE expires_at <= ?', this.#now())
    this.#driver.query('INSERT INTO sessions VALUES (?, ?, ?)', hash, tokenId, this.#now() + SESSION_MS)
    return secret
  }

  /** Whose a session is, with the id of the token that it was begun by. Whether an admin token is still the one, the Worker knows. */
  findSession(hash: string): (Principal & { id: string }) | undefined {
    const sql = 'SELECT token_id FROM sessions WHERE hash = ? AND expires_at > ?'
    const id = String(this.#driver.query(sql, hash, this.#now())[0]?.['token_id'] ?? '')
    if (isAdminTokenId(id)) return { ...ADMIN, id }
    return this.#driver.query('SELECT * FROM tokens WHERE id = ?', id).map(readToken)[0]
  }

  removeSession(hash: string): void {
    this.#driver.query('DELETE FROM sessions WHERE hash = ?', hash)
  }
}

function readProject(row: Row): Project {
  return {
    project: String(row['project']),
    enabled: row['enabled'] === 1,
    limits: { month: readLimit(row['month_limit']), second: readLimit(row['second_limit']) },
    retention: { days: readLimit(row['retention_days']), events: readLimit(row['retention_events']) },
    createdAt: readTime(row),
  }
}

function readLimit(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function readToken(row: Row): Token {
  return { id: String(row['id']), name: String(row['name']), ...readRights(row), createdAt: readTime(row) }
}

/** What a row says that somebody may do. */
export function readRights(row: Row): Rights {
  const projects: unknown = JSON.parse(String(row['projects'] ?? 'null'))
  return {
    role: ROLES.find(role => role === row['role']) ?? 'read',
    projects: Array.isArray(projects) ? projects.map(String) : undefined,
  }
}

export function writeProjects(projects: readonly string[] | undefined): string | null {
  return projects ? JSON.stringify(projects) : null
}

export function readTime(row: Row): string {
  return new Date(Number(row['created_at'])).toISOString()
}
