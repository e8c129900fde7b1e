/** How calls to the outside are made where nothing records them. */
import type { Recorder } from './recorder.ts'

/** Where a test leaves what its calls are played back by. Global: the test and the application may have a build each. */
const PLAYBACK = Symbol.for('@replaystack/edge: playback')

/** What calls are made by. */
export type Calls = Omit<Recorder, 'open' | 'tapeVersion'>

/** What a test plays calls back by: while there is one, nothing is recorded and nothing is sent. */
export const playback = (): Calls | undefined => Reflect.get(globalThis, PLAYBACK)

/** From now on, calls are made by this. */
export const playBackBy = (calls: Calls): boolean => Reflect.set(globalThis, PLAYBACK, calls)

export const bareCalls: Calls = {
  fetch:
    (_find, addTrace) =>
    (...args) =>
      fetch(...(addTrace(args) as Parameters<typeof fetch>)),
  bindings: env => env,
  call: (_find, _name, _input, run) => run(),
  now: () => Date.now(),
  uuid: () => crypto.randomUUID(),
  within: (_env, run) => run(),
}
