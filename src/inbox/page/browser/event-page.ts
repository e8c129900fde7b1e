/** An event's page: its neighbours in the list that it was opened from, its replay, and the history of those. */
import { addressOf, pathOf } from './addresses.ts'
import { findElement } from './elements.ts'
import { watchEventActions } from './event-actions.ts'
import { watchStream } from './list-stream.ts'
import { scheduleRefresh } from './page-refresh.ts'
import { recallEvents, rememberRow } from './remembered-list.ts'
import { watchReplay } from './replay-form.ts'
import { REPLAY_EVENTS, showReplayNews } from './replay-news.ts'

export function startEventPage(): void {
  linkNeighbours()
  watchEventActions()
  const form = findElement('replay-form', HTMLFormElement)
  if (form) watchReplay(form)
  watchStream(REPLAY_EVENTS, (type, data) => showReplayNews(type, data) && scheduleRefresh())
}

function linkNeighbours(): void {
  const id = decodeURIComponent(pathOf(location.pathname).split('/')[2] ?? '')
  rememberRow(`event-${id}`)
  const list = recallEvents()
  if (!list) return
  const at = list.ids.indexOf(id)
  const isOfIssue = pathOf(list.url).startsWith('/issues/')
  const back = findElement('back', HTMLAnchorElement)
  if (back && (at >= 0 || !isOfIssue)) {
    back.href = list.url
    if (isOfIssue) back.textContent = '← Issue'
  }
  if (at < 0) return
  linkTo('newer', list.ids[at - 1])
  linkTo('older', list.ids[at + 1])
}

function linkTo(linkId: string, id: unknown): void {
  const link = findElement(linkId, HTMLAnchorElement)
  if (!link || typeof id !== 'string') return
  link.href = addressOf(`/events/${encodeURIComponent(id)}`)
  link.hidden = false
}
