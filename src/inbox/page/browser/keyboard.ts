/** What single keys do. A reader can switch them off: speech input may type them. */
import { addressOf } from './addresses.ts'
import { copyFromUrl } from './copy.ts'
import { openDialog } from './dialogs.ts'
import { findElement, getElement, pageKind, targetOf } from './elements.ts'
import { forGood, recall, remember } from './remembered.ts'

/** Pixels that the top bar covers. */
const TOP_BAR = 50

/** Milliseconds after a `g` in which the next key is its own. */
const GO_WITHIN = 2000

type Keys = Readonly<Record<string, () => void>>

const ROW_KEYS: Keys = {
  j: () => moveInList(1),
  k: () => moveInList(-1),
  ArrowDown: () => moveInList(1),
  ArrowUp: () => moveInList(-1),
}

const SEARCH_KEYS: Keys = {
  '/': () => {
    const search = findElement('search', HTMLInputElement)
    search?.focus()
    search?.select()
  },
}

const COPY_KEYS: Keys = {
  c: () => {
    const link = document.activeElement?.closest<HTMLAnchorElement>('.row-link')
    if (link) copyFromUrl(`${link.pathname}/curl`)
  },
}

const STATE_KEYS: Keys = {
  e: () => changeState('resolved'),
  i: () => changeState('ignored'),
  o: () => changeState('open'),
}

const LIST_KEYS: Keys = {
  ...ROW_KEYS,
  ...SEARCH_KEYS,
  ...COPY_KEYS,
  f: () => {
    const tabs = document.querySelectorAll<HTMLElement>('#tabs .tab')
    // All, then failed: the one that is not shown now.
    const [all, failed] = tabs
    if (failed?.hasAttribute('aria-current')) all?.click()
    else failed?.click()
  },
}

const ISSUE_KEYS: Keys = {
  ...ROW_KEYS,
  ...COPY_KEYS,
  ...STATE_KEYS,
  r: () => follow('replay-latest'),
  t: () => follow('test-latest'),
  '/': () => location.assign(addressOf('/issues#search')),
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
  t: () => {
    const test = findElement('test', HTMLElement)
    test?.scrollIntoView({ block: 'start' })
    test?.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true })
  },
  u: () => follow('issue'),
  l: () => follow('compare-success'),
  '[': () => follow('issue-older'),
  ']': () => follow('issue-newer'),
  '/': () => location.assign(addressOf('/#search')),
}

const PAGE_KEYS: Readonly<Record<string, Keys>> = {
  list: LIST_KEYS,
  event: EVENT_KEYS,
  compare: { s: () => follow('swap'), '/': () => location.assign(addressOf('/#search')) },
  issues: { ...ROW_KEYS, ...SEARCH_KEYS, ...STATE_KEYS },
  issue: ISSUE_KEYS,
  routes: { ...ROW_KEYS, ...SEARCH_KEYS },
}

/** Keys after a `g`. */
const PLACES: Keys = {
  i: () => follow('go-issues'),
  e: () => follow('go-events'),
  r: () => follow('go-routes'),
}

export function watchKeyboard(): void {
  const page = pageKind()
  const keys: Keys = { ...PAGE_KEYS[page ?? ''], '?': () => openDialog('shortcuts') }
  /** Until when a letter after `g` says where to go. */
  let goesUntil = 0
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
      if (findElement('back', HTMLAnchorElement)) follow('back')
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      return
    }
    const isArrow = event.key.startsWith('Arrow')
    // Arrows still scroll what has the focus and scrolls.
    if (isArrow && target?.closest('pre')) return
    if (!isArrow && !enabled.checked) return
    const known = event.timeStamp < goesUntil ? PLACES : keys
    goesUntil = event.key === 'g' ? event.timeStamp + GO_WITHIN : 0
    const does = Object.hasOwn(known, event.key) ? known[event.key] : undefined
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

/** Of the issue whose row has the focus, or of the page's own. */
function changeState(state: string): void {
  const place = document.activeElement?.closest('.issue-row') ?? document.getElementById('issue-head')
  place?.querySelector<HTMLElement>(`.state-form [value="${state}"]`)?.click()
}

function follow(id: string): void {
  const link = findElement(id, HTMLAnchorElement)
  if (link && !link.hidden && link.hasAttribute('href')) location.assign(link.href)
}
