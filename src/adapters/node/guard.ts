/**
 * How one guard listens to the process and lets it end: first to hear, and not there while others decide. Whoever else
 * listens may ask whether it is alone before it ends the process, as Sentry and signal-exit do: with a guard in sight,
 * nobody would end it.
 */
import type { EventEmitter } from 'node:events'
import process from 'node:process'
import { isSupervisor } from './supervisor.ts'

/** What a guard does about one event of the process. */
type Hear = (othersDecide: boolean, ...args: readonly unknown[]) => void
type Listener = (...args: readonly unknown[]) => void

/** How the process ends when all guards have flushed. */
export interface Fate {
  /** The events that no guard may hear when it ends; the first is one that every guard of its kind listens to. */
  events: readonly [string, ...string[]]
  /** Ends it as its host would have, had no guard listened. */
  end: () => void
  /** Does the same where something else ends it meanwhile: `process.exit()` in the application. */
  exit: () => void
}

/** Marks a guard's listener, in every copy of this package. */
const GUARD = Symbol.for('@replaystack/edge/process-guard')

/** Milliseconds after which a process that was ended and still lives is guarded again. */
const RESUME_MS = 1_000

const host: EventEmitter = process

/** Who listens, by the guard that each stands for. */
function guardsOf(event: string): (Pick<Guard, 'leaving' | 'lastWords'> | undefined)[] {
  return host.listeners(event).map(listener => Reflect.get(listener, GUARD))
}

/** Whether a listener is a guard's, of this copy of the package or another. */
export function isGuard(listener: unknown): boolean {
  return typeof listener === 'function' && Reflect.has(listener, GUARD)
}

/**
 * Listeners of signal-exit, which much of npm brings along. They end nothing: they send the signal again once nobody else
 * listens. Its versions count them in public, so that they know of each other.
 */
function politeListeners(event: string): number {
  if (!event.startsWith('SIG')) return 0
  const emitters = [
    Reflect.get(process, '__signal_exit_emitter__'),
    Reflect.get(globalThis, Symbol.for('signal-exit emitter')),
  ]
  return emitters.reduce((sum: number, emitter) => sum + (Number(Object(emitter).count) || 0), 0)
}

/** Whether the application itself listens, so that it decides. */
export function othersListen(event: string): boolean {
  const others = host.listeners(event).filter(listener => !isGuard(listener) && !isSupervisor(event, listener))
  return others.length > politeListeners(event)
}

export class Guard {
  /** Set once the process is to end: settles when this guard's client has flushed. */
  leaving: Promise<void> | undefined
  /** Tells what this guard's client could not send: called when the process is about to end. */
  readonly lastWords: () => void
  readonly #listeners: { event: string; listener: Listener }[] = []
  #removed = false

  constructor(lastWords: () => void) {
    this.lastWords = lastWords
  }

  /** Listens before everyone else. `hear` is told whether others listen too, who then see no guard. */
  listen(event: string, hear: Hear): void {
    const listener: Listener = (...args) => {
      const othersDecide = othersListen(event)
      if (othersDecide) {
        host.off(event, listener)
        process.nextTick(() => this.#resume(event))
      }
      hear(othersDecide, ...args)
    }
    this.#listeners.push({ event, listener: Object.assign(listener, { [GUARD]: this }) })
    this.#resume()
  }

  /** Stops listening to one event. */
  unlisten(event: string): void {
    const index = this.#listeners.findIndex(one => one.event === event)
    const [found] = index < 0 ? [] : this.#listeners.splice(index, 1)
    if (found) host.off(event, found.listener)
  }

  /**
   * Ends the process when every guard that heard of it has flushed.
   * @param flushed never rejects
   */
  leave({ events, end, exit }: Fate, flushed: Promise<void>): void {
    const atExit = (): void => this.end(events, exit)
    process.once('exit', atExit)
    this.leaving = flushed
    flushed
      .then(() => Promise.all(guardsOf(events[0]).map(guard => guard?.leaving)))
      .then(() => {
        process.off('exit', atExit)
        this.end(events, end)
      })
  }

  /** Ends the process at once, unless another guard has. It may live on: process 1 of a container ignores signals. */
  end(events: Fate['events'], end: () => void): void {
    const guards = guardsOf(events[0])
    if (guards.includes(this)) {
      for (const guard of guards) guard?.lastWords()
      for (const event of events) {
        for (const listener of host.listeners(event)) if (isGuard(listener)) host.off(event, listener as Listener)
      }
      end()
    }
    setTimeout(() => {
      this.leaving = undefined
      this.#resume()
    }, RESUME_MS).unref()
  }

  /** Takes every hook off. A process that is about to end still ends. */
  remove(): void {
    this.#removed = true
    if (!this.leaving) this.#resume()
  }

  #resume(only?: string): void {
    for (const { event, listener } of this.#listeners) {
      if (only !== undefined && only !== event) continue
      if (this.#removed) host.off(event, listener)
      else if (!host.listeners(event).includes(listener)) host.prependListener(event, listener)
    }
  }
}
