import { getElement } from './elements.ts'

/** Says something to those who hear the page. */
export function announce(text: string): void {
  getElement('announcer', HTMLElement).textContent = text
}

/** Milliseconds for which a notice stands. */
const NOTICE_FOR = 2500

let hiding: number | undefined

/** Says something to everybody, where no button is there to say it. */
export function showNotice(text: string): void {
  const announcer = getElement('announcer', HTMLElement)
  announcer.textContent = text
  announcer.className = 'notice'
  clearTimeout(hiding)
  hiding = window.setTimeout(() => {
    announcer.className = 'visually-hidden'
  }, NOTICE_FOR)
}
