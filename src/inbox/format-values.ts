import type { EventSummary } from './store.ts'

export interface FormatOptions {
  /** Whether ANSI colours are written. @default false */
  color?: boolean | undefined
}

/** `200 success`; without a code, the status alone. */
export function formatStatus({ status, statusCode }: Pick<EventSummary, 'status' | 'statusCode'>): string {
  return statusCode === undefined ? status : `${statusCode} ${status}`
}

/** Milliseconds as a reader says them: `120 ms`, `2.50 s`, `3 m 05 s`; nothing for nothing. */
export function formatDuration(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return ''
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_995) return `${(milliseconds / 1000).toFixed(2)} s`
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`
}
