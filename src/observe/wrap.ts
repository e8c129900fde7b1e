/**
 * What every `withReplayStack` does to what it is given: it looks the same, and is called through us.
 */
import { type AnyFunction, isFunction } from '../safe-read.ts'

/** A function called through `apply`: its name, arity, properties and symbols stay its own. */
export function wrapFunction<Target extends (...args: never[]) => unknown>(
  target: Target,
  apply: (target: Target, self: unknown, args: unknown[]) => unknown,
): Target {
  return new Proxy(target, { apply })
}

/**
 * A copy of `object` whose `methods` are called through us, as far as it has them. The object itself is not changed, and
 * stays what its methods see as `this`, so that private members and later changes work.
 */
export function wrapMethods<Target extends object>(
  object: Target,
  methods: Readonly<Record<string, (method: AnyFunction, self: unknown, args: unknown[]) => unknown>>,
): Target {
  const copy: Target = Object.create(Object.getPrototypeOf(object), Object.getOwnPropertyDescriptors(object))
  for (const [name, apply] of Object.entries(methods)) {
    const method: unknown = Reflect.get(object, name)
    if (!isFunction(method)) continue
    const value = wrapFunction(method, (target, self, args) => apply(target, self === copy ? object : self, args))
    Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return copy
}

/**
 * A handler's arguments with its handle after them: in the last place that it declares, where the host leaves that one
 * empty; else in the fourth, because frameworks take what comes third for a Worker's context.
 */
export function withHandle(handler: { readonly length: number }, args: readonly unknown[], handle: object): unknown[] {
  const declared = handler.length > args.length
  const place = declared ? handler.length - 1 : Math.max(args.length, 3)
  return [...args, ...Array<undefined>(place - args.length), handle]
}
