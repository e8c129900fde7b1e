import { announce, showNotice } from './announce.ts'
import { getElement, targetOf } from './elements.ts'

/** Milliseconds for which a button says that it has copied. */
const SAID_FOR = 1800

/** What a button says when it has nothing to tell, and what ends its telling. */
const telling = new WeakMap<Element, { said: string; timer: number }>()

/** Buttons that copy name the element whose text they copy, or the address where all of it is. */
export function watchCopying(): void {
  document.addEventListener('click', event => {
    const button = targetOf(event)?.closest<HTMLElement>('[data-copy], [data-copy-url]')
    if (button) copyFrom(button)
  })
}

async function copyFrom(button: HTMLElement): Promise<void> {
  const { copy, copyUrl } = button.dataset
  try {
    const text = copyUrl ? await readText(copyUrl) : (getElement(copy ?? '', HTMLElement).textContent ?? '')
    await navigator.clipboard.writeText(text.trimEnd())
    tell(button, 'Copied')
  } catch {
    tell(button, 'Could not copy')
  }
}

/** Copies what is at an address, and says so. */
export async function copyFromUrl(url: string): Promise<void> {
  try {
    await navigator.clipboard.writeText((await readText(url)).trimEnd())
    showNotice('Copied as cURL')
  } catch {
    showNotice('Could not copy: this event has no request')
  }
}

async function readText(url: string): Promise<string> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(response.statusText)
  return response.text()
}

function tell(button: HTMLElement, text: string): void {
  const state = button.querySelector('[data-copy-state]')
  if (!state) return
  const before = telling.get(button)
  const said = before?.said ?? state.textContent ?? ''
  clearTimeout(before?.timer)
  state.textContent = text
  announce(text)
  const timer = window.setTimeout(() => {
    state.textContent = said
    telling.delete(button)
  }, SAID_FOR)
  telling.set(button, { said, timer })
}
