/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { IssueHistogram } from '../issues/issue.ts'
import { formatCount } from './size-text.ts'
import { formatClock } from './time-text.ts'

/** In the drawing's own units. */
const BAR = 4
const HEIGHT = 24
const LEAST = 2

export interface HistogramProps {
  histogram: IssueHistogram
  /** Whether a pointer is told each hour and its count. @default false */
  hasTitles?: boolean
}

/** Failures of the last 24 hours, an hour a bar. */
export function Histogram({ histogram: { from, bucketMs, counts }, hasTitles = false }: HistogramProps) {
  const scale = HEIGHT / Math.max(1, ...counts)
  return (
    <svg
      class="histogram"
      viewBox={`0 0 ${counts.length * BAR} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={describe(Date.parse(from), bucketMs, counts)}
    >
      <line class="volume-base" x1="0" x2={counts.length * BAR} y1={HEIGHT} y2={HEIGHT} />
      {counts.map((count, index) => {
        const height = count === 0 ? 0 : Math.max(LEAST, count * scale)
        return (
          count > 0 && (
            <rect
              class="histogram-bar"
              x={index * BAR + 0.5}
              y={(HEIGHT - height).toFixed(2)}
              width={BAR - 1}
              height={height.toFixed(2)}
            >
              {hasTitles && (
                <title>{`${formatHour(Date.parse(from) + index * bucketMs)}: ${formatCount(count, 'failure')}`}</title>
              )}
            </rect>
          )
        )
      })}
    </svg>
  )
}

function describe(from: number, bucketMs: number, counts: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return 'No failures in the last 24 hours'
  const most = Math.max(...counts)
  const time = formatHour(from + counts.indexOf(most) * bucketMs)
  return `${formatCount(total, 'failure')} in the last 24 hours, most in the hour from ${time}: ${most}`
}

function formatHour(time: number): string {
  return formatClock(new Date(time)).slice(0, 5)
}
