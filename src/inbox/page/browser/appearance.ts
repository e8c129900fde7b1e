/** Theme and density, which the reader chooses and the browser remembers. */
import { announce } from './announce.ts'
import { getElement } from './elements.ts'
import { forGood, remember } from './remembered.ts'

const THEMES = ['system', 'light', 'dark']

export function watchAppearance(): void {
  watchTheme()
  watchDensity()
}

export function watchTheme(): void {
  const { dataset } = document.documentElement
  const name = getElement('theme-name', HTMLElement)
  const show = () => {
    name.textContent = dataset['theme'] ?? 'system'
  }
  getElement('theme-toggle', HTMLElement).addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(dataset['theme'] ?? 'system') + 1) % THEMES.length] ?? 'system'
    if (next === 'system') delete dataset['theme']
    else dataset['theme'] = next
    remember(forGood, 'theme', next === 'system' ? null : next)
    show()
    announce(`Theme: ${next}`)
  })
  show()
}

function watchDensity(): void {
  const { dataset } = document.documentElement
  const toggle = getElement('density-toggle', HTMLElement)
  const show = () => toggle.setAttribute('aria-pressed', String(dataset['density'] === 'compact'))
  toggle.addEventListener('click', () => {
    const compact = dataset['density'] !== 'compact'
    if (compact) dataset['density'] = 'compact'
    else delete dataset['density']
    remember(forGood, 'density', compact ? 'compact' : null)
    show()
  })
  show()
}
