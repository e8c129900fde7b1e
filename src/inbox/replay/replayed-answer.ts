/** What kept a body from being read to its end: its size, the time that it took, or that it is not wanted. */
export type BodyCut = 'size' | 'time' | 'unwanted'

/** What a replay is answered. */
export interface ReplayedAnswer {
  statusCode: number
  /** Lower-case names; the values of one that repeats are joined by a comma, `set-cookie`'s by a new line. */
  headers: Record<string, string>
  /** Decoded; empty when it is no text. */
  body: string
  /** Bytes that were read. */
  sizeBytes: number
  /** Why the body was not read to its end; absent when it was. */
  cut?: BodyCut | undefined
  /** Whether the body is UTF-8. */
  isText: boolean
  durationMs: number
}
