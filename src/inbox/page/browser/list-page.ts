/** The list of events, and the routes: their filters, their stream, what they remember. */
import { addressOf } from './addresses.ts'
import { getElement, targetOf } from './elements.ts'
import { watchFilters } from './list-filters.ts'
import { watchStream } from './list-stream.ts'
import { scheduleRefresh } from './page-refresh.ts'
import { focusLast, rememberEvents } from './remembered-list.ts'

/** Milliseconds after which a page is asked for again though nothing arrived: its strip moves with the time. */
const IDLE_REFRESH = 30_000

/** Keeps the page up to date, by these events of the stream. */
export function keepFresh(types: readonly string[]): void {
  watchStream(types)
  setInterval(scheduleRefresh, IDLE_REFRESH)
}

export function startListPage(): void {
  watchFilters()
  keepFresh(['event.created', 'error_group.updated'])
  addEventListener('pagehide', rememberEvents)
  // The first event brings a dialog of its own: what holds it listens. Closing does not bubble.
  getElement('content', HTMLElement).addEventListener('close', deleteWhereConfirmed, true)
  if (location.hash === '#search') getElement('search', HTMLInputElement).focus()
  else focusLast()
}

export function startRoutesPage(): void {
  watchFilters()
  keepFresh(['event.created'])
}

async function deleteWhereConfirmed(event: Event): Promise<void> {
  const dialog = targetOf(event)
  if (!(dialog instanceof HTMLDialogElement) || dialog.id !== 'clear' || dialog.returnValue !== 'delete') return
  await fetch(addressOf('/api/v1/events'), { method: 'DELETE' })
  location.assign(addressOf('/'))
}
