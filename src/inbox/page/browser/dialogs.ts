import { getElement, targetOf } from './elements.ts'

export function openDialog(id: string): void {
  const dialog = getElement(id, HTMLDialogElement)
  dialog.returnValue = ''
  dialog.showModal()
}

/** Buttons that open a dialog name it. */
export function watchDialogs(): void {
  document.addEventListener('click', event => {
    const id = targetOf(event)?.closest<HTMLElement>('[data-opens]')?.dataset['opens']
    if (id) openDialog(id)
  })
}
