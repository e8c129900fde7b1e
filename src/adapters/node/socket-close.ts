/** Who wants to know that a socket has closed: one listener each socket, however many requests wait on it. */
import { callMember } from '../../wrap.ts'

const waiting: WeakMap<object, Set<() => void>> = new WeakMap()

/** @returns forgets `run` */
export function whenClosed(socket: object, run: () => void): () => void {
  const known = waiting.get(socket)
  const runs = known ?? new Set()
  runs.add(run)
  if (!known) {
    waiting.set(socket, runs)
    callMember(socket, 'once', 'close', () => {
      for (const one of runs) one()
    })
  }
  return () => runs.delete(run)
}
