/**
 * Keeps a page up to date. The server renders all of it; the script asks for the page again whenever the stream says that
 * there is more, and takes over what is new. So a row is the same however it came, and every filter holds.
 */
import { announce } from './announce.ts'
import { findElement, getElement, pageKind } from './elements.ts'
import { mergeEvents } from './merge-events.ts'
import { mergeIssue, mergeIssues, mergeRoutes } from './merge-issues.ts'
import { hideOffer, replaceWithNext } from './replace.ts'
import { mergeReplays } from './replay-news.ts'

const MERGES: Readonly<Record<string, (next: Document) => void>> = {
  list: mergeEvents,
  issues: mergeIssues,
  issue: mergeIssue,
  routes: mergeRoutes,
  event: mergeReplays,
}

/** Milliseconds between two requests for the page, however fast events arrive. Numbers that change are not read faster. */
const REFRESH_GAP = 400
const NUMBERS_GAP = 2000
/** Milliseconds that a first event waits for others. */
const LEAST_WAIT = 60
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
  const gap = pageKind() === 'routes' ? NUMBERS_GAP : REFRESH_GAP
  setTimeout(refresh, Math.max(LEAST_WAIT, lastRefresh + gap - Date.now()))
}

async function refresh(): Promise<void> {
  const asked = generation
  isScheduled = false
  refreshing = true
  lastRefresh = Date.now()
  try {
    const next = await readPage(findElement('news', HTMLAnchorElement)?.href ?? location.href)
    if (next && asked === generation) MERGES[pageKind() ?? '']?.(next)
  } catch {
    // The stream tells that the inbox is gone, and when it is back.
  }
  refreshing = false
  if (!refreshAgain) return
  refreshAgain = false
  scheduleRefresh()
}

/** Makes a refresh that is on its way worth nothing: what it brings was asked for before a change. */
export function forgetRefresh(): void {
  generation++
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
  const hadTab = findElement('tabs', HTMLElement)?.contains(document.activeElement)
  for (const id of ['volume', 'tabs', 'list']) {
    if (findElement(id, HTMLElement) && findElement(id, HTMLElement, next)) replaceWithNext(id, next)
  }
  if (hadTab) getElement('tabs', HTMLElement).querySelector<HTMLElement>('[aria-current]')?.focus()
  for (const field of filters.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]:not([type=hidden])')) {
    const nextField = nextFilters.elements.namedItem(field.name)
    const isField = nextField instanceof HTMLInputElement || nextField instanceof HTMLSelectElement
    if (isField && (!push || field !== document.activeElement)) field.value = nextField.value
  }
  for (const hidden of filters.querySelectorAll('[type=hidden]')) hidden.remove()
  filters.prepend(...nextFilters.querySelectorAll('[type=hidden]'))
  replaceWithNext('clear-filters', next)
  const [news, nextNews] = [document, next].map(page => findElement('news', HTMLAnchorElement, page))
  if (news && nextNews) news.href = nextNews.href
  hideOffer()
  // A refresh that began meanwhile asked for the list before: its rows are not for this one.
  forgetRefresh()
  scheduleRefresh()
  announce(describeList())
}

/** What the list holds, for those who hear the page. */
function describeList(): string {
  const count = document.querySelectorAll('#rows > tr').length
  return (
    findElement('volume', HTMLElement)?.querySelector('strong')?.textContent ??
    `${count} ${count === 1 ? 'row' : 'rows'}`
  )
}
