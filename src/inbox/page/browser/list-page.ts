/** The list: its filters, its stream, what it remembers for the pages of its events. */
import { getElement, targetOf } from './elements.ts'
import { watchFilters } from './list-filters.ts'
import { scheduleRefresh } from './list-refresh.ts'
import { watchStream } from './list-stream.ts'
import { forThisTab, recall, remember } from './remembered.ts'

/** Milliseconds after which the list is asked for again though nothing arrived: its strip moves with the time. */
const IDLE_REFRESH = 30_000

export function startListPage(): void {
  watchFilters()
  watchStream()
  setInterval(scheduleRefresh, IDLE_REFRESH)
  addEventListener('pagehide', rememberList)
  // The first event brings a dialog of its own: what holds it listens. Closing does not bubble.
  getElement('content', HTMLElement).addEventListener('close', deleteWhereConfirmed, true)
  if (location.hash === '#search') getElement('search', HTMLInputElement).focus()
  else focusLast()
}

async function deleteWhereConfirmed(event: Event): Promise<void> {
  const dialog = targetOf(event)
  if (!(dialog instanceof HTMLDialogElement) || dialog.id !== 'clear' || dialog.returnValue !== 'delete') return
  await fetch('/api/v1/events', { method: 'DELETE' })
  location.assign('/')
}

/** So that an event's page knows what is next to it, and what to go back to. */
function rememberList(): void {
  const ids = [...document.querySelectorAll('.row')].map(row => row.id.slice('event-'.length))
  remember(forThisTab, 'list', JSON.stringify({ search: location.search, ids }))
}

/** Back from an event, the keyboard goes on from its row. */
function focusLast(): void {
  const id = recall(forThisTab, 'from')
  remember(forThisTab, 'from', null)
  if (id) document.getElementById(`event-${id}`)?.querySelector('a')?.focus()
}
