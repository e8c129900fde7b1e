/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EventSummary } from '../store.ts'
import { EventText } from './event-text.tsx'

/** UTF-16 units of a note that the API takes. */
const MAX_LENGTH = 10_000

/** What somebody wrote about an event, to read and to change. */
export function NoteSection({ summary: { id, note } }: { summary: EventSummary }) {
  return (
    <section class="panel" aria-labelledby="note-title">
      <h2 id="note-title">Note</h2>
      <form class="scripted" id="note-form" data-event={id}>
        <label>
          <span class="visually-hidden">Note</span>
          <textarea id="note" rows={note ? 4 : 2} maxlength={MAX_LENGTH} placeholder="What is known about this event">
            {note}
          </textarea>
        </label>
        <button type="submit" class="button small">
          Save note
        </button>
      </form>
      <p class="unscripted">{note ? <EventText text={note} /> : 'None'}</p>
    </section>
  )
}
