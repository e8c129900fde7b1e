/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { PropsWithChildren } from 'hono/jsx'
import type { EventSummary } from '../store.ts'
import { eventUrl } from './list-url.ts'

/** A link to the event before or after. The script puts that of a filtered list in its place. */
export function Neighbour({
  id,
  rel,
  to,
  children,
}: PropsWithChildren<{ id: string; rel: string; to: EventSummary | undefined }>) {
  return (
    <a href={to ? eventUrl(to.id) : '/'} id={id} rel={rel} hidden={to === undefined}>
      {children}
    </a>
  )
}
