/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EventSummary } from '../store.ts'

/** Pins an event, so that it is never pruned, or deletes it. */
export function EventActions({ summary: { id, pinned = false } }: { summary: EventSummary }) {
  return (
    <>
      <button
        type="button"
        class="button small scripted"
        id="pin"
        data-event={id}
        aria-pressed={pinned ? 'true' : 'false'}
        title="A pinned event is never pruned"
      >
        {pinned ? 'Pinned' : 'Pin'}
      </button>
      <button type="button" class="button small danger scripted" data-opens="delete">
        Delete
      </button>
      <dialog id="delete" aria-labelledby="delete-title" data-event={id}>
        <form method="dialog">
          <h2 id="delete-title">Delete this event?</h2>
          <p>It will be removed from this inbox. This cannot be undone.</p>
          <div class="dialog-actions">
            <button type="submit" class="button" value="keep">
              Keep it
            </button>
            <button type="submit" class="button danger" value="delete">
              Delete it
            </button>
          </div>
        </form>
      </dialog>
    </>
  )
}
