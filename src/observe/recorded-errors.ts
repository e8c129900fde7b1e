/**
 * Errors that an event has already, for a host that hands over each error once more. Global, and made by who asks for it alone: a
 * bundler may give each part of an application its own copy of this package.
 */
const KEY = Symbol.for('@replaystack/edge: recorded errors')

const recordedErrors = (): unknown => Reflect.get(globalThis, KEY)

/** From now on, recorded errors are remembered. */
export function rememberErrors(): void {
  if (!(recordedErrors() instanceof WeakSet)) Reflect.set(globalThis, KEY, new WeakSet())
}

export function markRecorded(thrown: unknown): void {
  const errors = recordedErrors()
  if (errors instanceof WeakSet && Object(thrown) === thrown) errors.add(Object(thrown))
}

export function isRecorded(thrown: unknown): boolean {
  const errors = recordedErrors()
  return errors instanceof WeakSet && errors.has(Object(thrown))
}
