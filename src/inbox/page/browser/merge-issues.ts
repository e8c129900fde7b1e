/** The list of issues, one issue, and the routes: rows that are there change, and so may their order. */
import { showAges } from './ages.ts'
import { findElement, getElement } from './elements.ts'
import { SCROLLED } from './merge-events.ts'
import { hideOffer, offerNew, replaceElement, replaceWithNext, updateTabs } from './replace.ts'

export function mergeIssues(next: Document): void {
  updateTabs(next)
  const list = getElement('list', HTMLElement)
  // Rows keep their places under a reader who has scrolled, or who is about to click.
  if ('firstPage' in list.dataset && scrollY <= SCROLLED && !list.querySelector('#rows:hover')) takeIssues(next)
  else updateRows(next)
  showAges()
}

/** All of the list as it is now. The focus goes on with its row, or with the one in its place. */
export function takeIssues(next: Document): void {
  const known = new Set(rowsOf().map(row => row.id))
  const at = rowsOf().findIndex(row => row.contains(document.activeElement))
  hideOffer()
  replaceWithNext('list', next)
  const rows = rowsOf()
  for (const row of rows) if (!known.has(row.id)) row.classList.add('arrived')
  const isLost = at >= 0 && document.activeElement === document.body
  if (isLost) rows[Math.min(at, rows.length - 1)]?.querySelector('a')?.focus()
}

function updateRows(next: Document): void {
  const nextRows = [...(findElement('rows', HTMLTableSectionElement, next)?.rows ?? [])]
  const rows = new Map(rowsOf().map(row => [row.id, row]))
  const fresh = nextRows.filter(row => !rows.has(row.id))
  for (const nextRow of nextRows) {
    const row = rows.get(nextRow.id)
    if (row) replaceElement(row, nextRow)
  }
  // On a later page, others only have moved down.
  if (fresh.length > 0 && 'firstPage' in getElement('list', HTMLElement).dataset) {
    offerNew(`${fresh.length} new issue${fresh.length === 1 ? '' : 's'}`)
  }
}

export function mergeIssue(next: Document): void {
  const hadFocus = getElement('issue-head', HTMLElement).contains(document.activeElement)
  replaceWithNext('issue-head', next)
  // The button that was pressed is gone with the state that it changed.
  if (hadFocus && document.activeElement === document.body) {
    document.querySelector<HTMLElement>('#issue-head .state-form button')?.focus()
  }
  replaceWithNext('issue-facts', next)
  // What a reader has unfolded stays as it is.
  const latest = getElement('latest', HTMLElement)
  const nextLatest = getElement('latest', HTMLElement, next)
  if (latest.dataset['event'] !== nextLatest.dataset['event'] && !('unfolded' in latest.dataset)) {
    replaceElement(latest, nextLatest)
  }
  const isFirstPage = 'firstPage' in getElement('list', HTMLElement).dataset
  if (isFirstPage && scrollY <= SCROLLED) replaceWithNext('list', next)
  showAges()
}

export function mergeRoutes(next: Document): void {
  replaceWithNext('list', next)
}

function rowsOf(): HTMLTableRowElement[] {
  return [...(findElement('rows', HTMLTableSectionElement)?.rows ?? [])]
}
