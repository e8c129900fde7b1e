/** Time, as delivery needs it. Tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`. The timer belongs to whoever waits: on Workers it dies with its request. */
  sleep(ms: number): Promise<void>
  /** Calls back after `ms` unless the function returned is called first. */
  timer(ms: number, callback: () => void): () => void
}

/** The host's clock, looked up at each call: nothing is kept from one request to the next. */
export const systemClock: Clock = {
  now() {
    try {
      return Date.now()
    } catch {
      // An application's own: time stands still, and the books balance.
      return 0
    }
  },
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
  timer(ms, callback) {
    const id = setTimeout(callback, ms)
    return () => clearTimeout(id)
  },
}
