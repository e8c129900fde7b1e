/** A tape that is played back: each call is looked up by what it asks, and gets what was recorded. Nothing is performed. */
import { type MaskRules, maskRules, writeValue } from '../mask/json.ts'
import { MASKED } from '../mask/text.ts'
import { read } from '../safe-read.ts'
import type { JsonValue } from '../types.ts'
import type { Tape, TapeCall, TapeKind } from './format.ts'
import { type Asked, describe, hasMasksFor, keyOf, likeness } from './match-call.ts'
import { copyInput, OpenTape } from './open-tape.ts'
import { readInto } from './record.ts'
import { type ReviveParts, revive } from './revive.ts'

/** A call that the tape does not have, or not the output of. */
export class TapeError extends Error {
  override readonly name = 'TapeError'
}

/** A call on the tape, and how often it was asked for. */
interface Slot {
  readonly call: TapeCall
  uses: number
}

/** More than any tape has room for: inputs are compared whole. */
const ROOM = 64 * 1024 * 1024

export class Player {
  readonly tape: Tape
  /** What an application masks besides, its tape has as `[MASKED]`, which is any text. */
  readonly rules: MaskRules = maskRules([], ROOM)
  readonly #slots: readonly Slot[]
  readonly #byKey = new Map<string, Slot[]>()
  readonly #unknown: { error: TapeError; what: string }[] = []
  /** What stands for our own stubs where they are arguments. */
  readonly marks: WeakMap<object, unknown> = new WeakMap()

  /** @throws {TypeError} where it is no tape of version 1 */
  constructor(tape: unknown) {
    // What a bundler makes of a JSON file that is imported.
    const found = read(tape, 'calls') === undefined ? read(tape, 'default') : tape
    if (!isTape(found)) {
      throw new TypeError(`This is no tape of version 1: its version is ${JSON.stringify(read(found, 'version'))}.`)
    }
    this.tape = found
    this.#slots = found.calls.map(call => ({ call, uses: 0 }))
    for (const slot of this.#slots) {
      const key = keyOf(slot.call)
      this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), slot])
    }
  }

  /** An open tape for one call: what is given to it is copied as it was when the tape was recorded. */
  open(): OpenTape {
    const settings = { maxBytes: ROOM, keep: 'all', slowMs: 0, variables: [] } as const
    return new OpenTape(this.rules, settings, value => this.marks.get(value))
  }

  /** One for a call that waits: streams that it is given are read first, as the platform would have. */
  openReading(): OpenTape {
    const tape = this.open()
    tape.readStream = (stream, mark) => tape.wait(readInto(stream, tape, mark, 'text'))
    return tape
  }

  /**
   * Plays a call that returns at once.
   * @throws what was recorded that it threw, or a {@link TapeError}
   */
  playNow(kind: TapeKind, target: string, method: string, input: unknown, parts: ReviveParts): unknown {
    const copy = copyInput({ kind, input }, this.open())
    return this.#result(this.#take(this.#asked(kind, target, method, copy)), parts)
  }

  /** Plays the next call of a kind that has no input; nothing where the tape has no more of them. */
  playNext(kind: TapeKind, target: string, method: string): unknown {
    const slot = this.#slots.find(({ call, uses }) => uses === 0 && call.kind === kind)
    return slot && this.playNow(kind, target, method, [], {})
  }

  /** Plays a call that returns a promise. */
  async play(kind: TapeKind, target: string, method: string, input: unknown, parts: ReviveParts): Promise<unknown> {
    const tape = this.openReading()
    const copy = copyInput({ kind, input }, tape)
    // A Blob or stream is read first. What needs no reading is looked up at once: calls with the same input keep their order.
    if (tape.pending) await tape.pending
    return this.#result(this.#take(this.#asked(kind, target, method, copy)), parts)
  }

  /** Plays a call whose input is copied already. */
  playCopy(kind: TapeKind, target: string, method: string, copy: unknown, parts: ReviveParts): unknown {
    return this.#result(this.#take(this.#asked(kind, target, method, copy)), parts)
  }

  /** Finds a call for which more is asked before its result is there. */
  take(kind: TapeKind, target: string, method: string, input: unknown): TapeCall {
    return this.#take(this.#asked(kind, target, method, copyInput({ kind, input }, this.open())))
  }

  /** What a call that was found returned. */
  resultOf(call: TapeCall, parts: ReviveParts): unknown {
    return this.#result(call, parts)
  }

  /** Notes that something was asked which is not on the tape. @param cure what to do about it in a test */
  refuse(what: string, cure?: string): TapeError {
    const error = new TapeError(cure === undefined ? what : `${what}\n${cure}`)
    this.#unknown.push({ error, what })
    return error
  }

  /** What was asked and is not on the tape, a text for each. */
  get unknown(): string[] {
    return this.#unknown.map(({ what }) => what)
  }

  /** The calls on the tape that were not made, a text for each. */
  get unused(): string[] {
    return this.#slots.filter(({ call, uses }) => uses === 0 && call.kind !== 'var').map(({ call }) => describe(call))
  }

  /** @throws {TapeError} with each call that was made and is not on the tape */
  expectKnown(): void {
    const [first, ...more] = this.#unknown.map(({ error }) => error)
    if (!first) return
    throw more.length === 0 ? first : new TapeError([first, ...more].map(({ message }) => message).join('\n\n'))
  }

  /** @throws {TapeError} with each call that is not on the tape, or else those on the tape that were not made */
  expectUsed(): void {
    this.expectKnown()
    const { unused } = this
    if (unused.length === 0) return
    const lines = unused.map(call => `  ${call}`)
    throw new TapeError(`On the tape, and no longer called:\n${lines.join('\n')}`)
  }

  /** Where the outputs of calls that were made are masked: `d1 DB.first: card_number`. */
  get masked(): string[] {
    return maskedOutputs(this.#slots.filter(({ uses }) => uses > 0).map(({ call }) => call))
  }

  #asked(kind: TapeKind, target: string, method: string, copy: unknown): Asked {
    return { kind, target, method, input: JSON.parse(writeValue(copy, this.rules, ROOM) ?? 'null') }
  }

  #take(asked: Asked): TapeCall {
    const exact = this.#byKey.get(keyOf(asked)) ?? []
    const slot =
      exact.find(({ uses }) => uses === 0) ?? this.#slots.find(one => one.uses === 0 && hasMasksFor(one.call, asked))
    if (slot) {
      slot.uses++
      return slot.call
    }
    const { length: times } = exact
    const added = JSON.stringify({ ...asked, output: null, ordinal: times, startedMs: 0, durationMs: 0 })
    throw this.refuse(
      this.#explain(asked, times),
      `If the code is right to make it, add it to the tape's calls: ${added}`,
    )
  }

  #explain(asked: Asked, times: number): string {
    const nearest = times > 0 ? undefined : this.#nearest(asked)
    const { why = [] } = this.tape
    const lines =
      times > 0
        ? [
            `${describe(asked)} is called once more than recorded: the tape has it ${times} ${times > 1 ? 'times' : 'time'}.`,
          ]
        : [
            `${describe(asked)} is not on the tape.`,
            nearest ? `The nearest call there: ${describe(nearest)}` : 'The tape has no call like it.',
            ...(why.length > 0 ? [`The tape is not complete: ${why.join('; ')}`] : []),
          ]
    return lines.join('\n')
  }

  #nearest(asked: Asked): TapeCall | undefined {
    let best: { call: TapeCall; score: number } | undefined
    const text = describe(asked)
    for (const { call } of this.#slots) {
      if (call.kind !== asked.kind) continue
      const score =
        likeness(describe(call), text) + (call.target === asked.target ? 1 : 0) + (call.method === asked.method ? 1 : 0)
      if (!best || score > best.score) best = { call, score }
    }
    return best?.call
  }

  #result(call: TapeCall, parts: ReviveParts): unknown {
    const outcome = 'output' in call ? call.output : call.error
    if (outcome === undefined) throw this.refuse(`${describe(call)} had not ended when it was recorded.`)
    const missing = (why: string): TapeError =>
      this.refuse(`What ${describe(call)} returned is not on the tape: ${why}.`)
    const result = (value: JsonValue): unknown => {
      const revived = revive(value, parts, missing)
      if (call.error === undefined) return revived
      throw revived
    }
    if (read(outcome, '$') !== 'promise') return result(outcome)
    const value = read(outcome, 'value') as JsonValue
    return (async () => result(value))()
  }
}

/** Whether it is a tape that this reads. */
export function isTape(value: unknown): value is Tape {
  return read(value, 'version') === 1 && Array.isArray(read(value, 'calls'))
}

/** Where outputs are masked. */
export function maskedOutputs(calls: readonly TapeCall[]): string[] {
  const found = new Set<string>()
  for (const { kind, target, method, output, error } of calls) {
    const paths = new Set<string>()
    findMasks(output === undefined ? error : output, '', paths)
    const place = kind === 'var' ? target : `${target}.${method}`
    for (const path of paths) found.add(`${kind} ${place}${path && `: ${path}`}`)
  }
  return [...found]
}

function findMasks(value: JsonValue | undefined, path: string, paths: Set<string>): void {
  if (typeof value === 'string') {
    if (value.includes(MASKED)) paths.add(path)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const at = Array.isArray(value) ? '[]' : path ? `.${name}` : name
      findMasks(member, path + at, paths)
    }
  }
}
