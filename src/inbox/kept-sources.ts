import type { ReplayStackEvent, StackFrame } from '../types.ts'
import { isJsonObject } from './replay/payload-kind.ts'
import type { KeptSources, ResolvedFrame, SourceMaps } from './source-maps.ts'
import { releasesOf, type UploadedMaps } from './uploaded-maps/resolve-frames.ts'

/** Frames of one event that are kept in their sources: each has its lines with it. */
const MAX_FRAMES = 50

/** Where a frame is in the bundle. */
export function placeOf({ fileName, lineNumber, columnNumber }: StackFrame): string {
  return [fileName, lineNumber, columnNumber].join(':')
}

/** What explains frames when an event arrives. */
export interface SourcesOptions {
  /** By the release that the event is of. */
  uploaded?: UploadedMaps | undefined
  /** Of whatever release. */
  sourceMaps?: SourceMaps | undefined
}

/** An event's frames, its causes' too, in their sources as they are now; `undefined` when no map explains any. */
export async function mapSources(
  event: ReplayStackEvent,
  { uploaded, sourceMaps }: SourcesOptions,
): Promise<KeptSources | undefined> {
  if (!uploaded && !sourceMaps) return undefined
  const frames = readFrames(event).slice(0, MAX_FRAMES)
  const byRelease = uploaded && frames.length > 0 ? await uploaded.resolve(frames, releasesOf(event)) : []
  const kept: Record<string, ResolvedFrame> = {}
  for (const [index, frame] of frames.entries()) {
    const resolved = byRelease[index] ?? sourceMaps?.resolve(frame)
    if (resolved) kept[placeOf(frame)] = resolved
  }
  return Object.keys(kept).length > 0 ? kept : undefined
}

/** What was kept with an event, for who shows its frames. */
export function showSources(sources: KeptSources | undefined): SourceMaps {
  return {
    resolve: frame => {
      const place = placeOf(frame)
      return sources && Object.hasOwn(sources, place) ? sources[place] : undefined
    },
  }
}

/** @param json what `JSON.stringify` wrote of them */
export function readKeptSources(json: string): KeptSources {
  const sources: KeptSources = JSON.parse(json)
  return sources
}

/** An event's frames, and those of its causes. */
export function readFrames({ stackFrames = [], metadata }: ReplayStackEvent): StackFrame[] {
  const causes = isJsonObject(metadata) ? metadata['causes'] : undefined
  const behind = (Array.isArray(causes) ? causes : []).flatMap(cause => {
    const frames = isJsonObject(cause) ? cause['stackFrames'] : undefined
    return readStackFrames(frames)
  })
  return [...stackFrames, ...behind]
}

/** What of a list that may be anything are frames. */
export function readStackFrames(values: unknown): StackFrame[] {
  return Array.isArray(values) ? values.flatMap(readFrame) : []
}

function readFrame(value: unknown): StackFrame[] {
  if (typeof value !== 'object' || value === null) return []
  const { functionName, fileName, lineNumber, columnNumber }: Partial<Record<keyof StackFrame, unknown>> = value
  return [
    {
      raw: '',
      ...(typeof functionName === 'string' && { functionName }),
      ...(typeof fileName === 'string' && { fileName }),
      ...(typeof lineNumber === 'number' && { lineNumber }),
      ...(typeof columnNumber === 'number' && { columnNumber }),
    },
  ]
}
