import { getElement } from './elements.ts'

/** Says something to those who hear the page. */
export function announce(text: string): void {
  getElement('announcer', HTMLElement).textContent = text
}
