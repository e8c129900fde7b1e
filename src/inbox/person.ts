/** Whether an event mentions somebody: by an e-mail address, or by an id. */
import { InvalidInputError } from './invalid-input.ts'

const MIN_LENGTH = 3
const MAX_LENGTH = 200

/** Times that percent-encoding is undone: a return address has an address in it. */
const MAX_DECODED = 3

/** What stands in place of somebody in texts that stay. */
export const REMOVED = '[REMOVED]'

/** What one step of a search for somebody came to. */
export interface PersonStep {
  /** Events that mention them. */
  found: number
  /** The cursor of the next step; absent when all was looked at. */
  next?: string | undefined
}

export interface PersonStepOptions {
  person: string
  /** Whether what mentions them is removed, or counted alone. */
  isRemoving: boolean
  /** The step before's {@link PersonStep.next}. */
  after?: string | undefined
}

/** @throws InvalidInputError */
export function readPerson(value: unknown): string {
  if (typeof value !== 'string' || value.trim().length < MIN_LENGTH || value.length > MAX_LENGTH) {
    throw new InvalidInputError(`person must be a string of ${MIN_LENGTH} to ${MAX_LENGTH} characters`)
  }
  return value.trim()
}

/** What a person's text stands between. An address or a host goes on after a dot or a hyphen only where a letter or digit follows. */
export const BEFORE = '(?<![\\p{L}\\p{N}_.-])'
export const AFTER = '(?![\\p{L}\\p{N}_]|[.-][\\p{L}\\p{N}])'

/** Looks for one person. A longer word that has theirs in it is somebody else's: `42` is not in `1420`. */
export class PersonMatcher {
  readonly #pattern: RegExp

  constructor(person: string) {
    const escaped = person.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    this.#pattern = new RegExp(BEFORE + escaped + AFTER, 'giu')
  }

  /** Whether a value of JSON has them, in any text, name or number at any depth. */
  isIn(value: unknown): boolean {
    for (const text of textsOf(value)) if (this.isInText(text)) return true
    return false
  }

  /** Whether a text has them, percent-encoded too. */
  isInText(text: string): boolean {
    for (const decoded of decodingsOf(text)) if (decoded.search(this.#pattern) >= 0) return true
    return false
  }

  /** The text with {@link REMOVED} in their place; whole where it has them percent-encoded. */
  removeFrom(text: string): string {
    const removed = text.replace(this.#pattern, REMOVED)
    return this.isInText(removed) ? REMOVED : removed
  }
}

/** The texts, names and numbers of a value of JSON, at any depth. */
export function* textsOf(value: unknown): Generator<string> {
  // A list of its own, for events may be nested deeper than calls.
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string' || typeof next === 'number') yield String(next)
    else if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next)) {
        if (!Array.isArray(next)) yield name
        left.push(member)
      }
    }
  }
}

/** A text, and what it is when its percent-encoding is undone. */
export function* decodingsOf(text: string): Generator<string> {
  let decoded = text
  for (let times = 0; times <= MAX_DECODED; times++) {
    yield decoded
    if (!decoded.includes('%')) return
    const before = decoded
    decoded = decodePercent(decoded)
    if (decoded === before) return
  }
}

function decodePercent(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, run => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}
