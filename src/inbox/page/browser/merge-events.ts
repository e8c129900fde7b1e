/** The list of events: new rows come on top, or wait behind a pill. */
import { showAges } from './ages.ts'
import { findElement, getElement } from './elements.ts'
import { hideOffer, offerNew, replaceWithNext, updateTabs } from './replace.ts'

/** Pixels: further down than this, new rows wait behind a pill. */
export const SCROLLED = 40

export function mergeEvents(next: Document): void {
  const list = getElement('list', HTMLElement)
  const nextList = getElement('list', HTMLElement, next)
  const wasEmpty = 'empty' in list.dataset
  const isEmpty = 'empty' in nextList.dataset
  if (wasEmpty && isEmpty) return
  if (wasEmpty || isEmpty) {
    const content = getElement('content', HTMLElement, next)
    getElement('content', HTMLElement).replaceChildren(...content.childNodes)
    return
  }
  // Rows keep their places under a pointer that is about to click.
  if (!document.querySelector('#open-issues:hover')) replaceWithNext('open-issues', next)
  replaceWithNext('volume', next)
  getElement('clear-count', HTMLElement).textContent = getElement('clear-count', HTMLElement, next).textContent
  updateTabs(next)
  updateServices(next)
  if ('firstPage' in list.dataset && scrollY <= SCROLLED) takeRows(next)
  else offerRows(nextList)
}

function updateServices(next: Document): void {
  const select = getElement('service', HTMLSelectElement)
  const nextSelect = getElement('service', HTMLSelectElement, next)
  getElement('pick-service', HTMLElement).hidden = getElement('pick-service', HTMLElement, next).hidden
  if (select === document.activeElement || select.length === nextSelect.length) return
  const { value } = select
  select.replaceChildren(...nextSelect.childNodes)
  select.value = value
}

/** New rows go on top; rows that are there stay the elements that they are. */
function takeRows(next: Document): void {
  const list = getElement('list', HTMLElement)
  const nextList = getElement('list', HTMLElement, next)
  const rows = findElement('rows', HTMLTableSectionElement)
  const nextRows = findElement('rows', HTMLTableSectionElement, next)
  hideOffer()
  list.dataset['newest'] = nextList.dataset['newest'] ?? ''
  if (!rows || !nextRows) {
    list.replaceChildren(...nextList.childNodes)
    return
  }
  const kept = new Set([...nextRows.rows].map(row => row.id))
  for (const row of [...rows.rows]) {
    if (!kept.has(row.id) && !row.contains(document.activeElement)) row.remove()
  }
  const fresh = [...nextRows.rows].filter(row => !document.getElementById(row.id))
  for (const row of fresh) row.classList.add('arrived')
  rows.prepend(...fresh)
  // Which columns there are.
  getElement('events', HTMLElement).className = getElement('events', HTMLElement, next).className
  replaceWithNext('pages', next)
  showAges()
}

function offerRows(nextList: HTMLElement): void {
  const newest = getElement('list', HTMLElement).dataset['newest']
  const ids = [...nextList.querySelectorAll('.row')].map(row => row.id)
  const seen = ids.indexOf(`event-${newest}`)
  const count = seen < 0 ? ids.length : seen
  if (count === 0) return
  offerNew(`${count}${seen < 0 && newest ? '+' : ''} new event${count === 1 ? '' : 's'}`)
}
