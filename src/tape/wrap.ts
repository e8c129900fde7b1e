/** A binding and the like, called through us: the same type, and for its own methods the same `this`. */
import { type AnyFunction, isFunction } from '../safe-read.ts'

/** What a wrapper does in place of a member. */
export type Members = { readonly [name: string]: (original: unknown) => unknown }

/** The things that our wrappers stand for. */
const originals = new WeakMap<object, object>()

/**
 * Wraps an object: `members` are replaced, other functions are called as the object's own.
 * @param other is called with the name of each function that is not replaced
 */
export function wrapObject<Target extends object>(
  target: Target,
  members: Members,
  other: (name: string) => void = () => {},
): Target {
  const made = new Map<PropertyKey, unknown>()
  const wrapper = new Proxy(target, {
    get(target, key) {
      if (made.has(key)) return made.get(key)
      // Getters of the platform's objects refuse any other `this`.
      const original: unknown = Reflect.get(target, key, target)
      if (typeof key === 'string' && Object.hasOwn(members, key)) {
        const value = members[key]?.(original)
        if (isFunction(original)) made.set(key, value)
        return value
      }
      if (!isFunction(original) || key === 'constructor') return original
      const value = wrapFunction(original, args => {
        if (typeof key === 'string') other(key)
        return Reflect.apply(original, target, args)
      })
      made.set(key, value)
      return value
    },
    set: (target, key, value) => {
      made.delete(key)
      return Reflect.set(target, key, value, target)
    },
  })
  originals.set(wrapper, target)
  return wrapper
}

/** A function that is called by `call`: its name, length and members stay. */
export function wrapFunction(original: AnyFunction, call: (args: unknown[]) => unknown): AnyFunction {
  return new Proxy(original, { apply: (_target, _self, args: unknown[]) => call(args) })
}

/** Says that a value stands for another. */
export function standsFor(wrapper: object, original: object): void {
  originals.set(wrapper, original)
}

/** How deep wrappers are looked for in arguments. */
const MAX_DEPTH = 4

/**
 * A value without our wrappers: the platform takes its own objects alone. Where there is none in it, it is the same value.
 */
export function unwrap(value: unknown, depth = 0): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value
  const original = originals.get(value)
  if (original) return original
  if (depth >= MAX_DEPTH || typeof value === 'function') return value
  if (Array.isArray(value)) {
    const list = value.map(one => unwrap(one, depth + 1))
    return list.some((one, place) => one !== value[place]) ? list : value
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  let copy: Record<string, unknown> | undefined
  for (const [key, { value: member }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    const bare = unwrap(member, depth + 1)
    if (bare !== member) copy = { ...(copy ?? value), [key]: bare }
  }
  return copy ?? value
}
