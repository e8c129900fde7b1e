/** Lines of loggers, on the event of the request that they were written for. The loggers write them as before. */
import { format } from 'node:util'
import { type AnyFunction, readAll } from '../../safe-read.ts'
import type { Level, LogReceiver } from '../../types.ts'

/** pino's numbers, from which each level goes up. */
const PINO_LEVELS: readonly (readonly [from: number, level: Level])[] = [
  [50, 'error'],
  [40, 'warning'],
  [30, 'info'],
]

/** What pino merges into its line; an error is told by its name and message. */
function mergedFields(merged: object): object {
  const fields: Record<string, unknown> = { ...(merged instanceof Error ? { err: merged } : readAll(merged)) }
  const { err } = fields
  return err instanceof Error ? { ...fields, err: { name: err.name, message: err.message } } : fields
}

/**
 * A `logMethod` for pino's hooks: each line goes to `captureLog` too, with the object it was written with as metadata, and is then
 * written as before. Lines below pino's own level are not written, and so are not captured; those below `logLevel` are not kept.
 * @param receiver a client, whose lines go to the event of the request that runs
 * @example
 * const logger = pino({ hooks: { logMethod: pinoLogMethod(client) } })
 */
export function pinoLogMethod(
  receiver: LogReceiver,
): (this: unknown, args: unknown[], method: (...args: never[]) => void, level: number) => void {
  return function logMethod(args, method, level) {
    try {
      const [first, ...rest] = args
      const merged = typeof first === 'object' && first !== null ? first : undefined
      const text = merged ? rest : args
      const message = text.length > 0 ? format(...text) : merged instanceof Error ? merged.message : ''
      const [, name] = PINO_LEVELS.find(([from]) => level >= from) ?? [0, 'debug']
      receiver.captureLog({ level: name, message, ...(merged && { metadata: mergedFields(merged) }) })
    } catch {
      // What cannot be shown is written all the same.
    }
    Reflect.apply(method as AnyFunction, this, args)
  }
}
