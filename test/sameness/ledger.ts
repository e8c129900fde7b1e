/** What applications saw, by run, and the steps that their clients have taken. Without any runtime of its own. */
import type { Ask, Server } from './way.ts'

export interface Ledger {
  /** What an application has at hand in a run. */
  serverOf(url: string, run: string): Server
  /** What the test asks for, by its name, or does. */
  control(what: string, run: string): unknown
}

/**
 * @param transport where what is recorded goes
 * @param applications the ways of each, for a test that asks for them
 */
export function createLedger(transport: { events: readonly object[] }, applications?: () => unknown): Ledger {
  const seen = new Map<string, string[]>()
  const steps = new Map<string, number>()
  const control: Readonly<Record<string, (run: string) => unknown>> = {
    applications: () => applications?.(),
    open: run => {
      steps.set(run, (steps.get(run) ?? 0) + 1)
      return []
    },
    saw: run => seen.get(run) ?? [],
    events: () => transport.events.length,
  }
  return {
    serverOf(url, run) {
      const { searchParams } = new URL(url, 'http://shop.example')
      let taken = 0
      return {
        saw: what => void seen.set(run, [...(seen.get(run) ?? []), String(what)]),
        async opened() {
          taken++
          while ((steps.get(run) ?? 0) < taken) await new Promise(resolve => setTimeout(resolve, 2))
        },
        upstream: path => `http://127.0.0.1:${searchParams.get('upstream')}${path}?run=${run}`,
      }
    },
    control: (what, run) => control[what]?.(run) ?? null,
  }
}

/** Each way as a client asks for it. */
export const asksOf = (ways: Readonly<Record<string, Ask & { answer: unknown }>>): Record<string, Ask> =>
  Object.fromEntries(Object.entries(ways).map(([name, { answer: _, ...ask }]) => [name, ask]))
