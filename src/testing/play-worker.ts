/** A Worker as a test harness runs it: in the real runtime, with everything outside played back from a tape. */
import { MASKED } from '../mask/text.ts'
import { type AnyFunction, isFunction, read } from '../safe-read.ts'
import { kindOfBinding } from '../tape/kinds.ts'
import { withEnvironment } from '../tape/with-environment.ts'
import { type LoadedTape, loadTape, playerOf, replayBindings, replayFetch } from './load-tape.ts'

/** Where a test sends the tape, and asks for the report. A name that ends so is no one's: RFC 6761. */
export const CONTROL_URL = 'https://tape.replaystack.invalid/'

/** What the test sends first. */
export interface Start {
  readonly tape: unknown
  /** ISO 8601: what the Worker's clock says. */
  readonly time: string
}

/** What became of the events since then. */
export interface Report {
  /** What the last handler threw. */
  readonly thrown?: { readonly name: string; readonly message: string; readonly stack: string }
  /** The calls that the tape does not have. */
  readonly unknown?: string
  /** The same, or else the calls on the tape that were not made. */
  readonly unused?: string
  /** Promises given to `waitUntil` that have not settled. */
  readonly pending: number
}

/** A Worker's handlers, by the arguments that the runtime has for them. */
type Handler = (argument: unknown, env: object, ctx: object) => Promise<unknown>

const HANDLERS = ['scheduled', 'queue', 'email'] as const

/**
 * A Worker whose bindings and outside calls are played back, for `createTestHarness` of wrangler: `replaystack test --harness`
 * writes the module that exports it. The test starts it with {@link openHarness}.
 * @param worker what the application exports by default: an object of handlers, Hono, or a class of entrypoint
 * @example
 * import worker from './index.js'
 * export default playWorker(worker)
 */
export function playWorker(worker: unknown): object {
  const played = new PlayedWorker(worker)
  const handlers: Record<string, Handler> = { fetch: (request, env, ctx) => played.fetch(request, env, ctx) }
  for (const name of HANDLERS) handlers[name] = (argument, env, ctx) => played.run(name, argument, env, ctx)
  return handlers
}

class PlayedWorker {
  readonly #worker: unknown
  #tape: LoadedTape | undefined
  #pending = 0
  #thrown: Report['thrown']

  constructor(worker: unknown) {
    this.#worker = worker
  }

  async fetch(request: unknown, env: object, ctx: object): Promise<unknown> {
    if (!(request instanceof Request) || request.url !== CONTROL_URL) return this.run('fetch', request, env, ctx)
    if (request.method === 'POST') this.#start(JSON.parse(await request.text()))
    return Response.json(this.#report())
  }

  #start({ tape, time }: Start): void {
    this.#tape = loadTape(tape)
    globalThis.fetch = replayFetch(this.#tape)
    globalThis.Date = stopClock(Date, Date.parse(time))
  }

  async run(name: string, argument: unknown, env: object, ctx: object): Promise<unknown> {
    if (!this.#tape) throw new Error('There is no tape to play: the test has to call openHarness first.')
    const given = replayBindings(this.#tape, variablesBeside(this.#tape, env))
    this.#watch(ctx)
    this.#thrown = undefined
    try {
      const handler = findHandler(this.#worker, name, given, ctx)
      return await withEnvironment(given, () => handler(argument, given, ctx))
    } catch (thrown) {
      const [errorName, stack] = [read(thrown, 'name'), read(thrown, 'stack')].map(text => String(text ?? ''))
      const message = String(read(thrown, 'message') ?? thrown)
      this.#thrown = { name: errorName || 'Error', message, stack: stack || message }
      throw thrown
    }
  }

  /** The runtime's own method has to be called on the runtime's own object. */
  #watch(ctx: object): void {
    const waitUntil = read(ctx, 'waitUntil')
    if (!isFunction(waitUntil)) return
    const settle = (): void => void this.#pending--
    Object.assign(ctx, {
      waitUntil: (promise: unknown): void => {
        Reflect.apply(waitUntil, ctx, [promise])
        this.#pending++
        Promise.resolve(promise).then(settle, settle)
      },
    })
  }

  #report(): Report {
    const unknown = messageOf(() => this.#tape?.expectKnown())
    const unused = messageOf(() => this.#tape?.expectUsed())
    return {
      pending: this.#pending,
      ...(this.#thrown && { thrown: this.#thrown }),
      ...(unknown !== undefined && { unknown }),
      ...(unused !== undefined && { unused }),
    }
  }
}

function findHandler(worker: unknown, name: string, env: object, ctx: object): AnyFunction {
  const target: unknown = isFunction(worker) ? Reflect.construct(worker, [ctx, env]) : worker
  const handler = read(target, name)
  if (!isFunction(handler)) throw new TypeError(`The Worker has no handler named ${name}.`)
  return handler.bind(target)
}

/** The variables that the harness gives, but for those whose value is on the tape. */
function variablesBeside(tape: LoadedTape, env: object): object {
  const isKept = (name: string): boolean =>
    playerOf(tape).tape.calls.some(({ kind, target, output }) => kind === 'var' && target === name && output !== MASKED)
  return Object.fromEntries(
    Object.entries(env).filter(([name, value]) => kindOfBinding(value) === 'variable' && !isKept(name)),
  )
}

/** A `Date` that always says the same time. */
function stopClock(real: DateConstructor, time: number): DateConstructor {
  return new Proxy(real, {
    get: (target, name, receiver) => (name === 'now' ? () => time : Reflect.get(target, name, receiver)),
    construct: (target, args, made) => Reflect.construct(target, args.length > 0 ? args : [time], made),
    apply: target => new target(time).toString(),
  })
}

function messageOf(check: () => void): string | undefined {
  try {
    return void check()
  } catch (error) {
    return String(read(error, 'message'))
  }
}
