/** Signals, and what else ends a process while it flushes. */
import { describe, expect, it } from 'vitest'
import { describeEndings, type Ending, lost, type Plan, queued, runPlan } from './endings.ts'
import { titledHosts, usePrograms } from './run-process.ts'

const term = [{ when: 1, signal: 'SIGTERM' }] as const
/** The event waits, and whoever sends it next gets no answer. */
const hangs = { faults: [500, 'hang'] } as const

const signals: Ending[] = [
  { scenario: 'signal', kills: term, faults: [500], fate: 'SIGTERM', events: [queued] },
  {
    scenario: 'signal',
    title: '(SIGINT)',
    kills: [{ when: 1, signal: 'SIGINT' }],
    faults: [500],
    fate: 'SIGINT',
    events: [queued],
  },
  {
    scenario: 'signal',
    title: '(SIGHUP, asked for)',
    kills: [{ when: 1, signal: 'SIGHUP' }],
    options: { shutdownSignals: ['SIGHUP'] },
    faults: [500],
    fate: 'SIGHUP',
    events: [queued],
  },
  {
    scenario: 'signal',
    title: '(SIGHUP, not asked for)',
    kills: [{ when: 1, signal: 'SIGHUP' }],
    faults: [500],
    fate: 'SIGHUP',
  },
  {
    scenario: 'signal',
    title: '(not to be flushed)',
    kills: term,
    options: { flushOnShutdown: false },
    faults: [500],
    fate: 'SIGTERM',
  },
  {
    scenario: 'signal',
    title: '(an ingest that hangs)',
    kills: term,
    ...hangs,
    options: { flushTimeoutMs: 200 },
    fate: 'SIGTERM',
    losses: [lost(1)],
  },
  // The second one does not wait: the first flush would take longer than this test may.
  {
    scenario: 'signal',
    title: '(twice)',
    kills: [...term, { when: 'hanging', signal: 'SIGTERM' }],
    ...hangs,
    options: { flushTimeoutMs: 60_000 },
    fate: 'SIGTERM',
    losses: [lost(1)],
  },
  {
    scenario: 'signal',
    title: '(and another one)',
    kills: [
      { when: 1, signal: 'SIGINT' },
      { when: 'hanging', signal: 'SIGTERM' },
    ],
    ...hangs,
    options: { flushTimeoutMs: 60_000 },
    // Without guards, the first one has ended it.
    fate: 'SIGINT',
    guardedFate: 'SIGTERM',
    losses: [lost(1)],
  },
  { scenario: 'signal in several clients', kills: term, faults: [500], fate: 'SIGTERM', events: [queued] },
  {
    scenario: 'signal in several clients',
    title: '(twice)',
    kills: [...term, { when: 'hanging', signal: 'SIGTERM' }],
    ...hangs,
    options: { flushTimeoutMs: 60_000 },
    fate: 'SIGTERM',
    losses: [lost(1)],
  },
  { scenario: 'signal – taken off', kills: term, faults: [500], fate: 'SIGTERM' },
  {
    scenario: 'signal',
    title: '(without the permission to send one)',
    hosts: ['Deno'],
    flags: ['--deny-run'],
    kills: term,
    faults: [500],
    fate: 'SIGTERM',
    // What a shell calls it.
    guardedFate: 143,
    says: ['exit: 143'],
    events: [queued],
  },
  // Process 1 of a container lives on after any signal, as any process does after this one.
  {
    scenario: 'signal that the system ignores',
    kills: [
      { when: 1, signal: 'SIGURG' },
      { when: 2, signal: 'SIGTERM' },
    ],
    options: { shutdownSignals: ['SIGURG', 'SIGTERM'] },
    faults: [500, 500, 500],
    fate: 'SIGTERM',
    events: [queued, expect.objectContaining({ endpoint: 'queued again' })],
    losses: [lost(1)],
  },
]

const ownListeners: Ending[] = [
  { scenario: 'own listener for a signal', kills: term, faults: [500], fate: 5, events: [queued] },
  // It ends while we send.
  { scenario: 'own listener for a signal that looks for others', kills: term, ...hangs, fate: 9, losses: [lost(1)] },
  { scenario: 'signal-exit', kills: term, faults: [500], fate: 'SIGTERM', events: [queued] },
]

describe('a guarded process ends by the signal it got', () => {
  describeEndings([...signals, ...ownListeners])
})

describe('the end that has begun is the one that comes', () => {
  const programs = usePrograms()

  it.each(titledHosts)('whatever comes in between ($title)', async host => {
    const { folder, ingest } = programs
    const run = (plan: Plan) => runPlan(host, { options: { flushTimeoutMs: 60_000 }, ...plan }, true, folder, ingest)
    const error = await run({ scenario: 'error, then process.exit', faults: ['hang'] })
    expect(error).toMatchObject({ code: 1, signal: null })
    expect(error.stderr).toContain('boom')
    const another = await run({ scenario: 'error, then another', faults: ['hang'], options: { flushTimeoutMs: 200 } })
    expect(another).toMatchObject({ code: 1, signal: null, events: [] })
    expect(another.stderr).toContain('boom')
    expect(another.stderr).not.toContain('late')
    const signal = await run({
      scenario: 'signal, then process.exit',
      ...hangs,
      kills: [...term, { when: 'hanging', signal: 'SIGUSR2' }],
    })
    // Deno is too late for a signal: it exits as a shell would tell of one.
    expect(signal).toMatchObject(host.name === 'Deno' ? { code: 143, signal: null } : { code: null, signal: 'SIGTERM' })
  })
})
