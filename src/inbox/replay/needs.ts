import type { JsonValue } from '../../types.ts'

/** A value that the event does not have, because it was masked or not captured. */
export interface ReplayNeed {
  /** What it is given by: a header's name, `query.token`, `path[1]`, `body.card.number`. */
  name: string
  where: 'header' | 'query' | 'path' | 'body'
  /** One sentence. */
  reason: string
}

/** What whoever replays gives. */
export interface GivenValues {
  /** Headers by lower-case name, over the captured ones. An empty value leaves the header out. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Values by the name of their need. */
  values?: Readonly<Record<string, JsonValue>> | undefined
}

/** Why an event cannot be replayed: its message is one sentence for whoever asked. */
export class ReplayRefusal extends Error {
  override name = 'ReplayRefusal'
}

/** Collects what an event needs, and takes what was given for it. */
export class Needs {
  /** Those that nothing was given for. */
  readonly missing: ReplayNeed[] = []
  readonly #given: Readonly<Record<string, JsonValue>>
  readonly #asked: Map<string, number> = new Map()
  readonly #names: Set<string> = new Set()

  constructor(given: Readonly<Record<string, JsonValue>>) {
    this.#given = given
  }

  /** What was given for a need; a name that repeats is told apart as `name#2`. Without it, the need is missing. */
  ask(name: string, where: ReplayNeed['where'], reason: string): JsonValue | undefined {
    const count = (this.#asked.get(name) ?? 0) + 1
    this.#asked.set(name, count)
    const unique = count === 1 ? name : `${name}#${count}`
    this.#names.add(unique)
    const value = Object.hasOwn(this.#given, unique) ? this.#given[unique] : undefined
    if (value === undefined) this.missing.push({ name: unique, where, reason })
    return value
  }

  /** A text with what was given in the place of each mask. A mask that nothing was given for stays. */
  fillText(text: string, name: string, where: 'query' | 'path' | 'body', encode = (value: string) => value): string {
    const reason = MASK_REASONS[where]
    return text.replace(/\[MASKED\]|%5BMASKED%5D/g, mask => {
      const value = this.ask(name, where, reason)
      return value === undefined ? mask : encode(toText(value))
    })
  }

  /** How many needs there are, met or not. */
  get asked(): number {
    return this.#names.size
  }

  /** Names that were given a value and are no need. */
  get unknown(): string[] {
    return Object.keys(this.#given).filter(name => !this.#names.has(name))
  }
}

export const MASK_REASONS = {
  header: 'The header was masked when the event was captured.',
  query: 'The query parameter was masked when the event was captured.',
  path: 'This part of the path was masked when the event was captured.',
  body: 'This part of the body was masked when the event was captured.',
} as const satisfies Record<ReplayNeed['where'], string>

export function toText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
