/** The tape of one request, job or message while it runs: what is called is noted at once, and written when it is over. */

import { type MaskRules, writeValue } from '../mask/json.ts'
import { hidesValue } from '../mask/names.ts'
import { MASKED } from '../mask/text.ts'
import { utf8Length } from '../mask/truncate.ts'
import { hashOf, textOf } from './bytes.ts'
import { CALL_BYTES, type Call, type CallRecord, type Copied, missing, Ready } from './call.ts'
import type { Tape } from './format.ts'
import { takeSnapshot } from './snapshot.ts'
import { writeTape } from './write-tape.ts'

/** What the options of a recorder leave to a tape. */
export interface TapeSettings {
  readonly maxBytes: number
  readonly keep: 'failed' | 'all'
  readonly slowMs: number
  readonly variables: readonly string[]
}

type AddTrace = (args: readonly unknown[]) => readonly unknown[]

/** How the work ended. */
export interface Ending {
  readonly status: string
  readonly executionTimeMs: number
}

/** A call that has begun. Plain data of our own, but for its methods. */
export class NotedCall implements CallRecord {
  readonly call: Call
  readonly tape: OpenTape
  readonly started: number = performance.now()
  ended: number | undefined
  input: unknown
  outcome: { output: unknown } | { error: unknown } | undefined
  /** Whether what it returned is a promise, where its kind does not say. */
  isPromised = false
  hasChildren = false
  target = ''
  readonly stubs: CallRecord['stubs'] = []
  readonly bodies: CallRecord['bodies'] = []

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

/** Milliseconds that a tape waits for bodies which are still being read when its event is made. */
const BODY_TIME_MS = 100

/** UTF-8 bytes of a tape that says no more than why it is empty. */
const LEAST_BYTES = 200

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

  /** Reads a stream that nobody else reads, for it was given to a call that is played back. */
  readStream: ((stream: ReadableStream, mark: Copied) => void) | undefined

  /** Adds the trace of the work to the arguments of a `fetch`. */
  readonly addTrace: AddTrace

  constructor(
    rules: MaskRules,
    settings: TapeSettings,
    describe: (value: object) => unknown,
    addTrace: AddTrace = args => args,
  ) {
    this.addTrace = addTrace
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
    // Most arguments are such: what is the same for ever needs no walk.
    if (typeof value === 'string' && value.length + 2 <= this.#room) {
      this.#room -= value.length + 2
      return value
    }
    if (value === null || typeof value === 'boolean') {
      this.#room -= 5
      return value
    }
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
      if (this.readStream) this.readStream(body, mark)
      else if (of) this.lacks(`${of.label}: a stream is not recordable here`)
    }
    return mark
  }

  /**
   * Ends the recording.
   * @param metadata of the event, which the tape leaves room for
   * @returns the tape, where it is kept and has a call
   */
  async close(metadata: unknown, { status, executionTimeMs }: Ending): Promise<{ tape: Tape } | undefined> {
    const { keep, slowMs } = this.settings
    const isKept = keep === 'all' || status !== 'success' || executionTimeMs >= slowMs
    if (!isKept || this.#calls.length + this.#why.size + this.#leftOut === 0) {
      this.#isClosed = true
      return undefined
    }
    if (this.#reads.size > 0) await within(Promise.all(this.#reads), BODY_TIME_MS)
    const { maxPayloadSizeBytes } = this.rules
    const beside = utf8Length(writeValue(metadata, this.rules) ?? '') + 16
    const maxBytes = Math.min(this.settings.maxBytes, maxPayloadSizeBytes - beside)
    this.#isClosed = true
    // Where there is not even room for the reason, the rest of the metadata comes first.
    if (maxBytes < LEAST_BYTES) return undefined
    const tape = await writeTape(this.#calls, this.rules, {
      maxBytes,
      why: this.#why,
      leftOut: this.#leftOut,
      opened: this.#opened,
    })
    return { tape }
  }
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
