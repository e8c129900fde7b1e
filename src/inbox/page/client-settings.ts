/** Runs before the first paint, so that a remembered theme and density do not flash; and tells the styles that scripts run. */
const SETTINGS = `
{
  const root = document.documentElement
  root.dataset.scripted = ''
  try {
    const theme = localStorage.getItem('replaystack.theme')
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
    if (localStorage.getItem('replaystack.density') === 'compact') root.dataset.density = 'compact'
  } catch {
    // Storage is switched off: the system's theme it is.
  }
}
`

export function settingsScript(): string {
  return SETTINGS
}
