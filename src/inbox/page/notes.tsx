/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { EventText } from './event-text.tsx'

/** What a reader has to know of a replay, a line each. */
export function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null
  return (
    <ul class="notes">
      {notes.map(note => (
        <li>
          <EventText text={note} maxLength={500} />
        </li>
      ))}
    </ul>
  )
}
