/**
 * Classes that the platform makes instances of. It gets a stand-in for each: a call from outside goes through us, while
 * the methods see the instance itself as `this`. So private members work, fields and getters stay what they are, and a
 * method that is called by another is no event of its own.
 */
import { inCode, type Rules } from '../../client/options.ts'
import { currentCalls } from '../../client/scope.ts'
import { awaited, observe } from '../../observe/lifecycle.ts'
import { partsTraceId } from '../../observe/parts.ts'
import { lazySetup, takeOptions } from '../../observe/setup.ts'
import { wrapFunction } from '../../observe/wrap.ts'
import { type AnyFunction, hasWaitUntil, isFunction } from '../../safe-read.ts'
import type { AdapterOptions } from '../../types.ts'
import { constructObserved } from './construction.ts'
import type { Invocation, Observe } from './invocation.ts'
import { takeTrace } from './trace-rpc.ts'

/** A `DurableObject` or `WorkerEntrypoint` class. */
export type PlatformClass = new (...args: never[]) => object

/** Options of a class. */
export interface ClassOptions extends AdapterOptions<Request> {
  /**
   * `true`: a call that was made by `traceRpc` has its caller's trace id, and the method is called without the argument that
   * carries it. Else such an argument is passed on as any other. @default false
   */
  rpcTrace?: boolean | undefined
}

/** Options of a class, or how to make them from its `env`. */
export type ClassConfiguration = ClassOptions | ((env: never) => ClassOptions)

const OWN_RULES: Rules<Pick<ClassOptions, 'rpcTrace'>> = { rpcTrace: [inCode] }

/** A method that the platform itself calls. */
export interface ClassHandler {
  observe: Observe
  /** Arguments that the platform passes, at most. The handle follows them. */
  arity: number
}

/** How the methods of a class are observed. */
export interface ClassRules {
  handlers: Readonly<Record<string, ClassHandler>>
  /** What each event tells of the instance. */
  metadata: (className: string, ctx: unknown) => Record<string, unknown>
}

/** Methods of the platform's that are called as they are: what they begin is no work with an end. */
const UNOBSERVED: readonly string[] = ['connect', 'tailStream', 'test', 'trace']

/** Methods of frameworks' own have names like this (`__unsafe_ensureInitialized`): who calls them is the framework. */
const isInternal = (name: string): boolean => name.startsWith('__') || UNOBSERVED.includes(name)

/** A call of a method: by RPC, for one. Its arguments are not read: reading a stub among them would call it. */
export function observeMethod({ setup, name, ctx, traceId, metadata, run }: Invocation): unknown {
  const describe = () => ({ fields: { metadata: metadata?.() } })
  const work = {
    eventType: 'custom',
    endpoint: name,
    waitUntil: ctx,
    traceId: () => partsTraceId({ 'x-trace-id': traceId }),
    describe,
  } as const
  return observe(setup, work, run, result => ({ result }))
}

/** The methods of a class and of those it extends, symbols and all. */
function methodsOf(prototype: object): Map<PropertyKey, AnyFunction> {
  const methods = new Map<PropertyKey, AnyFunction>()
  for (let one: object | null = prototype; one && one !== Object.prototype; one = Reflect.getPrototypeOf(one)) {
    for (const key of Reflect.ownKeys(one)) {
      const value: unknown = Object.getOwnPropertyDescriptor(one, key)?.value
      if (key !== 'constructor' && !methods.has(key) && isFunction(value)) methods.set(key, value)
    }
  }
  return methods
}

/** What a stand-in stands for. */
interface Instance {
  self: object
  ctx: unknown
  env: unknown
  /** What the instance has as its `env`. */
  bindings: unknown
}

/** Whether a class adds nothing, or no more than `wrangler dev` does to each Durable Object, to look into its storage. */
function addsNothing(prototype: object, extended: object): boolean {
  const isItsOwn = (key: PropertyKey) => key === 'constructor' || String(key).startsWith('__miniflare_')
  return Reflect.getPrototypeOf(prototype) === extended && Reflect.ownKeys(prototype).every(isItsOwn)
}

/** The class as it is, but for the instances that are made of it. One that extends it is not recorded. */
export function instrumentClass<Class extends PlatformClass>(
  target: Class,
  options: ClassConfiguration | undefined,
  rules: ClassRules,
): Class {
  const [common, own] = takeOptions(options ?? {}, OWN_RULES)
  const setupFor = lazySetup(common)
  const instances = new WeakMap<object, Instance>()
  const handlerOf = (key: PropertyKey): ClassHandler | undefined =>
    typeof key === 'string' && Object.hasOwn(rules.handlers, key) ? rules.handlers[key] : undefined

  const observed = (key: PropertyKey, method: AnyFunction): AnyFunction =>
    wrapFunction(method, (method, standIn, given) => {
      const instance = instances.get(Object(standIn))
      if (!instance) return Reflect.apply(method, standIn, given)
      const { self, ctx, env, bindings } = instance
      const setup = setupFor(env)
      const [args, traceId] = own.rpcTrace ? takeTrace(given) : [given]
      const call = (...more: unknown[]): unknown => {
        const run = (): unknown => Reflect.apply(method, self, [...args, ...more])
        return setup.recordCalls ? setup.recordCalls.within(bindings, run) : run()
      }
      if (typeof key !== 'string' || isInternal(key)) return call()
      const invocation = {
        setup,
        name: `${target.name}.${key}`,
        args,
        traceId,
        ctx: hasWaitUntil(ctx) ? ctx : undefined,
        isOwn: true,
        metadata: () => rules.metadata(target.name, ctx),
      }
      const handler = handlerOf(key)
      // What is called by RPC has its caller's arguments alone.
      if (!handler) return observeMethod({ ...invocation, run: awaited(setup, () => call()) })
      const absent = Array.from({ length: Math.max(0, handler.arity - args.length) })
      return handler.observe({ ...invocation, run: awaited(setup, handle => call(...absent, handle)) })
    })

  /** Where RPC looks for methods, by the prototype that an instance is made with. */
  const prototypes = new WeakMap<object, object>()
  const observedPrototype = (made: object): object => {
    const methods = [...methodsOf(target.prototype)].map(([key, method]) => {
      const value = observed(key, method)
      return [key, { value, configurable: true, writable: true }] as const
    })
    return Object.create(made, Object.fromEntries(methods))
  }

  return new Proxy(target, {
    construct(target, args: unknown[], newTarget) {
      const [ctx, env, ...rest] = args
      const { recordCalls } = setupFor(env)
      const bindings = recordCalls ? recordCalls.bindings(env, currentCalls) : env
      const metadata = (): Record<string, unknown> => rules.metadata(target.name, ctx)
      const self = constructObserved(
        given => Reflect.construct(target, [given, bindings, ...rest], newTarget),
        () => Object.create(target.prototype),
        {
          ctx,
          setup: () => setupFor(env),
          work: method => ({
            eventType: 'custom',
            endpoint: `${target.name}.${method}`,
            describe: () => ({ fields: { metadata: metadata() } }),
          }),
        },
      )
      // A class that extends this one puts private members on what it gets, and its methods look for them on `this`.
      const made: object = Reflect.get(newTarget, 'prototype')
      if (made !== target.prototype && !addsNothing(made, target.prototype)) return self
      const prototype = prototypes.get(made) ?? observedPrototype(made)
      prototypes.set(made, prototype)
      const standIn = createStandIn(self, prototype, (key, value) => (handlerOf(key) ? observed(key, value) : value))
      instances.set(standIn, { self, ctx, env, bindings })
      return standIn
    },
  })
}

/** @param own what a function that is the instance's own member is called through */
function createStandIn(
  self: object,
  prototype: object,
  own: (key: PropertyKey, value: AnyFunction) => AnyFunction,
): object {
  return new Proxy(self, {
    get(self, key) {
      const member = Object.getOwnPropertyDescriptor(self, key)
      if (!member && Object.hasOwn(prototype, key)) return Reflect.get(prototype, key)
      const value: unknown = Reflect.get(self, key)
      return member?.configurable && isFunction(value) ? own(key, value) : value
    },
    set: (self, key, value) => Reflect.set(self, key, value),
    getPrototypeOf: self => (Object.isExtensible(self) ? prototype : Reflect.getPrototypeOf(self)),
  })
}
