/** D1: statements are noted when they run, by their text and parameters. */
import { hidesValue } from '../mask/names.ts'
import { MASKED } from '../mask/text.ts'
import { isFunction, read } from '../safe-read.ts'
import { missing, Ready } from './call.ts'
import { begin, type FindTape, type HandOver, recordCall } from './record.ts'
import { type Members, unwrap, wrapFunction, wrapObject } from './wrap.ts'

/** What a wrapped statement says. */
interface Statement {
  readonly sql: unknown
  readonly params: readonly unknown[]
}

const statements = new WeakMap<object, Statement>()

/** A database, or a session of one: what is prepared by either is noted under the same name. */
export function wrapDatabase(database: object, name: string, find: FindTape, lacks: (method: string) => void): object {
  const members: Members = {
    prepare: original =>
      isFunction(original)
        ? wrapFunction(original, args => {
            const statement = Object(Reflect.apply(original, database, args))
            return wrapStatement(statement, { sql: args[0], params: [] }, name, find)
          })
        : original,
    batch: original =>
      isFunction(original)
        ? wrapFunction(original, ([given, ...rest]) => {
            const list = Array.isArray(given) ? given : []
            const told = list.map(
              one => statements.get(Object(one)) ?? { sql: read(one, 'statement'), params: read(one, 'params') },
            )
            const noted = begin(find, () => ({
              kind: 'd1',
              target: name,
              method: 'batch',
              input: { statements: told },
            }))
            return recordCall(noted, () => Reflect.apply(original, database, [unwrap(given), ...rest]))
          })
        : original,
    exec: original =>
      isFunction(original)
        ? wrapFunction(original, args => {
            const noted = begin(find, () => ({ kind: 'd1', target: name, method: 'exec', input: { sql: args[0] } }))
            return recordCall(noted, () => Reflect.apply(original, database, args))
          })
        : original,
    withSession: original =>
      isFunction(original)
        ? wrapFunction(original, args =>
            wrapDatabase(Object(Reflect.apply(original, database, args)), name, find, lacks),
          )
        : original,
  }
  return wrapObject(database, members, method => method !== 'getBookmark' && lacks(method))
}

function wrapStatement(bare: object, statement: Statement, name: string, find: FindTape): object {
  const run = (method: string) => (original: unknown) =>
    isFunction(original)
      ? wrapFunction(original, args => {
          const column = method === 'first' ? args[0] : undefined
          const noted = begin(find, ({ rules }) => ({
            kind: 'd1',
            target: name,
            method,
            input: { ...statement, ...(column !== undefined && { column }) },
            isHidden: typeof column === 'string' && rules.names.hides(column) !== false,
          }))
          if (method === 'raw') return runRaw(bare, args)(noted)
          return recordCall(noted, () => Reflect.apply(original, bare, args))
        })
      : original
  const wrapper = wrapObject(bare, {
    bind: original =>
      isFunction(original)
        ? wrapFunction(original, params => {
            const bound = Object(Reflect.apply(original, bare, params))
            return wrapStatement(bound, { sql: statement.sql, params }, name, find)
          })
        : original,
    all: run('all'),
    run: run('run'),
    first: run('first'),
    raw: run('raw'),
  })
  statements.set(wrapper, statement)
  return wrapper
}

/**
 * Rows without their columns' names could not be masked: the platform's own statement is always asked for them, and they are
 * taken off again where the caller did not ask.
 */
function runRaw(bare: object, args: readonly unknown[]) {
  const raw = read(bare, 'raw')
  const isOwn = read(Object.getPrototypeOf(bare), 'constructor', 'name') === 'D1PreparedStatement'
  const isNamed = read(args[0], 'columnNames') === true
  const hasNames = isOwn || isNamed
  const handOver: HandOver = (result, noted) => {
    if (!Array.isArray(result)) return { given: result, noted: result }
    const [columns = [], ...rows]: unknown[][] = result
    if (isOwn && !isNamed) result.shift()
    if (!noted) return { given: result, noted: undefined }
    if (!hasNames) {
      noted.tape.lacks(`${noted.label}: its columns are not known`)
      return { given: result, noted: new Ready(missing('not recordable')) }
    }
    const hides = Array.from(columns, name => noted.tape.rules.names.hides(String(name)))
    const seen = rows.map(row =>
      Array.from(row, (value, place) => (hidesValue(hides[place] ?? false, value) ? MASKED : value)),
    )
    return { given: result, noted: { columns, rows: seen } }
  }
  return (noted: Parameters<typeof recordCall>[0]): unknown => {
    const asked = isOwn ? [{ ...Object(args[0]), columnNames: true }] : args
    return recordCall(noted, () => (isFunction(raw) ? Reflect.apply(raw, bare, asked) : undefined), handOver)
  }
}
