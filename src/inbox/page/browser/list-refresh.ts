/**
 * Keeps the list up to date. The server renders rows; the script asks for the page again whenever the stream says that
 * there is more, and takes over what is new. So a row is the same however it came, and every filter holds.
 */
import { showAges } from './ages.ts'
import { announce } from './announce.ts'
import { findElement, getElement } from './elements.ts'

/** Milliseconds between two requests for the page, however fast events arrive. */
const REFRESH_GAP = 400
/** Milliseconds that a first event waits for others. */
const LEAST_WAIT = 60
/** Pixels: further down than this, new rows wait behind a pill. */
const SCROLLED = 40

let isScheduled = false
let refreshing = false
/** What came while a page was on its way may not be on it: it is asked for again. */
let refreshAgain = false
let lastRefresh = 0
/** Grows with each address that is asked for: a response to an earlier one is not shown. */
let generation = 0

async function readPage(url: string): Promise<Document | undefined> {
  const response = await fetch(url, { headers: { accept: 'text/html' } })
  // A query that means nothing has a page too, which says why.
  if (!response.ok && response.status !== 400) return undefined
  return new DOMParser().parseFromString(await response.text(), 'text/html')
}

export function scheduleRefresh(): void {
  if (refreshing) refreshAgain = true
  if (refreshing || isScheduled) return
  isScheduled = true
  setTimeout(refresh, Math.max(LEAST_WAIT, lastRefresh + REFRESH_GAP - Date.now()))
}

async function refresh(): Promise<void> {
  const asked = generation
  isScheduled = false
  refreshing = true
  lastRefresh = Date.now()
  try {
    const next = await readPage(findElement('news', HTMLAnchorElement)?.href ?? location.href)
    if (next && asked === generation) merge(next)
  } catch {
    // The stream tells that the inbox is gone, and when it is back.
  }
  refreshing = false
  if (!refreshAgain) return
  refreshAgain = false
  scheduleRefresh()
}

function merge(next: Document): void {
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
  replaceWithNext('volume', next)
  getElement('clear-count', HTMLElement).textContent = getElement('clear-count', HTMLElement, next).textContent
  updateTabs(next)
  updateServices(next)
  if ('firstPage' in list.dataset && scrollY <= SCROLLED) takeRows(next)
  else offerRows(nextList)
}

function replaceWithNext(id: string, next: Document): void {
  getElement(id, HTMLElement).replaceWith(getElement(id, HTMLElement, next))
}

function updateTabs(next: Document): void {
  const counts = [...getElement('tabs', HTMLElement).querySelectorAll('.count')]
  const nextCounts = [...getElement('tabs', HTMLElement, next).querySelectorAll('.count')]
  if (counts.length !== nextCounts.length) replaceWithNext('tabs', next)
  else for (const [index, count] of counts.entries()) count.textContent = nextCounts[index]?.textContent ?? ''
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
  hidePill()
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
  const pill = getElement('news', HTMLElement)
  const text = `↑ ${count}${seen < 0 && newest ? '+' : ''} new event${count === 1 ? '' : 's'}`
  if (pill.textContent !== text) announce(text.slice(2))
  pill.textContent = text
  pill.hidden = false
}

function hidePill(): void {
  getElement('news', HTMLElement).hidden = true
}

/** Goes to another list without leaving the page. */
export async function showList(url: string, { push = true } = {}): Promise<void> {
  const asked = ++generation
  if (push) history.pushState(null, '', url)
  const next = await readPage(url).catch(() => undefined)
  if (asked !== generation) return
  const filters = findElement('filters', HTMLFormElement)
  const nextFilters = next && findElement('filters', HTMLFormElement, next)
  if (!next || !nextFilters || !filters) {
    location.assign(url)
    return
  }
  const hadTab = getElement('tabs', HTMLElement).contains(document.activeElement)
  for (const id of ['volume', 'tabs', 'list']) replaceWithNext(id, next)
  if (hadTab) getElement('tabs', HTMLElement).querySelector<HTMLElement>('[aria-current]')?.focus()
  for (const field of filters.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]:not([type=hidden])')) {
    const nextField = nextFilters.elements.namedItem(field.name)
    const isField = nextField instanceof HTMLInputElement || nextField instanceof HTMLSelectElement
    if (isField && (!push || field !== document.activeElement)) field.value = nextField.value
  }
  for (const hidden of filters.querySelectorAll('[type=hidden]')) hidden.remove()
  filters.prepend(...nextFilters.querySelectorAll('[type=hidden]'))
  replaceWithNext('clear-filters', next)
  getElement('news', HTMLAnchorElement).href = getElement('news', HTMLAnchorElement, next).href
  hidePill()
  // A refresh that began meanwhile asked for the list before: its rows are not for this one.
  generation++
  scheduleRefresh()
  announce(getElement('volume', HTMLElement).querySelector('strong')?.textContent ?? '')
}
