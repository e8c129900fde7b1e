/** What the option `recordCalls` records calls by, as far as it is used. */
import type { MaskRules } from '../mask/json.ts'
import type { CallRecorder } from '../types.ts'

/** The calls of one piece of work. */
export interface RecordedCalls {
  /** Ends the recording. Resolves to the tape for the event's metadata, where it is kept. */
  close(metadata: object, ending: { status: string; executionTimeMs: number }): Promise<object | undefined>
}

/** Finds the {@link RecordedCalls} of the work that the code runs for. */
export type FindCalls = () => RecordedCalls | undefined

/** The members of a {@link CallRecorder} that adapters use. */
export interface Recorder extends CallRecorder {
  open(rules: MaskRules): RecordedCalls
  fetch(find: FindCalls): typeof fetch
  bindings<Env>(env: Env, find: FindCalls): Env
  call<Result>(find: FindCalls, name: string, input: unknown, run: () => Result): Result
  now(find: FindCalls): number
  uuid(find: FindCalls): string
  /** Runs `run` where what imports `env` gets this one. */
  within<Result>(env: unknown, run: () => Result): Result
}
