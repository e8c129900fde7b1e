/** How an instance begins. What fails then leaves no method to observe: only its failure is an event. */
import { Hold } from '../../observe/keep-alive.ts'
import { observe } from '../../observe/lifecycle.ts'
import type { Setup } from '../../observe/setup.ts'
import type { Work } from '../../observe/work.ts'
import { callMember, hasWaitUntil, isFunction, read } from '../../safe-read.ts'

/** Milliseconds that a failed start waits for its event: an object that was reset sends nothing any more. */
const MAX_HOLD_MS = 2_000

/** What is known of an instance before it is there. */
interface Construction {
  ctx: unknown
  /** Asked when something fails. */
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

/**
 * Has `blockConcurrencyWhile` observed while `construct` runs, which is where objects read their state. The member is put
 * on the object's state, since its base class takes no other, and taken off again.
 */
function observeStart(construct: () => object, construction: Construction): object {
  const { ctx } = construction
  const block = read(ctx, BLOCK)
  if (!isFunction(block) || Object.hasOwn(Object(ctx), BLOCK)) return construct()
  const value = (callback: unknown, ...rest: unknown[]): unknown => {
    const observed = async (): Promise<unknown> => {
      try {
        return await (isFunction(callback) ? callback() : undefined)
      } catch (thrown) {
        return rethrowLater(BLOCK, thrown, construction)
      }
    }
    return Reflect.apply(block, ctx, [isFunction(callback) ? observed : callback, ...rest])
  }
  Reflect.defineProperty(Object(ctx), BLOCK, { value, configurable: true, writable: true })
  try {
    return construct()
  } finally {
    Reflect.deleteProperty(Object(ctx), BLOCK)
  }
}

/**
 * Constructs an instance; what its constructor throws is recorded. An object whose constructor has thrown can send nothing
 * any more, so a Durable Object throws the same a little later, before any of its methods is called: its callers get the
 * same error.
 * @param placeholder what stands for the instance until then
 */
export function constructObserved(
  construct: () => object,
  placeholder: () => object,
  construction: Construction,
): object {
  const { ctx, setup, work } = construction
  try {
    return observeStart(construct, construction)
  } catch (thrown) {
    const { enabled } = setup().pipeline.settings
    if (enabled && isFunction(read(ctx, BLOCK))) {
      callMember(ctx, BLOCK, () => rethrowLater('constructor', thrown, construction))
      return placeholder()
    }
    rethrow(thrown, setup(), { ...work('constructor'), waitUntil: hasWaitUntil(ctx) ? ctx : undefined })
    throw thrown
  }
}
