/** How calls to the outside are made where nothing records them. */
import type { Recorder } from './recorder.ts'
import { onWorkers } from './scope.ts'

const callFetch: typeof fetch = (input, init) => fetch(input, init)

/** A Worker's `fetch` refuses to be called as a method of another object. */
export const bareCalls: Omit<Recorder, 'open' | 'tapeVersion'> = {
  fetch: () => (onWorkers() ? callFetch : fetch),
  bindings: env => env,
  call: (_find, _name, _input, run) => run(),
  now: () => Date.now(),
  uuid: () => crypto.randomUUID(),
  within: (_env, run) => run(),
}
