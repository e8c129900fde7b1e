import { formatEvent, formatEventTable } from '../../src/inbox/format.ts'
import { showSources } from '../../src/inbox/kept-sources.ts'
import type { EventSummary } from '../../src/inbox/store.ts'
import { displayWidth } from '../../src/inbox/terminal-text.ts'
import type { ReadEvent } from './read-events.ts'
import type { Screen } from './screen.ts'

/** Prints the table of all events, then the first that failed, in full. */
export function printEvents(events: readonly ReadEvent[], screen: Screen): void {
  screen.heading('What arrived in the inbox')
  screen.print(indent(formatEventTable(fitToWidth(events, screen.columns), screen)))
  const failed = events.find(({ event }) => event.status === 'failed')
  if (!failed) return
  screen.heading('The event that failed, in full')
  screen.print(indent(formatEvent(failed.event, { color: screen.color, sourceMaps: showSources(failed.sources) })))
}

const INDENT = '  '

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, INDENT).replace(/ +$/gm, '')
}

/** In a terminal that is too narrow, trace ids are cut to their beginning: the full one stands in the event. */
function fitToWidth(events: readonly ReadEvent[], columns: number | undefined): EventSummary[] {
  const summaries = events.map(({ summary }) => summary)
  const width = Math.max(...formatEventTable(summaries).split('\n').map(displayWidth))
  if (columns === undefined || INDENT.length + width <= columns) return summaries
  return summaries.map(summary => ({ ...summary, traceId: `${summary.traceId.slice(0, 8)}…` }))
}
