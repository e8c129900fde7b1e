import { pickPrimaryStackFrame } from '../event/stack.ts'
import { read } from '../safe-read.ts'
import type { EventStore, EventSummary } from './store.ts'

/** What stands for a project: an inbox has only one. */
const PROJECT_ID = 'local'

/** Where an event's error was thrown: the first frame of the application's. */
function topFrameOf({ id }: EventSummary, store: EventStore) {
  const stored = store.get(id)
  const frames = stored && read(JSON.parse(stored.json), 'stackFrames')
  const frame = Array.isArray(frames) ? pickPrimaryStackFrame(frames) : undefined
  return frame && { fileName: frame.fileName, lineNumber: frame.lineNumber, columnNumber: frame.columnNumber }
}

/**
 * One event as server-sent events: `event.created`, and `event.failed` besides for a failed one. Their data is the
 * contract's, with the rest of the list's row. The id is on an event's last message: a listener cut off between the two is
 * sent both again.
 */
export function formatStreamMessages(event: EventSummary, store: EventStore): string {
  const isFailed = event.status === 'failed'
  const topFrame = isFailed ? topFrameOf(event, store) : undefined
  const data = { ...event, projectId: PROJECT_ID, eventId: event.id, topFrame, createdAt: event.receivedAt }
  const types = isFailed ? ['event.created', 'event.failed'] : ['event.created']
  const messages = types.map(type => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n`)
  return `${messages.join('\n')}id: ${event.id}\n\n`
}
