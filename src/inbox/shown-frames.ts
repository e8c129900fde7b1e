import type { StackFrame } from '../types.ts'
import type { SourcePlace } from './editor-links.ts'
import { isFrameworkFile } from './framework-files.ts'
import type { SourceMaps } from './source-maps.ts'

/** A stack frame as it is shown, on a page and in a terminal. */
export interface ShownFrame {
  functionName?: string | undefined
  /** `src/orders.ts:18:7`, or the line as the runtime wrote it. */
  place: string
  /** Whether it is the application's code, as far as can be told. */
  own: boolean
  /** In its source, where a file is known. */
  source?: SourcePlace | undefined
  /** Where it was in the bundle, when a source map told more. */
  bundled?: string | undefined
  /** The lines around the one that failed. */
  context?: { line: number; text: string; failing: boolean }[] | undefined
}

/** Frames that belong together: a run of the application's own, or one of others. */
export interface FrameRun {
  own: boolean
  frames: ShownFrame[]
}

/** The frames in their order, own and others in runs. Where none is the application's own, all are shown as if they were. */
export function groupFrames(frames: readonly StackFrame[], sourceMaps: SourceMaps | undefined): FrameRun[] {
  const shown = frames.map(frame => showFrame(frame, sourceMaps))
  const anyOwn = shown.some(frame => frame.own)
  const runs: FrameRun[] = []
  for (const frame of shown) {
    const own = frame.own || !anyOwn
    const last = runs.at(-1)
    if (last?.own === own) last.frames.push(frame)
    else runs.push({ own, frames: [frame] })
  }
  return runs
}

function showFrame(frame: StackFrame, sourceMaps: SourceMaps | undefined): ShownFrame {
  const resolved = sourceMaps?.resolve(frame)
  const place = formatPlace(frame) ?? (frame.raw?.trim() || frame.functionName || '(unknown)')
  if (!resolved) {
    const { functionName, fileName } = frame
    const name = fileName === undefined ? undefined : functionName
    return { functionName: name, place, own: isOwnFile(fileName), source: frame }
  }
  return {
    functionName: resolved.functionName ?? frame.functionName,
    place: formatPlace(resolved) ?? place,
    own: resolved.own,
    source: resolved,
    bundled: place,
    context: resolved.context?.map(({ line, text }) => ({ line, text, failing: line === resolved.lineNumber })),
  }
}

function formatPlace({
  fileName,
  lineNumber,
  columnNumber,
}: Pick<StackFrame, 'fileName' | 'lineNumber' | 'columnNumber'>): string | undefined {
  if (!fileName) return undefined
  const path = fileName.replace(/^file:\/\/(?=\/)/, '')
  return [path, lineNumber, columnNumber].filter(part => part !== undefined).join(':')
}

function isOwnFile(fileName: string | undefined): boolean {
  return fileName !== undefined && fileName !== '' && !isFrameworkFile(fileName)
}
