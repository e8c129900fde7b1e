/** An event's page: its neighbours in the list that it was opened from, and its replay. */
import { findElement } from './elements.ts'
import { watchEventActions } from './event-actions.ts'
import { forThisTab, recall, remember } from './remembered.ts'
import { watchReplay } from './replay-form.ts'

export function startEventPage(): void {
  linkNeighbours()
  watchEventActions()
  const form = findElement('replay-form', HTMLFormElement)
  if (form) watchReplay(form)
}

function linkNeighbours(): void {
  const id = decodeURIComponent(location.pathname.split('/')[2] ?? '')
  remember(forThisTab, 'from', id)
  const list = readList()
  if (!list) return
  const back = findElement('back', HTMLAnchorElement)
  if (back) back.href = `/${list.search}`
  const at = list.ids.indexOf(id)
  if (at < 0) return
  linkTo('newer', list.ids[at - 1])
  linkTo('older', list.ids[at + 1])
}

function linkTo(linkId: string, id: unknown): void {
  const link = findElement(linkId, HTMLAnchorElement)
  if (!link || typeof id !== 'string') return
  link.href = `/events/${encodeURIComponent(id)}`
  link.hidden = false
}

/** The list as its own page remembered it. */
function readList(): { search: string; ids: unknown[] } | undefined {
  try {
    const list: unknown = JSON.parse(recall(forThisTab, 'list') ?? 'null')
    if (typeof list !== 'object' || list === null || !('ids' in list) || !('search' in list)) return undefined
    const { ids, search } = list
    return Array.isArray(ids) && typeof search === 'string' ? { ids, search } : undefined
  } catch {
    return undefined
  }
}
