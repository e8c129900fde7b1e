/** A function whose time is nearly up: what it was doing leaves before Lambda stops it. */
import { ReplayStackHandle } from '../../client/client.ts'
import type { Work } from '../../observe/work.ts'
import { callMember } from '../../safe-read.ts'
import { type Invocation, invocationMetadata, remainingMs } from './invocation.ts'

/**
 * @returns the work, whose end is the end of the watch, and what begins it: called with the handle of the invocation. Work that is
 * not recorded is not watched.
 */
export function watchTime(
  work: Work,
  invocation: Invocation,
  warningMs: number,
): { work: Work; watch: (handle: unknown) => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  const { hold, eventType, method, endpoint } = work
  if (!hold) return { work, watch: () => {} }
  const warn = (handle: ReplayStackHandle): void => {
    const left = Math.round(remainingMs(invocation) ?? 0)
    const message = `The function is still running, ${left} ms before its time is up`
    const metadata = { ...invocationMetadata(invocation), remainingTimeMs: left }
    const event = { eventType, method, endpoint, status: 'warning', errorName: 'TimeoutWarning' } as const
    handle.captureEvent({ ...event, errorMessage: message, metadata }).catch(() => {
      // With `raiseOnError`: delivery has reported it.
    })
  }
  return {
    work: {
      ...work,
      hold() {
        clearTimeout(timer)
        return hold()
      },
    },
    watch(handle) {
      const remaining = remainingMs(invocation)
      if (remaining === undefined || !(handle instanceof ReplayStackHandle)) return
      timer = setTimeout(warn, Math.max(0, remaining - warningMs), handle)
      // A function that has nothing left to do is over.
      callMember(timer, 'unref')
    },
  }
}
