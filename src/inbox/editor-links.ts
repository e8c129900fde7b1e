import type { StackFrame } from '../types.ts'

/** A place in a source file. */
export type SourcePlace = Pick<StackFrame, 'fileName' | 'lineNumber' | 'columnNumber'>

/** Opens places in the editor of whoever looks at a page: for an inbox that runs where the sources are. */
export interface EditorLinks {
  /** The editor, as its users call it. */
  name: string
  /** A URL that opens the editor; `undefined` for a file that is not there, or not the project's. */
  linkTo(place: SourcePlace): string | undefined
}
