/** Pins, notes and deletes the event of the page. */
import { addressOf } from './addresses.ts'
import { showNotice } from './announce.ts'
import { findElement, getElement } from './elements.ts'

export function watchEventActions(): void {
  const pin = getElement('pin', HTMLButtonElement)
  pin.addEventListener('click', async () => {
    const pinned = pin.getAttribute('aria-pressed') !== 'true'
    if (!(await change(pin, { pinned }))) return
    pin.setAttribute('aria-pressed', String(pinned))
    pin.textContent = pinned ? 'Pinned' : 'Pin'
  })
  const form = getElement('note-form', HTMLFormElement)
  form.addEventListener('submit', async event => {
    event.preventDefault()
    if (await change(form, { note: getElement('note', HTMLTextAreaElement).value })) showNotice('Note saved')
  })
  const dialog = getElement('delete', HTMLDialogElement)
  dialog.addEventListener('close', async () => {
    if (dialog.returnValue !== 'delete') return
    const { ok } = await send(dialog, { method: 'DELETE' })
    if (ok) location.assign(findElement('back', HTMLAnchorElement)?.href ?? addressOf('/'))
    else showNotice('Could not delete it')
  })
}

async function change(of: HTMLElement, fields: { pinned: boolean } | { note: string }): Promise<boolean> {
  const { ok } = await send(of, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  })
  if (!ok) showNotice('Could not be saved')
  return ok
}

async function send({ dataset }: HTMLElement, init: RequestInit): Promise<{ ok: boolean }> {
  const url = addressOf(`/api/v1/events/${encodeURIComponent(dataset['event'] ?? '')}`)
  return fetch(url, init).catch(() => ({ ok: false }))
}
