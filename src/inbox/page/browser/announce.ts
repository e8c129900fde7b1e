import { getElement } from './elements.ts'

/** Milliseconds for which a notice stands. */
const NOTICE_FOR = 2500

let hiding: number | undefined

/** Says something to those who hear the page. */
export function announce(text: string): void {
  write(text, 'visually-hidden')
}

/** Says something to everybody, where no button is there to say it. */
export function showNotice(text: string): void {
  const announcer = write(text, 'notice')
  hiding = window.setTimeout(() => {
    announcer.className = 'visually-hidden'
  }, NOTICE_FOR)
}

function write(text: string, className: string): HTMLElement {
  const announcer = getElement('announcer', HTMLElement)
  clearTimeout(hiding)
  announcer.textContent = text
  announcer.className = className
  return announcer
}
