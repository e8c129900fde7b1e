/** How a handler's call ends, and what its caller gets. */

/**
 * Runs `run` and looks at its end, now or when its promise settles; what it throws is rethrown, the same object. Both are
 * told whether it has ended at once.
 */
export function settle<Result>(
  run: () => Result | Promise<Result>,
  returned: (result: Result, atOnce: boolean) => Result | Promise<Result>,
  threw: (thrown: unknown, atOnce: boolean) => Promise<void> | undefined,
): Result | Promise<Result> {
  const rethrow = (thrown: unknown, atOnce: boolean): Promise<never> => {
    const waiting = threw(thrown, atOnce)
    if (!waiting) throw thrown
    return waiting.then(() => {
      throw thrown
    })
  }
  let result: Result | Promise<Result>
  try {
    result = run()
  } catch (thrown) {
    return rethrow(thrown, true)
  }
  if (!isPromise(result)) return returned(result, true)
  return result.then(
    settled => returned(settled, false),
    thrown => rethrow(thrown, false),
  )
}

/** Not of a Proxy that does not let itself be asked: that is for whoever called. */
function isPromise<Result>(value: Result | Promise<Result>): value is Promise<Result> {
  try {
    return value instanceof Promise
  } catch {
    return false
  }
}
