/**
 * The form of a tape, version 1: JSON, masked. `docs/tape.md` describes it, `docs/tape.schema.json` is its schema. What
 * JSON cannot hold is a {@link TapeMark}.
 */
import type { JsonValue } from '../types.ts'

/** What kind of thing was called. */
export type TapeKind =
  | 'fetch'
  | 'kv'
  | 'd1'
  | 'r2'
  | 'queue'
  | 'service'
  | 'rpc'
  | 'object'
  | 'ai'
  | 'vectorize'
  | 'ratelimit'
  | 'call'
  | 'now'
  | 'uuid'
  | 'var'

/** The calls that one request, job or message made to the outside, in the order in which they began. */
export interface Tape {
  /** Of this form. */
  readonly version: 1
  /** Whether each recorded call can be played back. What the code asked of no recorder is not on the tape. */
  readonly complete: boolean
  /** Why it is not complete: each reason once. */
  readonly why?: readonly string[]
  /** In the order in which they began. */
  readonly calls: readonly TapeCall[]
}

/** One call. It has an `output` or an `error`; neither where it had not ended. */
export interface TapeCall {
  /** What kind of thing was called. */
  readonly kind: TapeKind
  /** The binding's name, the origin of a `fetch`, the name of a `handle.call`, or what a stub of an RPC came of. */
  readonly target: string
  /** The method as it was called; of `fetch` and `service` the HTTP method. */
  readonly method: string
  /** By what the call is found again: its arguments, masked. The form depends on `kind`. */
  readonly input: JsonValue
  /** What it returned or resolved to. */
  readonly output?: JsonValue
  /** What it threw or rejected with. */
  readonly error?: JsonValue
  /** Counts the calls with the same `kind`, `target`, `method` and `input`, from 0. */
  readonly ordinal: number
  /** Whole milliseconds from the beginning of the work. */
  readonly startedMs: number
  /** Whole milliseconds; 0 for a call that had not ended. */
  readonly durationMs: number
}

/** Why a value is not on the tape. */
export type MissingReason =
  /** More bytes than there was room for. */
  | 'too large'
  /** Bytes that are no UTF-8 text: nothing in them can be masked. */
  | 'binary'
  /** A body that the code did not read: no replay needs it. */
  | 'not read'
  /** The body, or the call, was still going on when the event was made. */
  | 'not ended'
  /** A socket, a hyperdrive's connection, or what else is no data. */
  | 'not recordable'

/** What JSON cannot hold, by its `$`. A plain object that has a member of that name is a mark too: `object`. */
export type TapeMark =
  | { readonly $: 'undefined' }
  | { readonly $: 'number'; readonly value: 'NaN' | 'Infinity' | '-Infinity' | '-0' }
  | { readonly $: 'bigint'; readonly value: string }
  /** ISO 8601; an empty text for an invalid one. */
  | { readonly $: 'date'; readonly value: string }
  | { readonly $: 'map'; readonly entries: readonly (readonly JsonValue[])[] }
  | { readonly $: 'set'; readonly values: readonly JsonValue[] }
  | { readonly $: 'object'; readonly value: { readonly [name: string]: JsonValue } }
  /** Bytes that are UTF-8 text: `ArrayBuffer`, `Uint8Array`, `Blob` and so on. */
  | { readonly $: 'bytes'; readonly type: string; readonly text: string; readonly contentType?: string }
  /** A `ReadableStream` and what came out of it. */
  | { readonly $: 'stream'; readonly text: string | MissingMark }
  | {
      readonly $: 'error'
      readonly name: string
      readonly message: string
      readonly cause?: JsonValue
      /** Its own enumerable members: `code`, `retryable`. */
      readonly fields?: { readonly [name: string]: JsonValue }
    }
  | {
      readonly $: 'request'
      readonly method: string
      readonly url: string
      readonly headers: TapeHeaders
      readonly body?: TapeBody
    }
  | {
      readonly $: 'response'
      readonly status: number
      readonly statusText: string
      readonly headers: TapeHeaders
      /** Where it was redirected to. */
      readonly url?: string
      readonly body?: TapeBody
    }
  | { readonly $: 'headers'; readonly entries: TapeHeaders }
  | { readonly $: 'form'; readonly entries: readonly (readonly JsonValue[])[] }
  /** What a `handle.call` returned as a promise. */
  | { readonly $: 'promise'; readonly value: JsonValue }
  /** An `R2Object`; one with a body where there is a `body`. */
  | { readonly $: 'r2'; readonly fields: { readonly [name: string]: JsonValue }; readonly body?: TapeBody }
  /** An `R2MultipartUpload`. */
  | { readonly $: 'upload'; readonly key: string; readonly uploadId: string }
  /** A `DurableObjectId`. */
  | { readonly $: 'id'; readonly id: string; readonly name?: string }
  /** A stub or a function that came by RPC: what is called on it has this `target`. */
  | { readonly $: 'stub'; readonly target: string }
  | MissingMark

/** Stands for what is not on the tape. */
export interface MissingMark {
  readonly $: 'missing'
  readonly why: MissingReason
  /** Bytes, as far as they are known. */
  readonly size?: number
  /** Of all its bytes, in hexadecimal digits. */
  readonly sha256?: string
}

/** Names in lower case and values, masked; a name may repeat. */
export type TapeHeaders = readonly (readonly [name: string, value: string])[]

/** A body: its text, masked. */
export type TapeBody = string | MissingMark
