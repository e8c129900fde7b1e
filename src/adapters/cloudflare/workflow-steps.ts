/** What becomes of the steps of a workflow's run. */
import { type AnyFunction, isFunction, isThenable, read } from '../../safe-read.ts'
import { standInFor } from './stand-in.ts'

/** One call of a step's function. */
interface Attempt {
  durationMs?: number
  error?: string
}

/** A step as an event has it. Times are milliseconds since the run was called. */
interface Step {
  name: string
  kind: string
  startedMs: number
  durationMs?: number
  /** What a sleep or a wait is given: `1 day`, a time, an event's type. */
  until?: string
  attempts?: Attempt[]
  error?: string
}

/** Steps that an event has, at most; of the others their number. */
const MAX_STEPS = 100
/** Attempts of each, the last ones. */
const MAX_ATTEMPTS = 20

const KINDS = ['do', 'sleep', 'sleepUntil', 'waitForEvent'] as const

const describeError = (thrown: unknown): string => {
  const [name, message] = [read(thrown, 'name'), read(thrown, 'message')]
  return message === undefined ? String(thrown) : `${String(name ?? 'Error')}: ${String(message)}`
}

export class WorkflowSteps {
  readonly #began: number = Date.now()
  readonly #steps: Step[] = []
  #leftOut = 0

  /** For the event's metadata. */
  metadata(): Record<string, unknown> {
    return { steps: this.#steps, ...(this.#leftOut > 0 && { stepsLeftOut: this.#leftOut }) }
  }

  /**
   * The platform's `WorkflowStep`, whose calls are noted.
   * @param bind binds a step's function to what it was given in
   */
  standInFor<Target extends object>(step: Target, bind: (callback: AnyFunction) => AnyFunction): Target {
    const members = KINDS.map(kind => [
      kind,
      (original: unknown): unknown =>
        isFunction(original)
          ? (...args: unknown[]) => this.#call(kind, args, given => Reflect.apply(original, step, given), bind)
          : original,
    ])
    return standInFor(step, Object.fromEntries(members))
  }

  #call(
    kind: string,
    args: readonly unknown[],
    call: (args: readonly unknown[]) => unknown,
    bind: (callback: AnyFunction) => AnyFunction,
  ): unknown {
    const noted = this.#begin(kind, args)
    const place = args.findIndex(isFunction)
    const callback = args[place]
    const given = [...args]
    if (isFunction(callback)) given[place] = bind(this.#observed(noted, callback))
    const result = call(given)
    // What the engine returned is handed over: it is a promise of more than `then`.
    if (isThenable(result)) this.#watch(noted, result)
    return result
  }

  #begin(kind: string, [name, second]: readonly unknown[]): Step {
    const until = kind === 'waitForEvent' ? read(second, 'type') : kind === 'do' ? undefined : second
    const step: Step = {
      name: String(name),
      kind,
      startedMs: this.#now(),
      ...(until !== undefined && { until: until instanceof Date ? until.toISOString() : String(until) }),
    }
    if (this.#steps.length < MAX_STEPS) this.#steps.push(step)
    else this.#leftOut++
    return step
  }

  #observed(step: Step, callback: AnyFunction): AnyFunction {
    return async (...args) => {
      const began = Date.now()
      const attempt: Attempt = {}
      step.attempts = [...(step.attempts ?? []), attempt].slice(-MAX_ATTEMPTS)
      try {
        return await callback(...args)
      } catch (thrown) {
        attempt.error = describeError(thrown)
        throw thrown
      } finally {
        attempt.durationMs = Date.now() - began
      }
    }
  }

  #watch(step: Step, result: unknown): void {
    const ended = (): void => {
      step.durationMs = this.#now() - step.startedMs
    }
    const failed = (thrown: unknown): void => {
      ended()
      step.error = describeError(thrown)
    }
    Reflect.apply(Reflect.get(Object(result), 'then'), result, [ended, failed])
  }

  #now(): number {
    return Date.now() - this.#began
  }
}
