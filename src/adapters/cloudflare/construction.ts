/** How an instance begins. What fails then leaves no method to observe: only its failure is an event. */
import { Hold } from '../../observe/keep-alive.ts'
import { captureAtOnce, observe } from '../../observe/lifecycle.ts'
import type { Setup } from '../../observe/setup.ts'
import type { Work } from '../../observe/work.ts'
import { wrapFunction } from '../../observe/wrap.ts'
import { type AnyFunction, callMember, hasWaitUntil, isFunction, read } from '../../safe-read.ts'

/** Milliseconds that a failed start waits for its event: an object that was reset sends nothing any more. */
const MAX_HOLD_MS = 2_000

/** What is known of an instance before it is there. */
interface Construction {
  ctx: unknown
  /** The adapter's options and client. */
  setup: () => Setup
  /** The work that has failed, by the method's name. */
  work: (method: string) => Work
}

/** Records what was thrown, and throws it again. */
function rethrow(thrown: unknown, setup: Setup, work: Work): unknown {
  const run = (): never => {
    throw thrown
  }
  return observe(setup, work, run, result => ({ result }))
}

const BLOCK = 'blockConcurrencyWhile'

/** Records what was thrown at an object's start, and throws it again when its event has had its time. */
function rethrowLater(method: string, thrown: unknown, { setup, work }: Construction): unknown {
  const hold = new Hold()
  return rethrow(thrown, setup(), { ...work(method), waitUntil: hold, hold: () => hold.settled(MAX_HOLD_MS) })
}

/** What an object without a reason is reset by. */
const ABORTED = 'ctx.abort() has reset the object.'

/** The members of an object's state, those of its prototypes too. */
function membersOf(ctx: object): Map<PropertyKey, PropertyDescriptor> {
  const members = new Map<PropertyKey, PropertyDescriptor>()
  for (let one: object | null = ctx; one && one !== Object.prototype; one = Reflect.getPrototypeOf(one)) {
    for (const key of Reflect.ownKeys(one)) {
      const member = Reflect.getOwnPropertyDescriptor(one, key)
      if (member && key !== 'constructor' && !members.has(key)) members.set(key, member)
    }
  }
  return members
}

/**
 * What an object is given as its state: all of the platform's, whose methods only that can be called on. It inherits from
 * the platform's, as which `DurableObject` takes it; it takes no Proxy.
 */
function stateFor(ctx: object, construction: Construction): object {
  const calls: Readonly<Record<PropertyKey, (method: AnyFunction, args: unknown[]) => unknown>> = {
    [BLOCK](block, [callback, ...rest]) {
      const observed = async (): Promise<unknown> => {
        try {
          return await (isFunction(callback) ? callback() : undefined)
        } catch (thrown) {
          return rethrowLater(BLOCK, thrown, construction)
        }
      }
      return Reflect.apply(block, ctx, [isFunction(callback) ? observed : callback, ...rest])
    },
    // Nothing runs after it, and nothing leaves: the event waits in this isolate for the object's next call.
    abort(abort, args) {
      const { setup, work } = construction
      captureAtOnce(setup(), work('abort'), args[0] ?? new Error(ABORTED))
      return Reflect.apply(abort, ctx, args)
    },
  }
  const inherited: object = Object.create(ctx)
  const state: object = Object.create(inherited)
  for (const [key, { enumerable = false, value: member }] of membersOf(ctx)) {
    const holder = Object.hasOwn(ctx, key) ? state : inherited
    if (!isFunction(member)) {
      const get = (): unknown => Reflect.get(ctx, key)
      const set = (value: unknown): boolean => Reflect.set(ctx, key, value)
      Reflect.defineProperty(holder, key, { get, set, enumerable, configurable: true })
      continue
    }
    const value = wrapFunction(member, (method, self, args) => {
      if (self !== state) return Reflect.apply(method, self, args)
      return Object.hasOwn(calls, key) ? calls[key]?.(method, args) : Reflect.apply(method, ctx, args)
    })
    Reflect.defineProperty(holder, key, { value, enumerable, writable: true, configurable: true })
  }
  return state
}

/**
 * Constructs an instance; what its constructor throws is recorded. An object whose constructor has thrown can send nothing
 * any more, so a Durable Object throws the same a little later, before any of its methods is called: its callers get the
 * same error.
 * @param construct is called with what the instance is given as its `ctx`
 * @param placeholder what stands for the instance until then
 */
export function constructObserved(
  construct: (ctx: unknown) => object,
  placeholder: () => object,
  construction: Construction,
): object {
  const { ctx, setup, work } = construction
  const isState = isFunction(read(ctx, BLOCK)) && setup().pipeline.settings.enabled
  try {
    return construct(isState ? stateFor(Object(ctx), construction) : ctx)
  } catch (thrown) {
    if (isState) {
      callMember(ctx, BLOCK, () => rethrowLater('constructor', thrown, construction))
      return placeholder()
    }
    rethrow(thrown, setup(), { ...work('constructor'), waitUntil: hasWaitUntil(ctx) ? ctx : undefined })
    throw thrown
  }
}
