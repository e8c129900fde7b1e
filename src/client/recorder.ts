/** What the option `recordCalls` records calls by, as far as it is used. */
import type { MaskRules } from '../mask/json.ts'
import type { CallRecorder, Environment } from '../types.ts'
import type { FetchArguments } from './traced.ts'

/** The calls of one piece of work. */
export interface RecordedCalls {
  /** Ends the recording. Resolves to what it adds to the event's metadata: the tape, where it is kept. */
  close(metadata: object, ending: { status: string; executionTimeMs: number }): Promise<object | undefined>
}

/** Finds the calls that are played back to a request that a replay has sent, by its headers; nothing for any other request. */
export type FindReplay = (request: object) => Promise<RecordedCalls> | undefined

/** Finds the {@link RecordedCalls} of the work that the code runs for. */
export type FindCalls = () => RecordedCalls | undefined

/** The members of a {@link CallRecorder} that adapters use. */
export interface Recorder extends CallRecorder {
  /** @param addTrace adds the trace of the work to the arguments of a `fetch` */
  open(rules: MaskRules, addTrace: (args: FetchArguments) => FetchArguments): RecordedCalls
  /**
   * Nothing where the application is not to play tapes back.
   * @param hasScopes whether a client that is kept between requests can tell which of them it is called by
   */
  findReplay?(
    variables: Environment,
    client: { endpoint: string; ingestUrl: string },
    hasScopes: () => boolean,
  ): FindReplay | undefined
  /** @param addTrace the same, where nothing is recorded */
  fetch(find: FindCalls, addTrace: (args: FetchArguments) => FetchArguments): typeof fetch
  bindings<Env>(env: Env, find: FindCalls): Env
  call<Result>(find: FindCalls, name: string, input: unknown, run: () => Result): Result
  now(find: FindCalls): number
  uuid(find: FindCalls): string
  /** Runs `run` where what imports `env` gets this one. */
  within<Result>(env: unknown, run: () => Result): Result
}
