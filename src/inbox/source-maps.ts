import type { StackFrame } from '../types.ts'

/** A stack frame in the source that it was bundled from. Lines and columns count from 1. */
export interface ResolvedFrame {
  functionName?: string
  /** Relative to the project: `src/orders.ts`. */
  fileName: string
  lineNumber: number
  columnNumber: number
  /** `false` for dependencies, the runtime's modules, and what build tools put in. */
  own: boolean
  /** The line, and up to 3 before and after it. Absent when the source's text is not to be had. */
  context?: SourceLine[]
}

/** One line of a source, numbered from 1; text beyond 1,000 characters is cut. */
export interface SourceLine {
  line: number
  text: string
}

/** Frames of bundled code, traced back to their sources. */
export interface SourceMaps {
  /** `undefined` for a frame that no map explains. Never throws. */
  resolve(frame: StackFrame): ResolvedFrame | undefined
}

/** Frames in their sources by where they are in the bundle: `file:line:column`. */
export type KeptSources = Readonly<Record<string, ResolvedFrame>>
