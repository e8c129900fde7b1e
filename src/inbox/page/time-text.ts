const UNITS = [
  { name: 'd', milliseconds: 86_400_000 },
  { name: 'h', milliseconds: 3_600_000 },
  { name: 'min', milliseconds: 60_000 },
  { name: 's', milliseconds: 1000 },
] as const

/** How long ago a time was, as a list says it: `now`, `12 s ago`, `3 min ago`. The client's script says the same. */
export function formatAge(time: number, now: number): string {
  const age = now - time
  const unit = UNITS.find(({ milliseconds }) => age >= milliseconds)
  return unit ? `${Math.floor(age / unit.milliseconds)} ${unit.name} ago` : 'now'
}

/** A time to the millisecond on this machine's wall clock, which is the reader's too: `2026-03-01 11:00:00.123 GMT+1`. */
export function formatExactTime(time: number): string {
  const date = new Date(time)
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-')
  return `${day} ${formatClock(date)}.${pad(date.getMilliseconds(), 3)} ${formatZone(date)}`
}

/** `11:00:00`. */
export function formatClock(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(part => pad(part)).join(':')
}

/** A length of time, whole, as a heading says it: `15 minutes`, `hour`, `7 days`. */
export function formatSpan(milliseconds: number): string {
  const names = { 86400000: 'day', 3600000: 'hour', 60000: 'minute' }
  const [unit, name] = Object.entries(names)
    .map(([size, text]) => [Number(size), text] as const)
    .sort(([left], [right]) => right - left)
    .find(([size]) => milliseconds >= size) ?? [1000, 'second']
  const count = Math.round(milliseconds / unit)
  return count === 1 ? name : `${count} ${name}s`
}

function formatZone(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const hours = Math.floor(Math.abs(minutes) / 60)
  const rest = Math.abs(minutes) % 60
  return `GMT${minutes < 0 ? '-' : '+'}${hours}${rest ? `:${pad(rest)}` : ''}`
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0')
}
