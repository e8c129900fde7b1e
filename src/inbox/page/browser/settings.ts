/** Runs before the first paint, so that a remembered theme and density do not flash; tells the styles that scripts run. */
import { forGood, recall } from './remembered.ts'

const { dataset } = document.documentElement
dataset['scripted'] = ''
const theme = recall(forGood, 'theme')
if (theme === 'light' || theme === 'dark') dataset['theme'] = theme
if (recall(forGood, 'density') === 'compact') dataset['density'] = 'compact'
