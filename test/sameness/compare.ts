/** Every way of a host, bare and recorded, by a client that sees each byte. */
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { converse, type Received } from './raw-client.ts'
import { startUpstream, type Upstream } from './upstream.ts'
import { type Ask, RUN_HEADER } from './way.ts'

/** A host that is up, with applications bare and recorded. */
export interface Host {
  /** Where all are served, told apart by the first part of the path after `base`. */
  port: number
  base?: string
  /** The ways that each application has. The run's name says whether it is the bare or the recorded one that answers. */
  applications: Readonly<Record<string, Readonly<Record<string, Ask>>>>
}

/** What of a host is known to differ; of all of it `docs/sameness.md` tells. */
export interface Known {
  /** Ways in which something differs, in each application. They have to. */
  differs?: readonly string[]
  /** Whether a header more has the host send the others in another spelling and order: whoever added it. */
  respells?: boolean
}

/** What was received, and what the application and the server behind it have seen. */
interface Seen extends Received {
  saw: string[]
  upstream: 'left' | 'stayed'
}

/** How many ways are under way at once. */
const AT_ONCE = 16

let runs = 0

async function control({ port, base = '' }: Host, what: string, run = ''): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${base}/control/${what}?run=${run}`)
  return response.json()
}

/** Runs one way: `how` is `bare` or `ours`. */
async function run(host: Host, how: string, path: string, ask: Ask, upstream: Upstream): Promise<Seen> {
  const id = `${how}-${String(++runs).padStart(5, '0')}`
  const saw = async (): Promise<string[]> => Array.from(Object(await control(host, 'saw', id)), String)
  const received = await converse({
    ...ask,
    port: host.port,
    path: `${host.base ?? ''}${path}?upstream=${upstream.port}`,
    headers: [`${RUN_HEADER}: ${id}`, ...(ask.headers ?? [])],
    async open() {
      upstream.cut(id)
      await control(host, 'open', id)
    },
    hasSeen: async what =>
      what === 'upstream left' ? upstream.left.has(id) : (await saw()).some(line => line.startsWith(what)),
  })
  return { ...received, saw: await saw(), upstream: upstream.left.has(id) ? 'left' : 'stayed' }
}

/** The names of headers in lower case and sorted; the order of those that repeat stays. */
function respelled(seen: Seen): Seen {
  const [status = '', ...headers] = seen.head
  const lines = headers.map(line => line.replace(/^[^:]+/, name => name.toLowerCase()))
  const nameOf = (line: string): string => line.split(':')[0] ?? ''
  return { ...seen, head: [status, ...lines.sort((a, b) => nameOf(a).localeCompare(nameOf(b)))] }
}

/** Runs all ways of all applications, bare and recorded, and compares. Resolves to how many there were. */
export async function compare(host: Host, { differs = [], respells = false }: Known = {}) {
  const upstream = await startUpstream()
  const waiting = Object.entries(host.applications).flatMap(([application, ways]) =>
    Object.entries(ways).map(([name, ask]) => ({ application, name, ask })),
  )
  const count = waiting.length
  const differences: object[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { application, name, ask } = next
      const [one, other] = await Promise.all(
        ['bare', 'ours'].map(how => run(host, how, `/${application}/${name}`, ask, upstream)),
      )
      if (!one || !other) continue
      const way = `${application}: ${name}`
      const [bare, recorded] = respells ? [respelled(one), respelled(other)] : [one, other]
      if (differs.includes(name)) expect(recorded, `${way} is known to differ`).not.toEqual(bare)
      else if (!isDeepStrictEqual(bare, recorded)) differences.push({ way, bare, recorded })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  expect(differences).toEqual([])
  // That they are the same shows something only where all were recorded.
  // The last events are still on their way.
  await eventually(async () => expect(Number(await control(host, 'events'))).toBeGreaterThan(count * 0.9))
  return count
}
