/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { formatAge, formatExactTime } from './time-text.ts'

/** When something was, as long ago as it is; exact for whoever asks. */
export function EventTime({ time, now }: { time: string; now: number }) {
  const milliseconds = Date.parse(time)
  return (
    <time datetime={time} title={formatExactTime(milliseconds)} data-age="">
      {formatAge(milliseconds, now)}
    </time>
  )
}
