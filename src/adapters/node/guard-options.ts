/** The guards' options, checked. */
import { inCode, integer, MAX_TIMER_MS, type Rules, readOptions, show } from '../../client/options.ts'

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

/** No process can listen to `SIGKILL` or `SIGSTOP`. */
function isSignal(value: unknown): value is string {
  return typeof value === 'string' && /^SIG(?!KILL$|STOP$)[A-Z\d]+$/.test(value)
}

const RULES: Rules<ProcessGuardOptions> = {
  uncaughtException: [inCode, true],
  unhandledRejection: [inCode, true],
  flushOnShutdown: [inCode, true],
  shutdownSignals: [
    {
      allowed: 'a list of signals that can be caught',
      read: value => (Array.isArray(value) && value.every(isSignal) ? value : undefined),
    },
    ['SIGINT', 'SIGTERM'],
  ],
  flushTimeoutMs: [integer(0, MAX_TIMER_MS), 2_000],
}

/** @throws {TypeError} naming the option, what is allowed and what it got */
export function resolveGuardOptions(options: ProcessGuardOptions): ProcessGuardSettings {
  const given: unknown = options
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`ReplayStack process guards take an object of options; got ${show(given)}.`)
  }
  const unknown = Object.keys(options).find(name => !(name in RULES))
  if (unknown) throw new TypeError(`ReplayStack process guards have no option "${unknown}".`)
  // Each rule has the type of its option.
  return readOptions(RULES, options) as { [Name in keyof ProcessGuardSettings]: ProcessGuardSettings[Name] }
}
