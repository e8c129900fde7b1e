import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** Hands each connection on to a port. Two wait to be accepted at most. */
const DOOR = `
const { connect, createServer } = require('node:net')
const server = createServer(near => {
  const far = connect(Number(process.argv[1]), '127.0.0.1')
  near.on('error', () => far.destroy()).pipe(far).on('error', () => near.destroy()).pipe(near)
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))`

/** A port before another one, on which somebody listens but accepts no connection. */
export interface DeafDoor {
  url: string
  /** Accepts them all. */
  open(): void
}

/** Stands there until the test is over. */
export async function closeDoor(port: number): Promise<DeafDoor> {
  const child = spawn(process.execPath, ['-e', DOOR, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const waiting: Socket[] = []
  onTestFinished(async () => {
    for (const socket of waiting) socket.destroy()
    child.kill('SIGKILL')
    await once(child, 'close')
  })
  const [line] = await once(createInterface(child.stdout), 'line')
  child.kill('SIGSTOP')
  // Those that the system takes by itself; for any more there is no room.
  while (waiting.length < 2) {
    const socket = connect(Number(line), '127.0.0.1').on('error', () => {})
    waiting.push(socket)
    await once(socket, 'connect')
  }
  return {
    url: `http://127.0.0.1:${line}`,
    open() {
      for (const socket of waiting) socket.destroy()
      child.kill('SIGCONT')
    },
  }
}
