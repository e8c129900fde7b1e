/** A tail Worker: what it is told of other Workers' failures becomes their events. Its own run is one only if it fails. */
import { begin, observe } from '../../observe/lifecycle.ts'
import type { Setup } from '../../observe/setup.ts'
import type { WaitUntilLike } from '../../types.ts'
import { type Invocation, type Members, membersOf } from './invocation.ts'
import { answeredStatus, type TraceItem, tracedOutcome, tracedWork } from './trace-item.ts'

/** Outcomes by which a client left: an event only where `captureAborted` asks for it, and no failure. */
const ABORTS: readonly string[] = ['canceled', 'responseStreamDisconnected']

function captureItem(setup: Setup, item: Members<TraceItem>, ctx: WaitUntilLike | undefined): void {
  const { outcome = 'unknown' } = item
  const aborted = ABORTS.includes(outcome)
  const threw = (item.exceptions ?? []).length > 0
  // What it threw beside its answer, in `waitUntil` for one, leaves its outcome as it is.
  if ((outcome === 'ok' && !threw) || (aborted && !setup.captureAborted)) return
  const { fields, ...work } = tracedWork(item, setup.captureHeaders)
  // Breadcrumbs of the tail Worker's would not be the other's; and it is over already, so that nothing can be kept alive.
  const quiet = { ...setup, automaticBreadcrumbs: false, captureAborted: false }
  const traced = begin(quiet, { ...work, waitUntil: ctx, describe: () => ({ fields }) })
  const statusCode = answeredStatus(item) ?? (aborted ? undefined : 500)
  const told = tracedOutcome(item, setup.pipeline.settings.captureLogs)
  traced.end({ statusCode, fields: { ...told, status: aborted ? 'warning' : 'failed' } })
}

export function observeTail({ setup, args: [items], ctx, run }: Invocation): unknown {
  for (const item of Array.isArray(items) ? items : []) {
    setup.pipeline.attempt('record what a tail Worker is told', () =>
      captureItem(setup, membersOf<TraceItem>(item), ctx),
    )
  }
  // Only what throws has a status here.
  const failuresAlone = { ...setup, shouldCapture: ({ statusCode }: { statusCode: number }) => statusCode >= 500 }
  return observe(failuresAlone, { eventType: 'custom', endpoint: 'tail', waitUntil: ctx }, run, result => ({ result }))
}
