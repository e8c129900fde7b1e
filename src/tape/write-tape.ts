/** What was noted of calls as a tape: masked, bounded, in the order in which they began. */

import { type MaskRules, writeValue } from '../mask/json.ts'
import { maskJsonNames } from '../mask/json-text.ts'
import { maskText } from '../mask/text.ts'
import { utf8Length } from '../mask/truncate.ts'
import { hashOf } from './bytes.ts'
import { CALL_BYTES, type CallRecord, type Copied, missing } from './call.ts'
import type { Tape, TapeCall } from './format.ts'

/** Characters of an input that stands in the target of a stub; of a longer one its hash does. */
const MAX_TARGET_INPUT = 200

const bytesIn = (text: string | undefined): number => (text === undefined ? 0 : utf8Length(text))

class Writer {
  readonly rules: MaskRules
  readonly maxBytes: number
  readonly why: Set<string>
  readonly opened: number
  readonly #ordinals = new Map<string, number>()

  constructor(rules: MaskRules, maxBytes: number, why: ReadonlySet<string>, opened: number) {
    this.rules = rules
    this.maxBytes = maxBytes
    this.why = new Set(why)
    this.opened = opened
  }

  /** A copy as JSON text. Nothing of it is cut here: that would leave no value of a tape. */
  async value(copy: unknown): Promise<string> {
    const hashes: (() => Promise<void>)[] = []
    const finished = finish(copy, this.rules, hashes)
    for (const hash of hashes) await hash()
    return writeValue(finished, this.rules, Number.MAX_SAFE_INTEGER) ?? 'null'
  }

  /** @param left bytes that there are for it; nothing is returned where these are too few */
  async call(noted: CallRecord, left: number): Promise<TapeCall | undefined> {
    const { call, label, outcome, started, ended } = noted
    const { kind, method } = call
    const input = await this.value(noted.input)
    const target = call.parent ? call.parent.target + call.target : call.target
    const key = JSON.stringify([kind, target, method, input])
    const ordinal = this.#ordinals.get(key) ?? 0
    this.#ordinals.set(key, ordinal + 1)
    const shown = input.length > MAX_TARGET_INPUT ? await hashOf(input) : input
    noted.target = maskText(`${target}.${method}(${shown})${ordinal > 0 ? `#${ordinal}` : ''}`, this.rules.names)
    for (const { mark, path } of noted.stubs) mark['target'] = noted.target + path
    for (const { mark, name } of noted.bodies) {
      const { $: kind, why } = Object(mark[name])
      if (kind === 'missing' && why !== 'not read')
        this.why.add(`${label}: the body ${why === 'not ended' ? 'had not ended' : `is ${why}`}`)
    }
    const isError = outcome !== undefined && 'error' in outcome
    let result: string | undefined
    if (outcome) result = await this.value(isError ? outcome.error : outcome.output)
    else if (noted.hasChildren) result = JSON.stringify({ $: 'stub', target: noted.target })
    else this.why.add(`${label} had not ended`)
    const besides = CALL_BYTES + bytesIn(input) + bytesIn(target)
    if (besides > left) return undefined
    if (result !== undefined && besides + bytesIn(result) > left) {
      result = JSON.stringify({ ...missing('too large', bytesIn(result)), sha256: await hashOf(result) })
      this.why.add(`${label}: the output is too large`)
    }
    return {
      kind,
      target,
      method,
      input: JSON.parse(input),
      ...(result !== undefined && { [isError ? 'error' : 'output']: JSON.parse(result) }),
      ordinal,
      startedMs: Math.max(0, Math.round(started - this.opened)),
      durationMs: ended === undefined ? 0 : Math.max(0, Math.round(ended - started)),
    }
  }

  tape(calls: readonly TapeCall[], leftOut: number): Tape {
    const why = [...this.why]
    if (leftOut > 0) why.push(`The tape is larger than ${this.maxBytes} bytes: ${leftOut} calls are left out`)
    return { version: 1, complete: why.length === 0, ...(why.length > 0 && { why }), calls }
  }
}

/**
 * Writes a tape of `maxBytes` at most; calls that there is no room for are left out at its end.
 * @param noted in the order in which they began
 * @param why it is not complete, as far as that is known
 * @param leftOut how many were not noted
 * @param opened when it began, by the clock of `performance.now()`
 */
export async function writeTape(
  noted: readonly CallRecord[],
  rules: MaskRules,
  { maxBytes, why, leftOut, opened }: { maxBytes: number; why: ReadonlySet<string>; leftOut: number; opened: number },
): Promise<Tape> {
  const writer = new Writer(rules, maxBytes, why, opened)
  const calls: TapeCall[] = []
  let left = maxBytes
  for (const one of noted) {
    const call = await writer.call(one, left)
    if (!call) break
    left -= bytesIn(JSON.stringify(call)) + 1
    calls.push(call)
  }
  const write = (): Tape => writer.tape(calls, leftOut + noted.length - calls.length)
  let tape = write()
  while (calls.length > 0 && bytesIn(JSON.stringify(tape)) > maxBytes) {
    calls.pop()
    tape = write()
  }
  return tape
}

/** A copy without what the names in its JSON texts hide, and with the hashes of texts that there was no room for. */
function finish(copy: unknown, rules: MaskRules, hashes: (() => Promise<void>)[]): unknown {
  if (typeof copy === 'string') return /^\s*[[{]/.test(copy) ? (maskJsonNames(copy, rules.names) ?? copy) : copy
  if (typeof copy !== 'object' || copy === null) return copy
  if (Array.isArray(copy)) return copy.map(one => finish(one, rules, hashes))
  const { text, ...rest }: Copied = Object(copy)
  if (rest['$'] !== 'missing' || typeof text !== 'string') {
    return Object.fromEntries(Object.entries(copy).map(([name, one]) => [name, finish(one, rules, hashes)]))
  }
  const mark = { ...rest }
  if (text !== '') {
    hashes.push(async () => {
      mark['sha256'] = await hashOf(text)
    })
  }
  return mark
}
