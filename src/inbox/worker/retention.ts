/** How long a project's object keeps its events. */
import { read } from '../../safe-read.ts'
import type { SqlDriver } from '../sql/driver.ts'
import type { ProjectRetention } from './directory-store.ts'
import { readRetention } from './known-projects.ts'
import { directoryOf } from './objects.ts'
import type { TeamInboxEnv } from './platform.ts'

/** What a project keeps of which nobody has said how long. */
export const DEFAULT_DAYS = 30
export const DEFAULT_EVENTS = 1_000_000
const DAY_MS = 86_400_000

const SETTING = 'retention'

/** What the object knows: it was told before, so that it removes nothing too early while the directory is out of reach. */
export function readKnownRetention(driver: SqlDriver): { maxEvents: number; maxAgeMs: number } {
  const [row] = driver.query('SELECT value FROM settings WHERE name = ?', SETTING)
  const { days, events } = readRetention(JSON.parse(String(row?.['value'] ?? 'null')))
  return { maxEvents: events ?? DEFAULT_EVENTS, maxAgeMs: (days ?? DEFAULT_DAYS) * DAY_MS }
}

/** Asks the directory what was decided, and remembers it. */
export async function refreshRetention(driver: SqlDriver, project: string, env: TeamInboxEnv): Promise<void> {
  const response = await directoryOf(env).fetch(new Request(`https://inbox/projects/${project}`))
  if (!response.ok) throw new Error(`The directory responded ${response.status}`)
  const retention: ProjectRetention = readRetention(read(await response.json(), 'retention'))
  driver.query('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)', SETTING, JSON.stringify(retention))
}
