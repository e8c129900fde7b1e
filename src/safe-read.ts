/** Values of others, read by what they have: what throws costs only itself. */

/** What stands at the end of a path of members; `undefined` where one is missing, or where reading it throws. */
export function read(value: unknown, ...path: readonly PropertyKey[]): unknown {
  let member = value
  try {
    for (const name of path) {
      if (member === undefined || member === null) return undefined
      member = Reflect.get(Object(member), name)
    }
  } catch {
    return undefined
  }
  return member
}

/** What an object shows of its own, each member as far as it can be read; nothing of what is no object, or refuses. */
export function entriesOf(value: unknown, max?: number): [name: string, value: unknown][] {
  try {
    const names = Object(value) === value ? Object.keys(Object(value)).slice(0, max) : []
    return names.map(name => [name, read(value, name)])
  } catch {
    return []
  }
}

/** A copy of what can be read of an object. */
export const readAll = (value: unknown): object => Object.fromEntries(entriesOf(value))

/** Any function, as a wrapper sees it. */
export type AnyFunction = (...args: unknown[]) => unknown

export function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function'
}

/** What a method answers; nothing where there is none, or where it throws. */
export function callMember(value: unknown, name: string, ...args: readonly unknown[]): unknown {
  const method = read(value, name)
  try {
    return isFunction(method) ? Reflect.apply(method, value, args) : undefined
  } catch {
    return undefined
  }
}

/** Whether a value is one that is waited for, of whatever realm or library. */
export function isThenable(value: unknown): boolean {
  return isFunction(read(value, 'then'))
}

/** Whether a value can keep its host alive. */
export function hasWaitUntil(value: unknown): value is { waitUntil(promise: Promise<unknown>): void } {
  return typeof read(value, 'waitUntil') === 'function'
}

/** The first entry of a header that is a list: each proxy adds to its end. */
export const firstOfList = (list: string | null | undefined): string | undefined =>
  list?.split(',', 1)[0]?.trim() || undefined
