/** A console that is recorded, beside the one that is not. */
import type { Level, LogReceiver } from '../types.ts'
import { formatLine } from './format.ts'

/** The methods that write lines, and their levels. */
const LEVELS: Readonly<Record<string, Level>> = {
  debug: 'debug',
  trace: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warning',
  error: 'error',
  assert: 'error',
}

function capture(receiver: LogReceiver, method: string, level: Level, args: readonly unknown[]): void {
  try {
    const isAssertion = method === 'assert'
    if (isAssertion && args[0]) return
    const { message, ...rest } = formatLine(isAssertion ? args.slice(1) : args)
    const text = isAssertion ? `Assertion failed${message && `: ${message}`}` : message
    receiver.captureLog({ level, message: text, ...rest })
  } catch {
    // What cannot be shown is written all the same.
  }
}

/**
 * A console whose lines are on the event of the request that they are written for too, from `logLevel` up: `debug` and `trace` as
 * `debug`, `log` and `info` as `info`, `warn` as `warning`, `error` and a failed `assert` as `error`. Objects are the line's
 * metadata, masked as any. Everything is written as before, and the console that was given does not change: what is written to that
 * is not recorded.
 * @param receiver a request's handle, or a client, whose lines go to the event of the request that runs
 * @param target the console that writes: the global one, for one
 * @example
 * const log = recordConsole(client, console)
 * log.error('The bank is slow', { attempt: 2 })
 */
export function recordConsole<Target extends object>(receiver: LogReceiver, target: Target): Target {
  return new Proxy(target, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key)
      if (typeof method !== 'function') return method
      const level = typeof key === 'string' && Object.hasOwn(LEVELS, key) ? LEVELS[key] : undefined
      if (!level) return method.bind(target)
      return (...args: unknown[]): unknown => {
        capture(receiver, String(key), level, args)
        return Reflect.apply(method, target, args)
      }
    },
  })
}
