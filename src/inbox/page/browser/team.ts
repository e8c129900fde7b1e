/** The script of the pages that are no project's, which work without it. */
import { showAges } from './ages.ts'
import { watchTheme } from './appearance.ts'
import { watchCopying } from './copy.ts'

watchTheme()
watchCopying()
setInterval(showAges, 1000)
