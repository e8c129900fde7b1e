/** Sends a replay from its form. The server renders what came of it. */
import { addressOf } from './addresses.ts'
import { findElement, getElement } from './elements.ts'

export function watchReplay(form: HTMLFormElement): void {
  showTarget()
  getElement('replay-target', HTMLInputElement).addEventListener('input', showTarget)
  findHermetic()?.addEventListener('change', showHermetic)
  form.addEventListener('submit', async event => {
    event.preventDefault()
    const button = getElement('replay-send', HTMLButtonElement)
    button.disabled = true
    const shown = await replay(form).catch(() => [refusal('The inbox did not respond. Is it still running?')])
    getElement('replay-result', HTMLElement).replaceChildren(...shown)
    button.disabled = false
    button.focus()
  })
}

/** The command below the form goes where the form goes. */
function showTarget(): void {
  const { value } = getElement('replay-target', HTMLInputElement)
  const isPlain = /^[\w:/.[\]-]+$/.test(value)
  getElement('command-target', HTMLElement).textContent = isPlain ? value : `'${value.replaceAll("'", '%27')}'`
}

/** An event without a tape has no such box. */
const findHermetic = () => findElement('replay-hermetic', HTMLInputElement)

function showHermetic(): void {
  getElement('command-hermetic', HTMLElement).textContent = findHermetic()?.checked ? ' --hermetic' : ''
}

async function replay(form: HTMLFormElement): Promise<Node[]> {
  const id = encodeURIComponent(form.dataset['event'] ?? '')
  const response = await fetch(addressOf(`/api/v1/events/${id}/replay`), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/html, application/json' },
    body: JSON.stringify({
      target: getElement('replay-target', HTMLInputElement).value,
      baseline: getElement('replay-baseline', HTMLInputElement).value || undefined,
      times: Number(getElement('replay-times', HTMLInputElement).value),
      hermetic: findHermetic()?.checked,
      headers: readHeaders(getElement('replay-headers', HTMLTextAreaElement).value),
      values: readValues(form),
    }),
  })
  const text = await response.text()
  if (response.ok) return [...new DOMParser().parseFromString(text, 'text/html').body.childNodes]
  const { message }: { message?: unknown } = Object(JSON.parse(text))
  return [refusal(String(message))]
}

function readHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim()
  }
  return headers
}

function readValues(form: HTMLFormElement): Record<string, string> {
  const inputs = form.querySelectorAll<HTMLInputElement>('[data-need]')
  return Object.fromEntries([...inputs].map(({ dataset, value }) => [dataset['need'] ?? '', value]))
}

function refusal(text: string): HTMLElement {
  const shown = document.createElement('p')
  shown.className = 'verdict refused'
  shown.textContent = `✕ ${text}`
  return shown
}
