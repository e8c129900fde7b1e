/** The inbox's real ingest API for many processes at once: each has a path, and faults, of its own. */
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startInbox } from '../../src/inbox/local/server.ts'
import type { ReplayStackEvent } from '../../src/types.ts'

/** What one request is met with: a status instead of the inbox's answer, or none at all. */
export type Fault = number | 'hang'

/** What one process sends to. */
export interface Endpoint {
  url: string
  /** One a request, first come; when they are used up, the inbox answers. */
  faults: Fault[]
  /** What the inbox has taken, oldest first. */
  events(): ReplayStackEvent[]
  /** Settles when so many requests hang. */
  hanging(count: number): Promise<void>
}

export interface RunIngest {
  open(faults?: readonly Fault[]): Endpoint
  close(): Promise<void>
}

interface State {
  faults: Fault[]
  accepted: string[]
  hangs: number
  waiting: Set<() => void>
}

/** The events of one request. */
function eventsOf(body: string): ReplayStackEvent[] {
  const sent: ReplayStackEvent | { events: ReplayStackEvent[] } = JSON.parse(body)
  return 'events' in sent ? sent.events : [sent]
}

/** Listens on a free loopback port. */
export async function startRunIngest(): Promise<RunIngest> {
  const inbox = await startInbox()
  const runs = new Map<string, State>()
  const forward = (run: State, path: string, headers: object, body: string, answer: ServerResponse): void => {
    const forwarded = request(
      { host: '127.0.0.1', port: inbox.port, method: 'POST', path, headers: { ...headers } },
      from => {
        if (from.statusCode && from.statusCode < 300) run.accepted.push(body)
        from.pipe(answer.writeHead(from.statusCode ?? 500, from.headers))
      },
    )
    forwarded.on('error', () => answer.destroy())
    forwarded.end(body)
  }
  const server = createServer(async (incoming, answer) => {
    const [, name = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(incoming.url ?? '') ?? []
    let body = ''
    for await (const chunk of incoming) body += chunk
    const run = runs.get(name)
    if (!run) return answer.writeHead(404).end()
    const fault = run.faults.shift()
    if (fault === undefined) return forward(run, path, incoming.headers, body, answer)
    if (fault !== 'hang') return answer.writeHead(fault).end()
    run.hangs++
    for (const look of run.waiting) look()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    open(faults = []) {
      const name = `run-${runs.size}`
      const state: State = { faults: [...faults], accepted: [], hangs: 0, waiting: new Set() }
      runs.set(name, state)
      return {
        url: `http://127.0.0.1:${port}/${name}`,
        faults: state.faults,
        events: () => state.accepted.flatMap(eventsOf),
        hanging: count =>
          new Promise(resolve => {
            const look = (): void => {
              if (state.hangs < count) return
              state.waiting.delete(look)
              resolve()
            }
            state.waiting.add(look)
            look()
          }),
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await inbox.close()
    },
  }
}
