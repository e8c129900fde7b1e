import { parseStackTrace } from '../../event/stack.ts'
import type { JsonValue, ReplayStackEvent, StackFrame } from '../../types.ts'
import { isList, isObject } from './json-kinds.ts'
import { readCalls } from './recorded-calls.ts'

/** An error of an event: its own, or one behind it. */
export interface EventError {
  /** How it hangs on the event's own: `cause`, `errors[0]`. Absent for that one. */
  path?: string | undefined
  name?: string | undefined
  message?: string | undefined
  frames: readonly StackFrame[]
  /** The stack as it was written, where no frames could be read from it. */
  stackTrace?: string | undefined
}

/** Errors behind an event's own that a page shows. */
const MAX_CAUSES = 20

/** The event's error, then its causes (`metadata.causes`); none when it did not fail with one. */
export function readErrors(event: ReplayStackEvent): EventError[] {
  const { errorName, errorMessage, stackTrace, stackFrames, metadata } = event
  const causes = isObject(metadata) ? readCauses(metadata['causes']) : []
  if (!errorName && !errorMessage && !stackTrace && !stackFrames?.length && causes.length === 0) return []
  const own = describeError({ name: errorName, message: errorMessage, stackTrace, stackFrames })
  return [own, ...causes]
}

/** Metadata without what is shown among the errors and on the time line. */
export function readOtherMetadata(event: ReplayStackEvent): JsonValue | undefined {
  const { metadata } = event
  if (!isObject(metadata)) return metadata
  const { causes, tape, ...rest } = metadata
  return {
    ...rest,
    ...(causes !== undefined && readCauses(causes).length === 0 && { causes }),
    ...(tape !== undefined && readCalls(event).length === 0 && { tape }),
  }
}

function describeError({
  stackTrace,
  stackFrames,
  ...error
}: {
  path?: string | undefined
  name: string | undefined
  message: string | undefined
  stackTrace: string | undefined
  stackFrames: readonly StackFrame[] | undefined
}): EventError {
  const frames = stackFrames?.length ? stackFrames : parseStackTrace(stackTrace, error)
  return { ...error, frames, stackTrace: frames.length === 0 ? stackTrace : undefined }
}

function readCauses(causes: JsonValue | undefined): EventError[] {
  if (!isList(causes)) return []
  return causes.slice(0, MAX_CAUSES).flatMap(cause => {
    if (!isObject(cause)) return []
    const [path, name, message, stackTrace] = ['path', 'errorName', 'errorMessage', 'stackTrace'].map(key =>
      readText(cause[key]),
    )
    if (name === undefined && message === undefined) return []
    return [describeError({ path, name, message, stackTrace, stackFrames: readFrames(cause['stackFrames']) })]
  })
}

function readFrames(frames: JsonValue | undefined): StackFrame[] | undefined {
  if (!isList(frames)) return undefined
  return frames.flatMap(frame => {
    if (!isObject(frame)) return []
    const [functionName, fileName] = ['functionName', 'fileName'].map(key => readText(frame[key]))
    const [lineNumber, columnNumber] = ['lineNumber', 'columnNumber'].map(key => readNumber(frame[key]))
    return [
      {
        ...(functionName !== undefined && { functionName }),
        ...(fileName !== undefined && { fileName }),
        ...(lineNumber !== undefined && { lineNumber }),
        ...(columnNumber !== undefined && { columnNumber }),
        raw: readText(frame['raw']) ?? '',
      },
    ]
  })
}

function readText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function readNumber(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}
