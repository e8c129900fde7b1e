/** The guards' options, checked. */
import { MAX_TIMER_MS } from '../../client/options.ts'

/** What a guard does. */
export interface ProcessGuardOptions {
  /** Records uncaught errors. @default true */
  uncaughtException?: boolean | undefined
  /** Records unhandled rejections. @default true */
  unhandledRejection?: boolean | undefined
  /** Flushes when the process ends by a signal or for want of work. @default true */
  flushOnShutdown?: boolean | undefined
  /** @default ['SIGINT', 'SIGTERM'] */
  shutdownSignals?: readonly string[] | undefined
  /** Milliseconds that a flush may keep the process, at most. @default 2000 */
  flushTimeoutMs?: number | undefined
}

/** {@link ProcessGuardOptions} with none left open. */
export interface ProcessGuardSettings {
  readonly uncaughtException: boolean
  readonly unhandledRejection: boolean
  readonly flushOnShutdown: boolean
  readonly shutdownSignals: readonly string[]
  readonly flushTimeoutMs: number
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

/** No process can listen to `SIGKILL` or `SIGSTOP`. */
function isSignal(value: unknown): value is string {
  return typeof value === 'string' && /^SIG(?!KILL$|STOP$)[A-Z\d]+$/.test(value)
}

function isSignals(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isSignal)
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TIMER_MS
}

/** A value as an error may show it. */
function show(value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol') return typeof value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  try {
    return `${JSON.stringify(value)}`.slice(0, 100)
  } catch {
    return typeof value
  }
}

/** @throws {TypeError} naming the option, what is allowed and what it got */
export function resolveGuardOptions(options: ProcessGuardOptions): ProcessGuardSettings {
  const given: unknown = options
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`ReplayStack process guards take an object of options; got ${show(given)}.`)
  }
  const read = <T>(name: keyof ProcessGuardOptions, allowed: string, is: (value: unknown) => value is T, or: T): T => {
    const value: unknown = Object.hasOwn(options, name) ? options[name] : undefined
    if (value === undefined) return or
    if (is(value)) return value
    throw new TypeError(`ReplayStack option "${name}" must be ${allowed}; got ${show(value)}.`)
  }
  const settings: ProcessGuardSettings = {
    uncaughtException: read('uncaughtException', 'true or false', isFlag, true),
    unhandledRejection: read('unhandledRejection', 'true or false', isFlag, true),
    flushOnShutdown: read('flushOnShutdown', 'true or false', isFlag, true),
    shutdownSignals: read('shutdownSignals', 'a list of signals that can be caught', isSignals, ['SIGINT', 'SIGTERM']),
    flushTimeoutMs: read('flushTimeoutMs', `a whole number of milliseconds, 0 to ${MAX_TIMER_MS}`, isTime, 2_000),
  }
  const unknown = Object.keys(options).find(name => !(name in settings))
  if (unknown) throw new TypeError(`ReplayStack process guards have no option "${unknown}".`)
  return settings
}
