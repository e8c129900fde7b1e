import { showNotice } from './announce.ts'
import { getElement, pageKind, targetOf } from './elements.ts'
import { mergeIssue, takeIssues } from './merge-issues.ts'
import { forgetRefresh, scheduleRefresh } from './page-refresh.ts'
import { updateTabs } from './replace.ts'

/** Forms of a state work by themselves; here they work without leaving the page. */
export function watchStates(): void {
  getElement('content', HTMLElement).addEventListener('submit', event => {
    const form = targetOf(event)
    if (!(form instanceof HTMLFormElement) || !form.matches('.state-form')) return
    event.preventDefault()
    sendState(form, event.submitter)
  })
}

/** What responds is the page that the form names, as it is after the change. */
async function sendState(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
  const body = new URLSearchParams()
  for (const [name, value] of new FormData(form, button)) if (typeof value === 'string') body.append(name, value)
  const response = await fetch(form.action, { method: 'POST', body, headers: { accept: 'text/html' } }).catch(
    () => undefined,
  )
  if (!response?.ok) {
    showNotice('Could not be changed')
    return
  }
  const next = new DOMParser().parseFromString(await response.text(), 'text/html')
  forgetRefresh()
  if (pageKind() === 'issue') mergeIssue(next)
  else {
    updateTabs(next)
    takeIssues(next)
  }
  const state = body.get('state') ?? ''
  showNotice(state === 'open' ? 'Open again' : state.replace(/^./, letter => letter.toUpperCase()))
  // What came meanwhile.
  scheduleRefresh()
}
