/** @jsxRuntime automatic @jsxImportSource hono/jsx */

/** Width of a track, in its own units. */
const TRACK = 400

/** Width of what has no length, or hardly any. */
const LEAST = 3

export interface TimeTrackProps {
  from: number
  to: number
  /** What the whole track stands for; `from` and `to` in the same unit. */
  length: number
}

/** Where in a length of time something was. What it shows is said in words beside it. */
export function TimeTrack({ from, to, length }: TimeTrackProps) {
  const place = (time: number) => (length > 0 ? Math.min(Math.max(time / length, 0), 1) * (TRACK - LEAST) : 0)
  const width = Math.max(LEAST, place(to) - place(from))
  return (
    <svg class="track" viewBox={`0 0 ${TRACK} 8`} preserveAspectRatio="none" aria-hidden="true">
      <rect class="track-line" x="0" y="3.5" width={TRACK} height="1" />
      <rect class="track-mark" x={place(from).toFixed(1)} y="0" width={width.toFixed(1)} height="8" />
    </svg>
  )
}
