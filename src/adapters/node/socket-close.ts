/** Who wants to know that a socket has closed: one listener each socket, however many requests wait on it. */
import { callMember } from '../../safe-read.ts'

const waiting: WeakMap<object, Set<() => void>> = new WeakMap()

/** @returns forgets `run` */
export function whenClosed(socket: object, run: () => void): () => void {
  const runs = waiting.get(socket) ?? listen(socket)
  runs.add(run)
  return () => runs.delete(run)
}

/** By a function of its own: the connection keeps all that its listener can see, which must be no request. */
function listen(socket: object): Set<() => void> {
  const runs = new Set<() => void>()
  waiting.set(socket, runs)
  callMember(socket, 'once', 'close', () => {
    for (const one of runs) one()
  })
  return runs
}
