/** The script of an event's page: its neighbours, and its replay. */
export const EVENT_SCRIPT = String.raw`
/** UTF-16 units of an answer's body that are shown. */
const MAX_BODY = 60000

/** Names of what was left out of a verdict that are shown. */
const MAX_NAMES = 100

function linkNeighbours() {
  const id = decodeURIComponent(location.pathname.split('/')[2])
  remember(sessionStorage, 'from', id)
  let list
  try {
    list = JSON.parse(recall(sessionStorage, 'list') ?? 'null')
  } catch {}
  if (!Array.isArray(list?.ids)) return
  byId('back').href = '/' + list.search
  const at = list.ids.indexOf(id)
  if (at < 0) return
  for (const [name, neighbour] of [
    ['newer', list.ids[at - 1]],
    ['older', list.ids[at + 1]],
  ]) {
    if (!neighbour) continue
    byId(name).href = '/events/' + encodeURIComponent(neighbour)
    byId(name).hidden = false
  }
}

function readHeaders(text) {
  const headers = {}
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim()
  }
  return headers
}

async function replay(form) {
  const target = byId('replay-target').value
  const values = {}
  for (const input of form.querySelectorAll('[data-need]')) values[input.dataset.need] = input.value
  const response = await fetch('/api/v1/events/' + encodeURIComponent(form.dataset.event) + '/replay', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      target,
      baseline: byId('replay-baseline').value || undefined,
      times: Number(byId('replay-times').value),
      headers: readHeaders(byId('replay-headers').value),
      values,
    }),
  })
  const answer = await response.json()
  return answer.success ? showResult(answer.data) : [verdict('refused', '✕ ' + answer.message)]
}

function verdict(kind, text) {
  return element('p', { class: 'verdict ' + kind }, text)
}

function showResult(result) {
  const { request, original, replayed, same, compared, verdict: said, differences, leftOut, runs, notes = [] } = result
  const title = result.comparedWith === 'baseline' ? 'Baseline' : 'Captured'
  const count = differences.length + (differences.length === 1 ? ' difference' : ' differences')
  const parts = [
    same
      ? verdict('same', '✓ ' + said)
      : compared.status || compared.body !== 'none'
        ? verdict('different', '≠ Another answer: ' + count)
        : verdict('different', '? ' + said),
    element('div', { class: 'answers' }, showAnswer(title, original), showAnswer('Replayed', replayed)),
  ]
  if (differences.length > 0) parts.push(showDifferences(differences, title))
  if (leftOut.length > 0) {
    const names = leftOut.slice(0, MAX_NAMES).join(', ') + (leftOut.length > MAX_NAMES ? ' …' : '')
    parts.push(element('p', { class: 'hint' }, 'Left out, for it differs between the ' + runs.length + ' runs: ' + names))
  }
  if (notes.length > 0) parts.push(element('ul', { class: 'notes' }, ...notes.map(note => element('li', {}, note))))
  const sent = element('p', { class: 'show-all' }, 'Sent ' + request.method + ' ' + request.url + '. ')
  if (request.traceId) {
    const search = '/?q=' + encodeURIComponent(request.traceId)
    sent.append(element('a', { href: search }, 'Find the replay among the events'))
  }
  return [...parts, sent]
}

function showAnswer(title, { statusCode, durationMs, headers, body }) {
  const facts = [statusCode, durationMs === undefined ? undefined : Math.round(durationMs) + ' ms']
  const heading = [title, ...facts.filter(fact => fact !== undefined)].join(' · ')
  const text = body.length > MAX_BODY ? body.slice(0, MAX_BODY) + '…' : body
  const label = title + ' body'
  const shown = element('section', {}, element('h3', {}, heading))
  if (text) {
    shown.append(element('pre', { class: 'code wrapped', tabindex: '0', role: 'region', 'aria-label': label }, pretty(text)))
  } else shown.append(element('p', { class: 'nothing' }, 'No body'))
  const names = Object.entries(headers)
  if (names.length > 0) {
    const rows = names.map(([name, value]) =>
      element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, String(value))),
    )
    const table = element('table', { class: 'values' }, element('tbody', {}, ...rows))
    shown.append(element('details', {}, element('summary', {}, 'Headers (' + names.length + ')'), table))
  }
  return shown
}

function pretty(text) {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function showDifferences(differences, title) {
  const head = ['Where', title, 'Replayed'].map(name => element('th', { scope: 'col' }, name))
  const rows = differences.map(({ path, original, replayed, kind }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, path),
      element('td', {}, kind === 'added' ? '(none)' : element('del', {}, original)),
      element('td', {}, kind === 'removed' ? '(none)' : element('ins', {}, replayed)),
    ),
  )
  return element(
    'table',
    { class: 'differences' },
    element('caption', {}, 'What differs'),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows),
  )
}

function watchReplay(form) {
  const input = byId('replay-target')
  const showTarget = () => {
    const plain = /^[\w:/.[\]-]+$/.test(input.value)
    byId('command-target').textContent = plain ? input.value : "'" + input.value.replaceAll("'", '%27') + "'"
  }
  input.addEventListener('input', showTarget)
  showTarget()
  form.addEventListener('submit', async event => {
    event.preventDefault()
    const button = byId('replay-send')
    button.disabled = true
    let shown
    try {
      shown = await replay(form)
    } catch {
      shown = [verdict('refused', '✕ The inbox did not answer. Is it still running?')]
    }
    byId('replay-result').replaceChildren(...shown)
    button.disabled = false
    button.focus()
  })
}

if (page === 'event') {
  linkNeighbours()
  const form = byId('replay-form')
  if (form) watchReplay(form)
}
`
