/** What single keys do. A reader can switch them off: speech input may type them. */
import { copyFromUrl } from './copy.ts'
import { openDialog } from './dialogs.ts'
import { findElement, getElement, pageKind, targetOf } from './elements.ts'
import { forGood, recall, remember } from './remembered.ts'

/** Pixels that the top bar covers. */
const TOP_BAR = 50

type Keys = Readonly<Record<string, () => void>>

const LIST_KEYS: Keys = {
  j: () => moveInList(1),
  k: () => moveInList(-1),
  ArrowDown: () => moveInList(1),
  ArrowUp: () => moveInList(-1),
  f: () => {
    const tabs = document.querySelectorAll<HTMLElement>('#tabs .tab')
    // All, then failed: the one that is not shown now.
    const [all, failed] = tabs
    if (failed?.hasAttribute('aria-current')) all?.click()
    else failed?.click()
  },
  c: () => {
    const link = document.activeElement?.closest<HTMLAnchorElement>('.row-link')
    if (link) copyFromUrl(`${link.pathname}/curl`)
  },
  '/': () => {
    const search = findElement('search', HTMLInputElement)
    search?.focus()
    search?.select()
  },
}

const EVENT_KEYS: Keys = {
  j: () => follow('older'),
  k: () => follow('newer'),
  ArrowRight: () => follow('older'),
  ArrowLeft: () => follow('newer'),
  c: () => document.getElementById('copy-curl')?.click(),
  r: () => {
    getElement('replay', HTMLElement).scrollIntoView({ block: 'start' })
    findElement('replay-target', HTMLInputElement)?.focus({ preventScroll: true })
  },
  '/': () => location.assign('/#search'),
}

export function watchKeyboard(): void {
  const page = pageKind()
  const keys: Keys = {
    ...(page === 'list' ? LIST_KEYS : page === 'event' ? EVENT_KEYS : {}),
    '?': () => openDialog('shortcuts'),
  }
  const enabled = getElement('shortcuts-enabled', HTMLInputElement)
  enabled.checked = recall(forGood, 'shortcuts') !== 'off'
  enabled.addEventListener('change', () => remember(forGood, 'shortcuts', enabled.checked ? null : 'off'))

  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.isComposing || document.querySelector('dialog[open]')) return
    const target = targetOf(event)
    if (target?.closest('input, select, textarea')) {
      if (event.key === 'Escape' && target instanceof HTMLElement) target.blur()
      return
    }
    if (event.key === 'Escape') {
      if (page !== 'list') follow('back')
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      return
    }
    const isArrow = event.key.startsWith('Arrow')
    // Arrows still scroll what has the focus and scrolls.
    if (isArrow && target?.closest('pre')) return
    if (!isArrow && !enabled.checked) return
    const does = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined
    if (!does) return
    event.preventDefault()
    does()
  })
}

function moveInList(step: number): void {
  const links = [...document.querySelectorAll<HTMLElement>('.row-link')]
  const at = links.findIndex(link => link.matches(':focus'))
  // From nowhere: the first that can be seen.
  const next = at < 0 ? links.find(link => link.getBoundingClientRect().top > TOP_BAR) : links[at + step]
  next?.focus({ preventScroll: true })
  next?.closest('tr')?.scrollIntoView({ block: 'nearest' })
}

function follow(id: string): void {
  const link = findElement(id, HTMLAnchorElement)
  if (link && !link.hidden && link.hasAttribute('href')) location.assign(link.href)
}
