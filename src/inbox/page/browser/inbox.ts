/** The script of every page. The server renders all that is read; this makes it live. */
import { showAges } from './ages.ts'
import { watchAppearance } from './appearance.ts'
import { watchCopying } from './copy.ts'
import { watchDialogs } from './dialogs.ts'
import { pageKind } from './elements.ts'
import { startEventPage } from './event-page.ts'
import { startIssuePage, startIssuesPage } from './issue-pages.ts'
import { watchKeyboard } from './keyboard.ts'
import { startListPage, startRoutesPage } from './list-page.ts'

const STARTS: Readonly<Record<string, () => void>> = {
  list: startListPage,
  event: startEventPage,
  issues: startIssuesPage,
  issue: startIssuePage,
  routes: startRoutesPage,
}

watchAppearance()
watchDialogs()
watchCopying()
setInterval(showAges, 1000)
STARTS[pageKind() ?? '']?.()
watchKeyboard()
