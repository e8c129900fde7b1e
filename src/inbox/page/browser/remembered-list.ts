/** What a list remembers for the pages that are opened from it, so that they know what is next and what to go back to. */
import { findElement } from './elements.ts'
import { forThisTab, recall, remember } from './remembered.ts'

/** Remembers the events of this page's rows, in their order. */
export function rememberEvents(): void {
  const ids = [...document.querySelectorAll('.row[id^="event-"]')].map(row => row.id.slice('event-'.length))
  remember(forThisTab, 'list', JSON.stringify({ url: location.pathname + location.search, ids }))
}

/** @returns the list that an event was opened from */
export function recallEvents(): { url: string; ids: unknown[] } | undefined {
  try {
    const list: unknown = JSON.parse(recall(forThisTab, 'list') ?? 'null')
    if (typeof list !== 'object' || list === null || !('ids' in list) || !('url' in list)) return undefined
    const { ids, url } = list
    return Array.isArray(ids) && typeof url === 'string' ? { ids, url } : undefined
  } catch {
    return undefined
  }
}

/** Remembers the row that this page was opened from. */
export function rememberRow(id: string): void {
  remember(forThisTab, 'from', id)
}

/** Back at a list, the keyboard goes on from the row that was opened last. */
export function focusLast(): void {
  const id = recall(forThisTab, 'from')
  remember(forThisTab, 'from', null)
  const row = id && findElement(id, HTMLElement)
  if (row) row.querySelector('a')?.focus()
}
