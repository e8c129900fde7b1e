/** The tape of one request, job or message while it runs: what is called is noted at once, and written when it is over. */
import { type MaskRules, writeValue } from '../mask/json.ts'
import { hidesValue } from '../mask/names.ts'
import { MASKED, maskText } from '../mask/text.ts'
import { utf8Length } from '../mask/truncate.ts'
import type { MissingReason, Tape, TapeCall, TapeKind } from './format.ts'
import { bytesOf, type Copied, takeSnapshot, textOf } from './snapshot.ts'

/** What the options of a recorder leave to a tape. */
export interface TapeSettings {
  readonly maxBytes: number
  readonly keep: 'failed' | 'all'
  readonly slowMs: number
  readonly variables: readonly string[]
}

/** How the work ended. */
export interface Ending {
  readonly status: string
  readonly executionTimeMs: number
}

/** What a call is, before it is made. */
export interface Call {
  readonly kind: TapeKind
  readonly target: string
  readonly method: string
  readonly input: unknown
  /** The call whose result it is made on. */
  readonly parent?: NotedCall | undefined
  /** Whether what it is about hides what it returns: the value of a key that is called `password`. */
  readonly isHidden?: boolean
}

/** A call that has begun. Plain data of our own, but for its methods. */
export class NotedCall {
  readonly call: Call
  readonly tape: OpenTape
  readonly started: number = performance.now()
  ended: number | undefined
  input: unknown
  outcome: { output: unknown } | { error: unknown } | undefined
  /** Whether what it returned is a promise, where its kind does not say. */
  isPromised = false
  /** Whether something was called on what it returned. */
  hasChildren = false
  /** The target of what is called on what it returned, once it is written. */
  target = ''
  /** What stands for the stubs in what it returned, each by its path there. */
  readonly stubs: { mark: Copied; path: string }[] = []
  /** Where the bodies are in what it returned. */
  readonly bodies: { mark: Copied; name: string }[] = []

  constructor(tape: OpenTape, call: Call) {
    this.tape = tape
    this.call = call
    this.input = copyInput(call, tape)
    if (call.parent) call.parent.hasChildren = true
  }

  /** It returned, or resolved to this. A {@link Ready} value is a copy already. */
  end(value: unknown): void {
    if (this.outcome) return
    this.ended = performance.now()
    const { call, tape } = this
    const isHidden = call.isHidden && hidesValue('all', value)
    const copy = isHidden ? MASKED : value instanceof Ready ? value.copy : tape.copy(value, this)
    this.outcome = { output: this.#promised(copy) }
  }

  /** It threw, or rejected with this. */
  fail(thrown: unknown): void {
    if (this.outcome) return
    this.ended = performance.now()
    this.outcome = { error: this.#promised(this.tape.copy(thrown, this)) }
  }

  #promised(copy: unknown): unknown {
    return this.isPromised ? { $: 'promise', value: copy } : copy
  }

  get label(): string {
    return `${this.call.target}.${this.call.method}`
  }
}

/** Arguments, each by itself: one that is too large leaves the others. `undefined` at their end is left out. */
export function copyInput({ kind, input }: Pick<Call, 'kind' | 'input'>, tape: OpenTape): unknown {
  if (input instanceof Ready) return input.copy
  if (Array.isArray(input)) {
    let { length } = input
    while (length > 0 && input[length - 1] === undefined) length--
    return input.slice(0, length).map(one => tape.copy(one))
  }
  if (kind !== 'd1' && kind !== 'r2') return tape.copy(input)
  return Object.fromEntries(Object.entries(Object(input)).map(([name, one]) => [name, tape.copy(one)]))
}

/** What is a copy already. */
export class Ready {
  readonly copy: unknown

  constructor(copy: unknown) {
    this.copy = copy
  }
}

/** Milliseconds that a tape waits for bodies which are still being read when its event is made. */
const BODY_TIME_MS = 100

/** UTF-8 bytes of a call but for its input and output, about; and the least that a tape has room for. */
const CALL_BYTES = 160

export class OpenTape {
  readonly rules: MaskRules
  readonly settings: TapeSettings
  /** What our own wrappers stand for, by themselves. */
  readonly describe: (value: object) => unknown
  readonly #opened: number = performance.now()
  readonly #calls: NotedCall[] = []
  readonly #why = new Set<string>()
  readonly #variables = new Set<string>()
  /** Bodies that are being read, and hashes that are being made. */
  readonly #reads = new Set<Promise<void>>()
  #room: number
  #leftOut = 0
  #isClosed = false

  constructor(rules: MaskRules, settings: TapeSettings, describe: (value: object) => unknown) {
    this.rules = rules
    this.settings = settings
    this.describe = describe
    this.#room = settings.maxBytes
  }

  /** Notes a call that is about to be made; nothing where there is no room for it. */
  begin(call: Call): NotedCall | undefined {
    if (this.#isClosed) return undefined
    if (this.#room < CALL_BYTES) {
      this.#leftOut++
      return undefined
    }
    this.#room -= CALL_BYTES
    const noted = new NotedCall(this, call)
    this.#calls.push(noted)
    return noted
  }

  /** Notes that a variable was read; once for each. */
  variable(name: string, value: unknown): void {
    if (this.#variables.has(name)) return
    this.#variables.add(name)
    const isKept = this.settings.variables.includes(name)
    this.begin({ kind: 'var', target: name, method: 'get', input: [] })?.end(isKept ? value : MASKED)
  }

  /** Why the tape is not complete. */
  lacks(why: string): void {
    if (!this.#isClosed && this.#why.size < 20) this.#why.add(why)
  }

  /** A copy of a value as it is now. @param of the call that it is the output of */
  copy(value: unknown, of?: NotedCall): unknown {
    const { value: copy, size } = takeSnapshot(value, {
      names: this.rules.names,
      room: Math.max(0, this.#room),
      describe: this.describe,
      readLater: (body, mark) => this.#readLater(body, mark, of),
      onMissing: why => of && this.lacks(`${of.label}: the output is ${why}`),
    })
    this.#room -= size
    return copy
  }

  /** What is still being read. */
  get pending(): Promise<unknown> | undefined {
    return this.#reads.size > 0 ? Promise.all(this.#reads) : undefined
  }

  /** Takes as much of the room as is there. */
  take(characters: number): boolean {
    if (characters > this.#room) return false
    this.#room -= characters
    return true
  }

  get room(): number {
    return Math.max(0, this.#room)
  }

  /** Waits for this before it is written, for a moment. */
  wait(reading: Promise<void>): void {
    const contained = reading.catch(() => {}).then(() => void this.#reads.delete(contained))
    this.#reads.add(contained)
  }

  #readLater(
    body: Blob | ReadableStream | ArrayBuffer | ArrayBufferView,
    mark: Copied,
    of: NotedCall | undefined,
  ): Copied {
    if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
      this.wait(hashOf(body).then(sha256 => void Object.assign(mark, { sha256 })))
    } else if ('arrayBuffer' in body) {
      Object.assign(mark, missing('not recordable'))
      if (body.size > this.room) Object.assign(mark, missing('too large', body.size))
      else
        this.wait(
          body.arrayBuffer().then(bytes => {
            const text = textOf(bytes)
            if (text === undefined || !this.take(text.length)) return
            for (const name of ['why', 'size']) Reflect.deleteProperty(mark, name)
            Object.assign(mark, { $: 'bytes', type: 'Blob', contentType: body.type, text })
          }),
        )
    } else {
      mark['text'] = missing('not recordable')
      if (of) this.lacks(`${of.label}: a stream is not recordable here`)
    }
    return mark
  }

  /**
   * Ends the recording.
   * @param metadata of the event, which the tape leaves room for
   * @returns the tape, where it is kept and has a call
   */
  async close(metadata: unknown, { status, executionTimeMs }: Ending): Promise<Tape | undefined> {
    const { keep, slowMs } = this.settings
    const isKept = keep === 'all' || status !== 'success' || executionTimeMs >= slowMs
    if (!isKept || this.#calls.length + this.#why.size + this.#leftOut === 0) {
      this.#isClosed = true
      return undefined
    }
    if (this.#reads.size > 0) await within(Promise.all(this.#reads), BODY_TIME_MS)
    const { maxPayloadSizeBytes } = this.rules
    const beside = utf8Length(writeValue(metadata, this.rules) ?? '') + 16
    return await this.#write(Math.min(this.settings.maxBytes, maxPayloadSizeBytes - beside))
  }

  async #write(maxBytes: number): Promise<Tape> {
    const calls: TapeCall[] = []
    const ordinals = new Map<string, number>()
    let left = maxBytes - 64
    let leftOut = this.#leftOut
    for (const noted of this.#calls) {
      const call = leftOut > this.#leftOut ? undefined : await this.#writeCall(noted, ordinals, left)
      if (call) {
        left -= call.bytes
        calls.push(call.written)
      } else leftOut++
    }
    if (leftOut > 0) this.#why.add(`The tape is larger than ${maxBytes} bytes: ${leftOut} calls are left out`)
    this.#isClosed = true
    const why = [...this.#why]
    return { version: 1, complete: why.length === 0, ...(why.length > 0 && { why }), calls }
  }

  async #writeCall(
    noted: NotedCall,
    ordinals: Map<string, number>,
    left: number,
  ): Promise<{ written: TapeCall; bytes: number } | undefined> {
    const { call, outcome, started, ended } = noted
    const { kind, method } = call
    const write = async (value: unknown): Promise<string> => {
      await hashTexts(value)
      return writeValue(value, this.rules, this.settings.maxBytes * 4) ?? 'null'
    }
    const input = await write(noted.input)
    const target = call.parent ? call.parent.target + call.target : call.target
    const key = `${kind} ${target} ${method} ${input}`
    const ordinal = ordinals.get(key) ?? 0
    ordinals.set(key, ordinal + 1)
    noted.target = maskText(`${target}.${method}(${input})${ordinal > 0 ? `#${ordinal}` : ''}`, this.rules.names)
    for (const { mark, path } of noted.stubs) mark['target'] = noted.target + path
    for (const { mark, name } of noted.bodies) {
      const { $: kind, why } = Object(mark[name])
      if (kind === 'missing' && why !== 'not read')
        this.#why.add(`${noted.label}: the body ${why === 'not ended' ? 'had not ended' : `is ${why}`}`)
    }
    let result: string | undefined
    if (outcome) result = await write('error' in outcome ? outcome.error : outcome.output)
    else if (noted.hasChildren) result = JSON.stringify({ $: 'stub', target: noted.target })
    else this.#why.add(`${noted.label} had not ended`)
    const size = (text: string | undefined): number => utf8Length(text ?? '')
    if (CALL_BYTES + size(input) > left) return undefined
    if (result && CALL_BYTES + size(input) + size(result) > left) {
      result = JSON.stringify({ ...missing('too large', size(result)), sha256: await hashOf(result) })
      this.#why.add(`${noted.label}: the output is too large`)
    }
    const written: TapeCall = {
      kind,
      target,
      method,
      input: JSON.parse(input),
      ...(result !== undefined && { [outcome && 'error' in outcome ? 'error' : 'output']: JSON.parse(result) }),
      ordinal,
      startedMs: Math.max(0, Math.round(started - this.#opened)),
      durationMs: ended === undefined ? 0 : Math.max(0, Math.round(ended - started)),
    }
    return { written, bytes: size(JSON.stringify(written)) + 1 }
  }
}

export const missing = (why: MissingReason, size?: number): Copied => ({
  $: 'missing',
  why,
  ...(size !== undefined && { size }),
})

/** In hexadecimal digits. */
export async function hashOf(content: string | ArrayBuffer | ArrayBufferView): Promise<string> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(bytesOf(content))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Makes hashes of the texts for which there was no room: the texts themselves are not written. */
async function hashTexts(value: unknown): Promise<void> {
  if (typeof value !== 'object' || value === null) return
  for (const member of Object.values(value)) await hashTexts(member)
  if (Reflect.get(value, '$') !== 'missing') return
  const text: unknown = Reflect.get(value, 'text')
  if (typeof text !== 'string') return
  Reflect.deleteProperty(value, 'text')
  if (text !== '') Reflect.set(value, 'sha256', await hashOf(text))
}

/** Waits for a promise, `ms` at most. */
async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms)
    promise.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
