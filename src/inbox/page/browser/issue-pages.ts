/** The list of issues, and one issue. */
import { addressOf, pathOf } from './addresses.ts'
import { findElement, getElement, targetOf } from './elements.ts'
import { watchStates } from './issue-states.ts'
import { watchFilters } from './list-filters.ts'
import { keepFresh } from './list-page.ts'
import { forThisTab, recall, remember } from './remembered.ts'
import { focusLast, rememberEvents, rememberRow } from './remembered-list.ts'

export function startIssuesPage(): void {
  watchFilters()
  watchStates()
  keepFresh(['error_group.updated'])
  addEventListener('pagehide', () => remember(forThisTab, 'issues', location.search))
  if (location.hash === '#search') getElement('search', HTMLInputElement).focus()
  else focusLast()
}

export function startIssuePage(): void {
  watchStates()
  keepFresh(['error_group.updated'])
  addEventListener('pagehide', rememberEvents)
  focusLast()
  rememberRow(`issue-${decodeURIComponent(pathOf(location.pathname).split('/')[2] ?? '')}`)
  const back = findElement('back', HTMLAnchorElement)
  if (back) back.href = addressOf(`/issues${recall(forThisTab, 'issues') ?? ''}`)
  getElement('content', HTMLElement).addEventListener('click', event => {
    const latest = targetOf(event)?.closest('summary')?.closest<HTMLElement>('#latest')
    if (latest) latest.dataset['unfolded'] = ''
  })
}
