/** What is known of a call, from before it is made until it is written. */
import type { MissingReason, TapeKind } from './format.ts'

/** Data of a tape, to be filled in when it is known. */
export type Copied = { [name: string]: unknown }

/** What a call is, before it is made. */
export interface Call {
  readonly kind: TapeKind
  readonly target: string
  readonly method: string
  readonly input: unknown
  /** The call whose result it is made on. */
  readonly parent?: CallRecord | undefined
  /** Whether what it is about hides what it returns: the value of a key that is called `password`. */
  readonly isHidden?: boolean
}

/** A call that has begun. */
export interface CallRecord {
  readonly call: Call
  /** How the tape calls it where it says what is missing. */
  readonly label: string
  readonly started: number
  readonly ended: number | undefined
  readonly input: unknown
  readonly outcome: { output: unknown } | { error: unknown } | undefined
  /** Whether something was called on what it returned. */
  hasChildren: boolean
  /** The target of what is called on what it returned, once it is written. */
  target: string
  /** What stands for the stubs in what it returned, each by its path there. */
  readonly stubs: { mark: Copied; path: string }[]
  /** Where the bodies are in what it returned. */
  readonly bodies: { mark: Copied; name: string }[]
}

/** What is a copy already. */
export class Ready {
  readonly copy: unknown

  constructor(copy: unknown) {
    this.copy = copy
  }
}

/** UTF-8 bytes of a call but for its input and output, about; and the least that a tape has room for. */
export const CALL_BYTES = 160

/** Stands for what is not on the tape. */
export const missing = (why: MissingReason, size?: number): Copied => ({
  $: 'missing',
  why,
  ...(size !== undefined && { size }),
})
