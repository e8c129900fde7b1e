/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { IssueHistogram } from '../issues/issue.ts'
import { formatCount } from './size-text.ts'
import { formatClock } from './time-text.ts'

/** In the drawing's own units. */
const BAR = 4
const HEIGHT = 24
const LEAST = 2

/** Failures of the last 24 hours, an hour a bar. */
export function Histogram({ histogram: { from, bucketMs, counts } }: { histogram: IssueHistogram }) {
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
            />
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
  const time = formatClock(new Date(from + counts.indexOf(most) * bucketMs)).slice(0, 5)
  return `${formatCount(total, 'failure')} in the last 24 hours, most in the hour from ${time}: ${most}`
}
