import { pickPrimaryStackFrame } from '../event/stack.ts'
import { read } from '../safe-read.ts'
import type { StackFrame } from '../types.ts'
import { readStackFrames, showSources } from './kept-sources.ts'
import type { EventStore } from './store.ts'

/** Where an event's error was thrown, as a list and a stream have it. */
export type TopFrame = Pick<StackFrame, 'functionName' | 'fileName' | 'lineNumber' | 'columnNumber'>

/** Where an event's error was thrown: the first frame of the application's, in its source where a source map told it. */
export function findTopFrame(store: Pick<EventStore, 'get'>, id: string): TopFrame | undefined {
  const stored = store.get(id)
  const frames = readStackFrames(stored && read(JSON.parse(stored.json), 'stackFrames'))
  const { resolve } = showSources(stored?.sources)
  for (const frame of frames) {
    const resolved = resolve(frame)
    if (resolved?.own) return pickPlace({ ...frame, ...resolved })
  }
  const first = pickPrimaryStackFrame(frames)
  return first && pickPlace(first)
}

/** A stream's, read from its JSON. */
export function readTopFrame(json: string): TopFrame | undefined {
  const [frame] = readStackFrames([read(JSON.parse(json), 'topFrame')])
  return frame?.fileName === undefined ? undefined : pickPlace(frame)
}

function pickPlace({ functionName, fileName, lineNumber, columnNumber }: Partial<TopFrame>): TopFrame {
  return {
    ...(functionName !== undefined && { functionName }),
    ...(fileName !== undefined && { fileName }),
    ...(lineNumber !== undefined && { lineNumber }),
    ...(columnNumber !== undefined && { columnNumber }),
  }
}
