/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EventVolume } from '../store.ts'
import { formatCount } from './size-text.ts'
import { formatClock, formatExactTime, formatSpan } from './time-text.ts'

/** Parts of the time, each a bar. */
export const VOLUME_BUCKETS = 60

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The lengths of time that a strip may show. */
const SPANS = [5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY] as const

/** In the drawing's own units: failures hang below the line that the others stand on. */
const BAR = 4
const ABOVE = 40
const BELOW = 20
const LEAST = 2.5

/** The shortest of the strip's lengths of time that goes back to the first event. */
export function chooseSpan(first: number | undefined, now: number): number {
  const needed = first === undefined ? 0 : now - first
  return SPANS.find(span => span >= needed) ?? 365 * DAY
}

export interface VolumeStripProps {
  volume: readonly EventVolume[]
  /** Milliseconds that it covers, up to now. */
  span: number
}

/** How many events there were, and how many failed, over time. */
export function VolumeStrip({ volume, span }: VolumeStripProps) {
  const others = volume.map(({ success, warning, pending }) => success + warning + pending)
  const failures = volume.map(({ failed }) => failed)
  const total = sum(others) + sum(failures)
  const scale = Math.min((ABOVE - 2) / Math.max(1, ...others), (BELOW - 1) / Math.max(1, ...failures))
  const period = `the last ${formatSpan(span)}`
  return (
    <figure class="volume" id="volume">
      <figcaption>
        <span>
          <strong>{formatCount(total, 'event')}</strong> in {period}
        </span>
        <span class={sum(failures) > 0 ? 'volume-failed' : 'volume-failed none'}>
          {formatCount(sum(failures), 'failure')}
        </span>
      </figcaption>
      <div class="volume-chart">
        <svg
          class="chart"
          viewBox={`0 0 ${volume.length * BAR} ${ABOVE + BELOW}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={describe(volume, total, period)}
        >
          <line class="volume-base" x1="0" x2={volume.length * BAR} y1={ABOVE} y2={ABOVE} />
          {volume.map((part, index) => (
            <Bar part={part} x={index * BAR} scale={scale} length={span / volume.length} />
          ))}
        </svg>
        <div class="volume-axis" aria-hidden="true">
          <span>{formatSpan(span).replace(/^(?=[a-z])/, '1 ')} ago</span>
          <span>now</span>
        </div>
      </div>
    </figure>
  )
}

function Bar({ part, x, scale, length }: { part: EventVolume; x: number; scale: number; length: number }) {
  const { from, success, warning, failed, pending } = part
  if (success + warning + failed + pending === 0) return null
  const passed = success + pending
  // Warnings lie on what went well; what is there at all can be seen.
  const passedHeight = heightOf(passed, scale)
  const warningHeight = heightOf(warning, scale)
  return (
    <g data-since={from} data-until={new Date(Date.parse(from) + Math.ceil(length)).toISOString()}>
      <title>{`${formatExactTime(Date.parse(from))}: ${describeCounts(part)}`}</title>
      <rect class="bar-whole" x={x} y="0" width={BAR} height={ABOVE + BELOW} />
      {passed > 0 && <Rectangle name="passed" x={x} y={ABOVE - passedHeight} height={passedHeight} />}
      {warning > 0 && <Rectangle name="warned" x={x} y={ABOVE - passedHeight - warningHeight} height={warningHeight} />}
      {failed > 0 && <Rectangle name="failed" x={x} y={ABOVE} height={heightOf(failed, scale)} />}
    </g>
  )
}

function Rectangle({ name, x, y, height }: { name: string; x: number; y: number; height: number }) {
  return <rect class={`bar-${name}`} x={x + 0.5} y={y.toFixed(2)} width={BAR - 1} height={height.toFixed(2)} />
}

function heightOf(count: number, scale: number): number {
  return count === 0 ? 0 : Math.max(LEAST, count * scale)
}

function describe(volume: readonly EventVolume[], total: number, period: string): string {
  if (total === 0) return `No events in ${period}`
  const all = volume.reduce((left, right) => ({
    from: left.from,
    success: left.success + right.success,
    warning: left.warning + right.warning,
    failed: left.failed + right.failed,
    pending: left.pending + right.pending,
  }))
  const worst = volume.reduce((left, right) => (right.failed > left.failed ? right : left))
  const peak = worst.failed > 0 ? `; most failures at ${formatClock(new Date(worst.from))}: ${worst.failed}` : ''
  return `Events over ${period}: ${describeCounts(all)}${peak}`
}

function describeCounts({ success, warning, failed, pending }: EventVolume): string {
  const parts = [
    success > 0 && `${success} succeeded`,
    warning > 0 && formatCount(warning, 'warning'),
    failed > 0 && `${failed} failed`,
    pending > 0 && `${pending} pending`,
  ]
  return parts.filter(part => part !== false).join(', ')
}

function sum(counts: readonly number[]): number {
  return counts.reduce((left, right) => left + right, 0)
}
