/** Errors that nobody caught: recorded, flushed, and then the end that the host has for them. */
import { channel } from 'node:diagnostics_channel'
import type { EventEmitter } from 'node:events'
import process from 'node:process'
import { type Guard, isGuard, othersListen } from './guard.ts'
import { exitSupervised, isSupervised } from './supervisor.ts'
import { endWithSource, isTopLevel, throwFromTopLevel } from './top-level.ts'

/** What Node calls the two ways in which an error is caught by nobody. */
export type Origin = 'uncaughtException' | 'unhandledRejection'

/** What a guard does about errors. */
export interface ErrorHooks {
  /** Whether errors of this origin are its affair. */
  wants(origin: Origin): boolean
  record(error: unknown, origin: Origin): void
  /** Settles when the flush is over, or has taken its time. Never rejects. */
  flush(): Promise<void>
}

const host: EventEmitter = process

/** Lets an error go the way it came, so that the host tells of it in the same words, from the same line. */
function throwAgain(error: unknown, origin: Origin): void {
  // Whoever watches has heard of this one already. Where nobody decides otherwise, nothing else comes after it.
  const survives =
    othersListen('uncaughtException') || othersListen(origin) || process.hasUncaughtExceptionCaptureCallback()
  if (!survives) {
    host.removeAllListeners('uncaughtExceptionMonitor')
    const isNode = !process.versions['bun'] && !process.versions['deno']
    if (isNode && endWithSource(error, origin === 'uncaughtException')) return
  }
  if (origin === 'unhandledRejection') {
    Promise.reject(error)
    return
  }
  // What a subscriber throws is uncaught, told from where the error was made; a plain `throw` would be told from here.
  const ending = channel('@replaystack/edge/uncaught')
  ending.subscribe(() => {
    throw error
  })
  ending.publish(undefined)
}

/** What is left to do where the application ends the process while we flush. */
function tellAtExit(error: unknown): void {
  process.exitCode = 1
  console.error(error)
}

/**
 * Guards against both. A listener for rejections would keep Node and Deno alive: there they come as uncaught exceptions,
 * and are listened to while the application itself does, who then decides. Bun tells of them in no other way.
 */
export function guardErrors(guard: Guard, hooks: ErrorHooks): () => void {
  const hear = (othersDecide: boolean, error: unknown, origin: Origin): void => {
    if (guard.leaving) return
    const fromTopLevel = origin === 'unhandledRejection' && isTopLevel()
    const wanted = hooks.wants(origin)
    if (wanted) hooks.record(error, origin)
    const flushed = wanted ? hooks.flush() : Promise.resolve()
    if (othersDecide) return
    const events = ['uncaughtException', 'unhandledRejection'] as const
    if (isSupervised()) {
      guard.leave({ events, end: exitSupervised, exit: exitSupervised }, flushed)
      return
    }
    const end = (): void => {
      if (fromTopLevel) throwFromTopLevel(error, () => throwAgain(error, origin))
      else throwAgain(error, origin)
    }
    guard.leave({ events, end, exit: () => tellAtExit(error) }, flushed)
  }
  guard.listen('uncaughtException', (othersDecide, error, origin) => {
    hear(othersDecide, error, origin === 'unhandledRejection' ? origin : 'uncaughtException')
  })
  const hearRejections = (): void => {
    guard.listen('unhandledRejection', (othersDecide, reason) => hear(othersDecide, reason, 'unhandledRejection'))
  }
  /** With a capture callback, no listener is asked; what watches still is. */
  const watch = (error: unknown, origin: Origin): void => {
    if (!process.hasUncaughtExceptionCaptureCallback()) return
    hear(true, error, origin)
  }
  process.on('uncaughtExceptionMonitor', watch)
  if (process.versions['bun']) {
    hearRejections()
    return () => process.off('uncaughtExceptionMonitor', watch)
  }
  const listensElsewhere = (): boolean => host.listeners('unhandledRejection').some(listener => !isGuard(listener))
  let hearing = false
  const follow = (listens: boolean): void => {
    if (listens === hearing) return
    hearing = listens
    if (listens) hearRejections()
    else guard.unlisten('unhandledRejection')
  }
  const added = (event: unknown, listener: unknown): void => {
    if (event === 'unhandledRejection' && !isGuard(listener)) follow(true)
  }
  const removed = (event: unknown, listener: unknown): void => {
    if (event === 'unhandledRejection' && !isGuard(listener)) follow(listensElsewhere())
  }
  follow(listensElsewhere())
  host.on('newListener', added)
  host.on('removeListener', removed)
  return () => {
    process.off('uncaughtExceptionMonitor', watch)
    host.off('newListener', added)
    host.off('removeListener', removed)
  }
}
