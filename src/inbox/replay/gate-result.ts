import type { ReplayResult } from './replay-result.ts'

/** One event of a kind, and what became of its replay. */
export interface GateEntry {
  id: string
  /** ISO 8601, UTC. */
  receivedAt: string
  /** `POST /orders/:id`. */
  title: string
  service?: string | undefined
  /** The captured response's. */
  statusCode?: number | undefined
  /** How many events there are of this kind. */
  count: number
  /** `unanswered` is a failure: what cannot be replayed at all is `skipped`, and fails nothing. */
  outcome: 'same' | 'different' | 'unanswered' | 'skipped'
  /** Why it was not answered, or not replayed: one sentence. */
  reason?: string | undefined
  /** What was compared, where it was. */
  result?: ReplayResult | undefined
  /** Milliseconds that it took. */
  durationMs: number
}

/** The replays of all that a query found. */
export interface GateResult {
  query: string
  /** Where they went, where that was said. */
  target?: string | undefined
  /** What they were compared with, where that is no capture. */
  baseline?: string | undefined
  /** How many events were found. */
  found: number
  entries: GateEntry[]
}

/** How many entries there are of each outcome, and how many that failed when they were captured fail no more. */
export interface GateCounts extends Record<GateEntry['outcome'], number> {
  fixed: number
}

export function countOutcomes(entries: readonly GateEntry[]): GateCounts {
  const counts: GateCounts = { same: 0, different: 0, unanswered: 0, skipped: 0, fixed: 0 }
  for (const entry of entries) {
    counts[entry.outcome]++
    if (isFixed(entry)) counts.fixed++
  }
  return counts
}

/** Whether it failed when it was captured, or in the other build, and does so no more. */
export function isFixed({ outcome, result }: GateEntry): boolean {
  const [before = 0, after = 500] = [result?.original.statusCode, result?.replayed.statusCode]
  return outcome === 'different' && before >= 500 && after < 500
}

/** The names of what differs, as many as fit: `status, body.total and 3 more`. */
export function nameDifferences({ result }: GateEntry, most = 3): string {
  const paths = result?.differences.map(({ path }) => path) ?? []
  const rest = paths.length - most
  return paths.slice(0, most).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
