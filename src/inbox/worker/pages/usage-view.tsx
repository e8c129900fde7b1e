/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { formatCount, formatSize } from '../../page/size-text.ts'
import type { MonthUsage } from '../../store.ts'
import type { ProjectUsage } from '../usage.ts'

const MONTH_NAME = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** Months of which a bar is shown. */
const MAX_MONTHS = 12

export interface UsageProps {
  project: ProjectUsage
  /** Milliseconds since the epoch. */
  now: number
}

/** What a project has taken in this month, beside its limit where it has one. */
export function UsageLine({ project: { usage, limits }, now }: UsageProps) {
  if (!usage) return <p class="usage-line">Its usage cannot be read at this moment.</p>
  const month = new Date(now).toISOString().slice(0, 7)
  const { events = 0, bytes = 0 } = usage.find(one => one.month === month) ?? {}
  const share = limits.month === null ? undefined : events / limits.month
  return (
    <div class={`usage-line${share !== undefined && share >= 1 ? ' full' : ''}`}>
      <p>
        <strong>{formatCount(events, 'event')}</strong>
        {limits.month !== null && ` of ${limits.month.toLocaleString('en-US')}`} this month
        <span class="muted"> · {formatSize(bytes)}</span>
        {limits.second !== null && <span class="muted"> · {formatCount(limits.second, 'event')} a second at most</span>}
      </p>
      {share !== undefined && <Bar share={share} label={`${formatShare(share)} of the month’s limit`} />}
      {share !== undefined && share >= 1 && <p class="usage-full">The limit is reached: events are refused.</p>}
    </div>
  )
}

/** Month by month, the newest first. */
export function UsageTable({ usage }: { usage: readonly MonthUsage[] }) {
  const shown = usage.slice(0, MAX_MONTHS)
  const most = Math.max(1, ...shown.map(({ events }) => events))
  return (
    <table class="plain-table usage-table">
      <thead>
        <tr>
          <th scope="col">Month (UTC)</th>
          <th scope="col" class="number">
            Events
          </th>
          <th scope="col" class="number">
            Bytes
          </th>
          <td class="usage-cell" />
        </tr>
      </thead>
      <tbody>
        {shown.map(({ month, events, bytes }) => (
          <tr>
            <th scope="row">{MONTH_NAME.format(Date.parse(`${month}-01`))}</th>
            <td class="number">{events.toLocaleString('en-US')}</td>
            <td class="number">{formatSize(bytes)}</td>
            <td class="usage-cell">{shown.length > 1 && <Bar share={events / most} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** @param label absent where the number stands beside it */
function Bar({ share, label }: { share: number; label?: string }) {
  const width = `${Math.min(1, share) * 100}%`
  return (
    <>
      <svg class="usage-bar" height="8" aria-hidden="true">
        <rect class="usage-ground" width="100%" height="8" rx="4" />
        {share > 0 && <rect class="usage-part" width={width} height="8" rx="4" />}
      </svg>
      {label && <span class="visually-hidden">{label}</span>}
    </>
  )
}

function formatShare(share: number): string {
  const percent = share * 100
  return `${percent > 0 && percent < 1 ? 'less than 1' : Math.floor(percent)} %`
}
