/** Objects of the platform's that a handler or an application is given in a form of ours: what they do can then be seen. */
import { type AnyFunction, isFunction } from '../../safe-read.ts'

/** What a stand-in has in place of a member. */
export type Members = Readonly<Record<string, (original: unknown) => unknown>>

/** A property that has to stay what it is: a Proxy that returns another value for it throws. */
function isFixed(target: object, key: PropertyKey): boolean {
  const own = Reflect.getOwnPropertyDescriptor(target, key)
  return own !== undefined && !own.configurable && !own.writable
}

/**
 * Stands for `target`, which stays as it is: `members` are replaced, everything else is its own. The platform's methods and
 * getters refuse any `this` but the object itself, so they are called on that.
 */
export function standInFor<Target extends object>(target: Target, members: Members): Target {
  const made = new Map<PropertyKey, unknown>()
  return new Proxy(target, {
    get(target, key) {
      if (made.has(key)) return made.get(key)
      const original: unknown = Reflect.get(target, key)
      const replace = typeof key === 'string' && Object.hasOwn(members, key) ? members[key] : undefined
      if ((!replace && (!isFunction(original) || key === 'constructor')) || isFixed(target, key)) return original
      const value = replace ? replace(original) : calledOn(target, original)
      made.set(key, value)
      return value
    },
    set(target, key, value) {
      made.delete(key)
      return Reflect.set(target, key, value)
    },
  })
}

/** A method of `target` that is called through us, before which `before` is called with its arguments and may change them. */
export function calledOn(
  target: object,
  method: unknown,
  before: (args: unknown[]) => unknown[] = args => args,
): unknown {
  if (!isFunction(method)) return method
  const apply = (method: AnyFunction, _self: unknown, args: unknown[]) => Reflect.apply(method, target, before(args))
  return new Proxy(method, { apply })
}
