import { addressOf } from './addresses.ts'
import { findElement, getElement, targetOf } from './elements.ts'
import { showList } from './page-refresh.ts'

/** Milliseconds after the last key before what was typed is searched for. */
const TYPING_PAUSE = 250

let typing: number | undefined

/** Filters work by themselves as a form and as links; here they work without leaving the page. */
export function watchFilters(): void {
  const content = getElement('content', HTMLElement)
  content.addEventListener('submit', event => {
    if (targetOf(event)?.id !== 'filters') return
    event.preventDefault()
    clearTimeout(typing)
    showList(readForm())
  })
  content.addEventListener('input', event => {
    clearTimeout(typing)
    const target = targetOf(event)
    if (target?.id === 'search') typing = window.setTimeout(() => showList(readForm()), TYPING_PAUSE)
    else if (target?.closest('#filters')) showList(readForm())
  })
  content.addEventListener('click', followFilter)
  content.addEventListener('input', event => targetOf(event)?.id === 'search' && completeTerm())
  addEventListener('popstate', () => showList(location.href, { push: false }))
}

function readForm(): string {
  const form = getElement('filters', HTMLFormElement)
  const { pathname } = new URL(form.action)
  const parameters = new URLSearchParams()
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && value !== '') parameters.set(name, value)
  }
  return parameters.size > 0 ? `${pathname}?${parameters}` : pathname
}

/** The terms that a query may have, as the server wrote them. */
let terms: { value: string; means: string }[] | undefined

/** Offers what the last term of the query may become: a browser completes only the whole of a field. */
function completeTerm(): void {
  const list = getElement('query-terms', HTMLDataListElement)
  terms ??= [...list.options].map(({ value, text }) => ({ value, means: text }))
  const { value: query } = getElement('search', HTMLInputElement)
  const [before = '', last = ''] = /^(.*?-?)([^\s-]*)$/s.exec(query)?.slice(1) ?? []
  const found = terms.filter(({ value }) => value.startsWith(last.toLowerCase()))
  list.replaceChildren(...found.map(({ value, means }) => new Option(means, before + value)))
}

/** Shows the time of a bar alone. */
function showTime({ since, until }: DOMStringMap): void {
  const search = getElement('search', HTMLInputElement)
  const rest = search.value.replace(/(?:^|\s)(?:since|until):\S+/g, '').trim()
  search.value = `${rest} since:${since} until:${until}`.trim()
  showList(readForm())
}

function followFilter(event: MouseEvent): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  const bar = targetOf(event)?.closest<SVGElement>('[data-since]')
  if (bar) showTime(bar.dataset)
  const sample = targetOf(event)?.closest<HTMLElement>('[data-sample]')
  if (sample) sendSample(sample)
  const link = targetOf(event)?.closest('[data-filter], #clear-filters, #news')
  const url = link?.getAttribute('href')
  if (!link || !url || !findElement('filters', HTMLFormElement)) return
  event.preventDefault()
  showList(url).then(() => link.id === 'news' && scrollTo({ top: 0 }))
}

function sendSample({ dataset: { sample = '', key = '' } }: HTMLElement): void {
  fetch(addressOf('/api/v1/ingest/events'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-replaystack-api-key': key },
    body: sample,
  })
}
