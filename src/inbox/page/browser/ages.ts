import { formatAge } from '../time-text.ts'

/** Writes how long ago each time of the page is by now. */
export function showAges(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-age]')) {
    const text = formatAge(Date.parse(time.dateTime), Date.now())
    if (time.textContent !== text) time.textContent = text
  }
}
