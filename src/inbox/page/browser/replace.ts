/** Takes over parts of a page as it is now, from the same page as the server wrote it anew. */
import { announce } from './announce.ts'
import { findElement, getElement } from './elements.ts'

/** Replaces an element by the next page's of the same id. What had the focus in it has it again. */
export function replaceWithNext(id: string, next: Document): void {
  replaceElement(getElement(id, HTMLElement), getElement(id, HTMLElement, next))
}

export function replaceElement(element: Element, nextElement: Element): void {
  const focused = element.contains(document.activeElement) ? document.activeElement?.id : undefined
  element.replaceWith(nextElement)
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
}

/** The counts alone, where there are the same tabs: what has the focus keeps it. */
export function updateTabs(next: Document): void {
  const counts = [...getElement('tabs', HTMLElement).querySelectorAll('.count')]
  const nextCounts = [...getElement('tabs', HTMLElement, next).querySelectorAll('.count')]
  if (counts.length !== nextCounts.length) replaceWithNext('tabs', next)
  else for (const [index, count] of counts.entries()) count.textContent = nextCounts[index]?.textContent ?? ''
}

/** Says above the rows that there are more: `↑ 3 new events`. */
export function offerNew(text: string): void {
  const pill = getElement('news', HTMLElement)
  if (pill.textContent !== `↑ ${text}`) announce(text)
  pill.textContent = `↑ ${text}`
  pill.hidden = false
}

export function hideOffer(): void {
  const pill = findElement('news', HTMLElement)
  if (pill) pill.hidden = true
}
