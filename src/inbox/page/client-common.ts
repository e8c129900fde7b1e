/** The script of every page: what is remembered, theme and density, dialogs, copying, ages. */
export const COMMON = `
const byId = id => document.getElementById(id)
const root = document.documentElement
const page = document.body.dataset.page

function recall(storage, name) {
  try {
    return storage.getItem('replaystack.' + name)
  } catch {
    return null
  }
}

function remember(storage, name, value) {
  try {
    if (value === null) storage.removeItem('replaystack.' + name)
    else storage.setItem('replaystack.' + name, value)
  } catch {}
}

function announce(text) {
  byId('announcer').textContent = text
}

/** An element; text only ever becomes text. */
function element(name, attributes, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, value)
  }
  made.append(...children)
  return made
}

const THEMES = ['system', 'light', 'dark']

function showTheme() {
  byId('theme-name').textContent = root.dataset.theme ?? 'system'
}

byId('theme-toggle').addEventListener('click', () => {
  const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? 'system') + 1) % THEMES.length]
  if (next === 'system') delete root.dataset.theme
  else root.dataset.theme = next
  remember(localStorage, 'theme', next === 'system' ? null : next)
  showTheme()
  announce('Theme: ' + next)
})
showTheme()

function showDensity() {
  byId('density-toggle').setAttribute('aria-pressed', String(root.dataset.density === 'compact'))
}

byId('density-toggle').addEventListener('click', () => {
  const compact = root.dataset.density !== 'compact'
  if (compact) root.dataset.density = 'compact'
  else delete root.dataset.density
  remember(localStorage, 'density', compact ? 'compact' : null)
  showDensity()
})
showDensity()

document.addEventListener('click', event => {
  const opener = event.target.closest('[data-opens]')
  if (opener) openDialog(opener.dataset.opens)
  const copier = event.target.closest('[data-copy], [data-copy-url]')
  if (copier) copyText(copier)
})

function openDialog(id) {
  const dialog = byId(id)
  dialog.returnValue = ''
  dialog.showModal()
}

async function readText(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(response.statusText)
  return response.text()
}

async function copyText(button) {
  const state = button.querySelector('[data-copy-state]')
  const said = button.dataset.said ?? state.textContent
  button.dataset.said = said
  try {
    const { copy, copyUrl } = button.dataset
    const text = copyUrl ? await readText(copyUrl) : byId(copy).textContent
    await navigator.clipboard.writeText(text.trimEnd())
    state.textContent = 'Copied'
  } catch {
    state.textContent = 'Could not copy'
  }
  announce(state.textContent)
  clearTimeout(button.copied)
  button.copied = setTimeout(() => {
    state.textContent = said
  }, 1800)
}

const AGES = [
  ['d', 86400000],
  ['h', 3600000],
  ['min', 60000],
  ['s', 1000],
]

function showAges() {
  for (const time of document.querySelectorAll('time[data-age]')) {
    const age = Date.now() - Date.parse(time.dateTime)
    const unit = AGES.find(([, milliseconds]) => age >= milliseconds)
    const text = unit ? Math.floor(age / unit[1]) + ' ' + unit[0] + ' ago' : 'now'
    if (time.textContent !== text) time.textContent = text
  }
}
setInterval(showAges, 1000)
`
