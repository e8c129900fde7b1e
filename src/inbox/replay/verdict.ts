/** How much of the bodies was compared: all, what is known of them, or only how large they are. */
export type ComparedBody = 'whole' | 'part' | 'size' | 'none'

/** What of two answers was compared. */
export interface Compared {
  status: boolean
  body: ComparedBody
}

const SAME: Readonly<Record<ComparedBody, string>> = {
  whole: 'status and body.',
  part: 'status, and the body as far as it is known.',
  size: "status and the body's size; the body was not compared.",
  none: 'status; the body was not compared.',
}

const SAME_WITHOUT_STATUS: Readonly<Record<Exclude<ComparedBody, 'none'>, string>> = {
  whole: 'body; there was no status to compare.',
  part: 'the body as far as it is known; there was no status to compare.',
  size: "the body's size; neither status nor body was compared.",
}

/** Whether there is anything that a verdict can rest on. */
export function isAnythingCompared({ status, body }: Compared): boolean {
  return status || body !== 'none'
}

/** A comparison's outcome as a sentence, which claims no more than was compared. */
export function describeVerdict({ status, body }: Compared, isEqual: boolean): string {
  if (!isEqual) return 'The answers differ.'
  if (status) return `The answers are the same: ${SAME[body]}`
  if (body === 'none') return 'Nothing was compared: the captured answer has no status, and no body to compare.'
  return `The answers are the same: ${SAME_WITHOUT_STATUS[body]}`
}

/** Whether a failure was captured and the replay's response is none: below 500 for a 5xx, below 400 for a 4xx. */
export function isFixed(captured = 0, replayed = captured): boolean {
  const bound = captured >= 500 ? 500 : 400
  return captured >= bound && replayed < bound
}
