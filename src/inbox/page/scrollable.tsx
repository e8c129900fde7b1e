/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'

export interface ScrollableProps {
  id?: string | undefined
  /** What it holds, for whoever reaches it by keyboard. */
  label: string
  className?: string | undefined
  children?: Child
}

/** Preformatted text with an end of its own; the keyboard scrolls it. */
export function Scrollable({ id, label, className, children }: ScrollableProps) {
  const focusable = { tabindex: 0, role: 'region', 'aria-label': label }
  return (
    <pre id={id} class={className} {...focusable}>
      {children}
    </pre>
  )
}
