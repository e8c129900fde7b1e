/** Processes that end, guarded and not: each pair must end in the same way. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { ProcessGuardOptions } from '../../src/adapters/node/guards.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import type { Host } from '../support/legs/hosts.ts'
import type { Fault, RunIngest } from './run-ingest.ts'
import { type Run, runProcess, runSome, titledHosts, usePrograms } from './run-process.ts'

type HostName = 'Node' | 'Deno' | 'Bun'

/** How one process ends. */
export interface Ending {
  /** Of `fixtures/guarded.mjs`. */
  scenario: string
  /** What tells it from others of the same scenario. */
  title?: string
  /** What it is expected to end by: an exit code or a signal. */
  fate: number | string
  /** Where it cannot be the same, or two signals compete. */
  guardedFate?: number | string
  /** What the guarded one prints besides. */
  says?: readonly string[]
  /** What arrives from the guarded one. From the other nothing ever does. */
  events?: readonly object[]
  /** What the guarded one says of events that do not. */
  losses?: readonly string[]
  flags?: readonly string[]
  /** What each request is met with at first. */
  faults?: readonly Fault[]
  options?: ProcessGuardOptions
  /** Signals from outside: when it has said `ready` so many times, or a request hangs. */
  kills?: readonly { when: number | 'hanging'; signal: NodeJS.Signals }[]
  /** @default all */
  hosts?: readonly HostName[]
  /** What stands on stderr besides, or otherwise; by default it is the same from the error's own line on. */
  trace?: 'differs'
  /** Where a host cannot do it, and why. */
  except?: Partial<Record<HostName, Partial<Ending> & { why: string }>>
}

/** The event of an error that nobody caught. */
export function caught(origin: string, errorMessage: string, more: object = {}): object {
  const traceId = expect.stringMatching(/^[\da-f-]{36}$/)
  const endpoint = `/runtime/${origin}`
  const failed = {
    eventType: 'custom',
    status: 'failed',
    statusCode: 500,
    metadata: expect.objectContaining({ origin }),
  }
  return expect.objectContaining({ traceId, endpoint, errorMessage, ...failed, ...more })
}

/** What an error has, and a thrown string has not. */
export const withFrames = {
  stackFrames: expect.arrayContaining([expect.objectContaining({ fileName: expect.stringContaining('guarded.mjs') })]),
}

export const queued: object = expect.objectContaining({ endpoint: 'queued' })

export function lost(count: number): string {
  const events = count === 1 ? '1 event' : `${count} events`
  return `lost: ReplayStack could not tell whether ${events} arrived before the process ended.`
}

/**
 * What stderr tells of an error. Without the lines above it, which show where it was thrown: a host that is handed an
 * error again has them from where it was made, or from its own code.
 */
function traceOf({ name }: Host, stderr: string): string {
  const text = stderr.replaceAll(/\(node:\d+\)/g, '(node:…)')
  if (name === 'Node') return text.replace(/^\n*\S+:\d+\n.*\n *\^+\n/m, '')
  // Bun shows the line of the throw, and calls an object's own frames by other names once they were read.
  if (name === 'Bun') return text.match(/^(error: |Bun v).*$/gm)?.join('\n') ?? ''
  return text
}

function asExit(fate: number | string): Pick<Run, 'code' | 'signal'> {
  return typeof fate === 'number' ? { code: fate, signal: null } : { code: null, signal: fate }
}

const isLoss = (line: string): boolean => /^(lost|dropped):/.test(line)

/** How a process ended, and what has arrived from it. */
type Ended = Run & { events: ReplayStackEvent[] }

/** What a process is told, and what is done to it. */
export type Plan = Pick<Ending, 'scenario' | 'options' | 'flags' | 'faults' | 'kills'>

export async function runPlan(
  host: Host,
  { scenario, options, flags, faults, kills = [] }: Plan,
  guarded: boolean,
  folder: string,
  ingest: RunIngest,
): Promise<Ended> {
  const endpoint = ingest.open(faults)
  const ended = await runProcess(host, `${folder}/guarded.mjs`, {
    flags,
    environment: {
      REPLAYSTACK_API_KEY: 'local',
      REPLAYSTACK_ENDPOINT: endpoint.url,
      REPLAYSTACK_RETRIES: '0',
      // Longer than a test may take: what ends before was not waited for.
      REPLAYSTACK_TIMEOUT_MS: '60000',
      SCENARIO: JSON.stringify({ scenario, options, guarded }),
    },
    async during(child, said) {
      for (const { when, signal } of kills) {
        if (when !== 'hanging') await said('ready', when)
        // By then, the other one has ended.
        else if (!guarded) return
        else await endpoint.hanging(1)
        child.kill(signal)
      }
    },
  })
  return { ...ended, events: endpoint.events() }
}

/** Runs every ending on every host, a few at a time. */
export function describeEndings(endings: readonly Ending[]): void {
  const programs = usePrograms()

  describe.each(titledHosts)('$title', host => {
    const name = host.name as HostName
    const own = endings
      .filter(ending => ending.hosts?.includes(name) ?? true)
      .map((ending): Ending => ({ ...ending, ...ending.except?.[name] }))
    let pairs: { native: Ended; guarded: Ended }[]

    beforeAll(async () => {
      pairs = await runSome(own, 2, async ending => {
        const runs = [false, true].map(guarded => runPlan(host, ending, guarded, programs.folder, programs.ingest))
        const [native, guarded] = await Promise.all(runs)
        if (!native || !guarded) throw new Error('Two processes ran.')
        return { native, guarded }
      })
    }, 120_000)

    it.each(own.map((ending, index) => ({ ...ending, title: ending.title ?? '', index })))('$scenario $title', one => {
      const pair = pairs[one.index]
      if (!pair) throw new Error('It did not run.')
      const { native, guarded } = pair
      expect(native).toMatchObject({ ...asExit(one.fate), events: [] })
      expect(guarded).toMatchObject(asExit(one.guardedFate ?? one.fate))
      expect(guarded.stdout.filter(line => !isLoss(line))).toEqual([...native.stdout, ...(one.says ?? [])])
      expect(guarded.stdout.filter(isLoss)).toEqual(one.losses ?? [])
      if (one.trace !== 'differs') expect(traceOf(host, guarded.stderr)).toBe(traceOf(host, native.stderr))
      expect(guarded.events).toEqual(expect.arrayContaining([...(one.events ?? [])]))
      expect(guarded.events).toHaveLength(one.events?.length ?? 0)
    })
  })
}
