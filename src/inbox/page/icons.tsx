/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EventStatus } from '../../types.ts'

/** A shape for each status: it is told without its colour too. */
const STATUS_PATHS: Readonly<Record<EventStatus, string>> = {
  success: 'M6 0a6 6 0 1 0 0 12A6 6 0 0 0 6 0Zm-.9 8.6L2.6 6.1l1-1 1.5 1.5 3.3-3.3 1 1Z',
  warning: 'M6 .6 12 11.4H0ZM5.3 4.4v3.4h1.4V4.4Zm0 4.3v1.4h1.4V8.7Z',
  failed: 'M3.5 0h5L12 3.5v5L8.5 12h-5L0 8.5v-5Zm.2 4.7L5 6 3.7 7.3l1 1L6 7l1.3 1.3 1-1L7 6l1.3-1.3-1-1L6 5 4.7 3.7Z',
  pending:
    'M6 0a6 6 0 1 1 0 12A6 6 0 0 1 6 0Zm0 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm-.7 1.7h1.4v2.5l1.8 1.8-1 1-2.2-2.2Z',
}

/** How an event ended: shape, colour and word. */
export function StatusBadge({ status }: { status: EventStatus }) {
  return (
    <span class={`status ${status}`}>
      <Icon path={STATUS_PATHS[status]} size={12} />
      {status}
    </span>
  )
}

/** The code that an event ended with, coloured by its status: the word is written where there is no code, unless all went well. */
export function StatusCode({ status, code }: { status: EventStatus; code: number | undefined }) {
  const isWordShown = code === undefined && status !== 'success'
  return (
    <span class={`status ${status}`}>
      <Icon path={STATUS_PATHS[status]} size={12} />
      <span class={isWordShown ? undefined : 'visually-hidden'}>{status}</span>
      {code !== undefined && <span class="code-number">{code}</span>}
    </span>
  )
}

/** The inbox's mark: an arrow that goes back around an event. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <path d="M12 3a9 9 0 1 1-8.3 5.5" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" />
      <path
        d="M2.2 3.2 3.4 9l5.5-1.7"
        fill="none"
        stroke="currentColor"
        stroke-width="2.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
      <path d="M10 8.4v7.2l5.6-3.6Z" fill="currentColor" />
    </svg>
  )
}

const PIN_PATH = 'M3.5 0h5v1.4L7.8 2v3.2L10 7v1.4H6.7V12H5.3V8.4H2V7l2.2-1.8V2l-.7-.6Z'

/** Marks an event that is never pruned. */
export function Pin() {
  return (
    <span class="pin" title="Pinned: never pruned">
      <Icon path={PIN_PATH} size={11} />
      <span class="visually-hidden">pinned</span>
    </span>
  )
}

const PATHS = {
  copy: 'M4 0h7v9H9.5V1.5H4ZM1 3h7v9H1Zm1.5 1.5v6h4v-6Z',
  theme: 'M6 0a6 6 0 1 0 0 12A6 6 0 0 0 6 0Zm0 1.5v9a4.5 4.5 0 0 1 0-9Z',
  density: 'M0 1h12v1.6H0Zm0 4.2h12v1.6H0Zm0 4.2h12V11H0Z',
  keyboard:
    'M0 2h12v8H0Zm1.4 1.4v1.2h1.2V3.4Zm2.6 0v1.2h1.2V3.4Zm2.6 0v1.2h1.2V3.4Zm2.6 0v1.2h1.4V3.4ZM3 7.2v1.3h6V7.2Z',
  search: 'M5 0a5 5 0 0 1 4 8l3 3-1 1-3-3a5 5 0 1 1-3-9Zm0 1.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z',
  replay: 'M6 1.5A4.5 4.5 0 1 1 1.6 7H0a6 6 0 1 0 1.5-5L0 .6V5h4.4L2.6 3.1A4.5 4.5 0 0 1 6 1.5Z',
} as const

/** A picture beside words; it says nothing by itself. */
export function NamedIcon({ name }: { name: keyof typeof PATHS }) {
  return <Icon path={PATHS[name]} size={14} />
}

function Icon({ path, size }: { path: string; size: number }) {
  return (
    <svg class="icon" viewBox="0 0 12 12" width={size} height={size} aria-hidden="true">
      <path d={path} fill="currentColor" fill-rule="evenodd" />
    </svg>
  )
}
