/** The script of every page. The server renders all that is read; this makes it live. */
import { showAges } from './ages.ts'
import { watchAppearance } from './appearance.ts'
import { watchCopying } from './copy.ts'
import { watchDialogs } from './dialogs.ts'
import { pageKind } from './elements.ts'
import { startEventPage } from './event-page.ts'
import { watchKeyboard } from './keyboard.ts'
import { startListPage } from './list-page.ts'

watchAppearance()
watchDialogs()
watchCopying()
setInterval(showAges, 1000)
if (pageKind() === 'list') startListPage()
if (pageKind() === 'event') startEventPage()
watchKeyboard()
