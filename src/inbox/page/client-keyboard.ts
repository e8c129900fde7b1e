/** The script of the keyboard. */
export const KEYBOARD_SCRIPT = `
function moveInList(step) {
  const links = [...document.querySelectorAll('.row-link')]
  const at = links.indexOf(document.activeElement)
  // From nowhere: the first that can be seen.
  const next = at < 0 ? links.find(link => link.getBoundingClientRect().top > 50) : links[at + step]
  next?.focus({ preventScroll: true })
  next?.closest('tr').scrollIntoView({ block: 'nearest' })
}

function follow(id) {
  const link = byId(id)
  if (link && !link.hidden && link.hasAttribute('href')) location.assign(link.href)
}

const LIST_KEYS = {
  j: () => moveInList(1),
  k: () => moveInList(-1),
  ArrowDown: () => moveInList(1),
  ArrowUp: () => moveInList(-1),
  '/': () => {
    byId('search')?.focus()
    byId('search')?.select()
  },
}

const EVENT_KEYS = {
  j: () => follow('older'),
  k: () => follow('newer'),
  ArrowRight: () => follow('older'),
  ArrowLeft: () => follow('newer'),
  r: () => {
    byId('replay').scrollIntoView({ block: 'start' })
    byId('replay-target')?.focus({ preventScroll: true })
  },
  '/': () => location.assign('/#search'),
}

const KEYS = { ...(page === 'list' ? LIST_KEYS : page === 'event' ? EVENT_KEYS : {}), '?': () => openDialog('shortcuts') }

const enabled = byId('shortcuts-enabled')
enabled.checked = recall(localStorage, 'shortcuts') !== 'off'
enabled.addEventListener('change', () => remember(localStorage, 'shortcuts', enabled.checked ? null : 'off'))

document.addEventListener('keydown', event => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.isComposing || document.querySelector('dialog[open]')) return
  const { target, key } = event
  if (target.closest('input, select, textarea')) {
    if (key === 'Escape') target.blur()
    return
  }
  if (key === 'Escape') {
    if (page === 'list') document.activeElement?.blur()
    else follow('back')
    return
  }
  const isArrow = key.startsWith('Arrow')
  // Arrows still scroll what has the focus and scrolls.
  if (isArrow && target.closest('pre')) return
  if (!isArrow && !enabled.checked) return
  if (!Object.hasOwn(KEYS, key)) return
  event.preventDefault()
  KEYS[key]()
})
`
