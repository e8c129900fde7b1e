/**
 * The script of the list. The server renders rows; the script asks for the page again whenever the stream says that
 * there is more, and takes over what is new. So a row is the same however it came, and every filter holds.
 */
export const LIST_SCRIPT = `
/** Milliseconds between two askings, however fast events come. */
const REFRESH_GAP = 400
/** Further down than this, new rows wait behind a pill. */
const SCROLLED = 40

let refreshTimer
let refreshing = false
/** What came while a page was on its way may not be on it: it is asked for again. */
let refreshAgain = false
let lastRefresh = 0
/** Grows with each address that is asked for: an answer to an earlier one is not shown. */
let generation = 0

async function readPage(url) {
  const response = await fetch(url, { headers: { accept: 'text/html' } })
  if (!response.ok) return undefined
  return new DOMParser().parseFromString(await response.text(), 'text/html')
}

function scheduleRefresh() {
  if (refreshing) refreshAgain = true
  else refreshTimer ??= setTimeout(refresh, Math.max(60, lastRefresh + REFRESH_GAP - Date.now()))
}

async function refresh() {
  const asked = generation
  refreshTimer = undefined
  refreshing = true
  lastRefresh = Date.now()
  try {
    const next = await readPage(byId('news')?.href ?? location.href)
    if (next && asked === generation) merge(next)
  } catch {
    // The stream tells that the inbox is gone, and when it is back.
  }
  refreshing = false
  if (!refreshAgain) return
  refreshAgain = false
  scheduleRefresh()
}

function merge(next) {
  const list = byId('list')
  const nextList = next.getElementById('list')
  const wasEmpty = 'empty' in list.dataset
  if (wasEmpty && 'empty' in nextList.dataset) return
  if (wasEmpty || 'empty' in nextList.dataset) {
    byId('content').replaceChildren(...next.getElementById('content').childNodes)
    return
  }
  byId('volume').replaceWith(next.getElementById('volume'))
  byId('clear-count').textContent = next.getElementById('clear-count').textContent
  updateTabs(next)
  updateServices(next)
  if ('firstPage' in list.dataset && scrollY <= SCROLLED) takeRows(next)
  else offerRows(nextList)
}

function updateTabs(next) {
  const counts = byId('tabs').querySelectorAll('.count')
  const nextCounts = next.getElementById('tabs').querySelectorAll('.count')
  if (counts.length !== nextCounts.length) byId('tabs').replaceWith(next.getElementById('tabs'))
  else for (const [index, count] of counts.entries()) count.textContent = nextCounts[index].textContent
}

function updateServices(next) {
  const select = byId('service')
  const nextSelect = next.getElementById('service')
  if (select === document.activeElement || select.length === nextSelect.length) return
  const { value } = select
  select.replaceChildren(...nextSelect.childNodes)
  select.value = value
}

/** New rows go on top; rows that are there stay the elements that they are. */
function takeRows(next) {
  const list = byId('list')
  const nextList = next.getElementById('list')
  const rows = byId('rows')
  const nextRows = next.getElementById('rows')
  hidePill()
  list.dataset.newest = nextList.dataset.newest
  if (!rows || !nextRows) {
    list.replaceChildren(...nextList.childNodes)
    return
  }
  const kept = new Set([...nextRows.rows].map(row => row.id))
  for (const row of [...rows.rows]) {
    if (!kept.has(row.id) && !row.contains(document.activeElement)) row.remove()
  }
  const fresh = [...nextRows.rows].filter(row => !byId(row.id))
  for (const row of fresh) row.classList.add('arrived')
  rows.prepend(...fresh)
  list.querySelector('.pager').replaceWith(nextList.querySelector('.pager'))
  showAges()
}

function offerRows(nextList) {
  const ids = [...nextList.querySelectorAll('.row')].map(row => row.id)
  const seen = ids.indexOf('event-' + byId('list').dataset.newest)
  const count = seen < 0 ? ids.length : seen
  if (count === 0) return
  const pill = byId('news')
  const text = '↑ ' + count + (seen < 0 && byId('list').dataset.newest ? '+' : '') + ' new event' + (count === 1 ? '' : 's')
  if (pill.textContent !== text) announce(text.slice(2))
  pill.textContent = text
  pill.hidden = false
}

function hidePill() {
  byId('news').hidden = true
}

/** Goes to another list without leaving the page. */
async function showList(url, { push = true } = {}) {
  const asked = ++generation
  if (push) history.pushState(null, '', url)
  const next = await readPage(url).catch(() => undefined)
  if (asked !== generation) return
  if (!next?.getElementById('filters') || !byId('filters')) {
    location.assign(url)
    return
  }
  const hadTab = byId('tabs').contains(document.activeElement)
  for (const id of ['volume', 'tabs', 'list']) byId(id).replaceWith(next.getElementById(id))
  if (hadTab) byId('tabs').querySelector('[aria-current]').focus()
  for (const id of ['search', 'type', 'service']) {
    if (!push || byId(id) !== document.activeElement) byId(id).value = next.getElementById(id).value
  }
  byId('filters').querySelector('[name=status]')?.remove()
  const status = next.getElementById('filters').querySelector('[name=status]')
  if (status) byId('filters').prepend(status)
  byId('clear-filters').hidden = next.getElementById('clear-filters').hidden
  byId('news').href = next.getElementById('news').href
  hidePill()
  announce(byId('volume').querySelector('strong').textContent)
}

function readForm() {
  const parameters = new URLSearchParams()
  for (const [name, value] of new FormData(byId('filters'))) if (value) parameters.set(name, value)
  return parameters.size > 0 ? '/?' + parameters : '/'
}

let typing
function watchFilters() {
  const content = byId('content')
  content.addEventListener('submit', event => {
    if (event.target.id !== 'filters') return
    event.preventDefault()
    clearTimeout(typing)
    showList(readForm())
  })
  content.addEventListener('input', event => {
    clearTimeout(typing)
    if (event.target.id === 'search') typing = setTimeout(() => showList(readForm()), 250)
    else if (event.target.form?.id === 'filters') showList(readForm())
  })
  content.addEventListener('click', event => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    const sample = event.target.closest('[data-sample]')
    if (sample) {
      fetch('/api/v1/ingest/events', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-replaystack-api-key': sample.dataset.key },
        body: sample.dataset.sample,
      })
    }
    const link = event.target.closest('[data-filter], #clear-filters, #news')
    if (link && byId('filters')) {
      event.preventDefault()
      const toTop = link.id === 'news'
      showList(link.getAttribute('href')).then(() => toTop && scrollTo({ top: 0 }))
    }
  })
  addEventListener('popstate', () => showList(location.href, { push: false }))
}

function watchStream() {
  const live = byId('live')
  const show = (state, text) => {
    live.dataset.state = state
    byId('live-text').textContent = text
  }
  let source
  const open = () => {
    source = new EventSource('/api/v1/stream')
    source.addEventListener('open', () => {
      show('live', 'live')
      // What came between the page and the stream.
      scheduleRefresh()
    })
    source.addEventListener('event.created', scheduleRefresh)
    source.addEventListener('error', () => {
      show('lost', 'reconnecting')
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 3000)
    })
  }
  open()
  // A page that is kept to go back to holds no connection.
  addEventListener('pagehide', () => source.close())
  addEventListener('pageshow', event => event.persisted && open())
}

/** So that an event's page knows what is next to it, and what to go back to. */
function rememberList() {
  const ids = [...document.querySelectorAll('.row')].map(row => row.id.slice('event-'.length))
  remember(sessionStorage, 'list', JSON.stringify({ search: location.search, ids }))
}

/** Back from an event, the keyboard goes on from its row. */
function focusLast() {
  const id = recall(sessionStorage, 'from')
  remember(sessionStorage, 'from', null)
  if (id) byId('event-' + id)?.querySelector('a').focus()
}

if (page === 'list') {
  watchFilters()
  watchStream()
  setInterval(scheduleRefresh, 30000)
  addEventListener('pagehide', rememberList)
  // The first event brings a dialog of its own: what holds it listens. Closing does not bubble.
  byId('content').addEventListener(
    'close',
    async event => {
      if (event.target.id !== 'clear' || event.target.returnValue !== 'delete') return
      await fetch('/api/v1/events', { method: 'DELETE' })
      location.assign('/')
    },
    true,
  )
  if (location.hash === '#search') byId('search')?.focus()
  else focusLast()
}
`
