/** Errors and natural ends. Long, because it is the table of how a process can end. */
import { describe, expect, it } from 'vitest'
import { installReplayStackProcessGuards, type ProcessGuardOptions } from '../../src/adapters/node/guards.ts'
import type { ReplayStackClient } from '../../src/client/client.ts'
import { createRecordedClient } from '../support/recorded-client.ts'
import { caught, describeEndings, type Ending, lost, queued, withFrames } from './endings.ts'

const boom = caught('uncaughtException', 'boom', withFrames)
const rejected = caught('unhandledRejection', 'boom', withFrames)
const serviceNames = ['first', 'second', 'third']

/** Node's own words for a rejection with something that is no error, and Deno's. */
const wrapped = caught('unhandledRejection', expect.stringContaining('rejected with the reason "text"') as string)

const rejections = (mode: string, fate: number, events: readonly object[] = []): Ending => ({
  scenario: 'rejection at the end',
  title: `(--unhandled-rejections=${mode})`,
  flags: [`--unhandled-rejections=${mode}`],
  hosts: ['Node'],
  fate,
  events,
})

const errors: Ending[] = [
  { scenario: 'error', fate: 1, events: [boom] },
  {
    scenario: 'error made elsewhere',
    fate: 1,
    events: [caught('uncaughtException', 'boom', { errorName: 'RangeError' })],
  },
  { scenario: 'error in a server', fate: 1, events: [boom] },
  { scenario: 'error with an exit code', fate: 1, events: [boom] },
  { scenario: 'string', fate: 1, events: [caught('uncaughtException', 'text')] },
  { scenario: 'null', fate: 1, events: [caught('uncaughtException', 'null')] },
  { scenario: 'undefined', fate: 1, events: [caught('uncaughtException', 'undefined')] },
  {
    scenario: 'error',
    title: '(an ingest that hangs)',
    faults: ['hang'],
    options: { flushTimeoutMs: 200 },
    fate: 1,
    losses: [lost(1)],
  },
  {
    scenario: 'error',
    title: '(not to be flushed)',
    options: { flushTimeoutMs: 0 },
    faults: ['hang'],
    fate: 1,
    losses: [lost(1)],
  },
  { scenario: 'error', title: '(not to be recorded)', options: { uncaughtException: false }, fate: 1 },
  {
    scenario: 'error, and a flush that never ends',
    faults: ['hang'],
    options: { flushTimeoutMs: 200 },
    fate: 1,
    losses: [lost(1)],
  },
  { scenario: 'error – taken off', fate: 1 },
  { scenario: 'error, guarded twice', fate: 1, events: [boom] },
  {
    scenario: 'error in several clients',
    fate: 1,
    events: serviceNames.map(serviceName => caught('uncaughtException', 'boom', { serviceName })),
  },
]

const rejectedOnes: Ending[] = [
  { scenario: 'rejection', fate: 1, events: [rejected] },
  { scenario: 'rejection', title: '(not to be recorded)', options: { unhandledRejection: false }, fate: 1 },
  {
    scenario: 'rejected string',
    fate: 1,
    events: [wrapped],
    except: {
      Deno: { why: 'it tells of the error that stands for the string, and of that once more', trace: 'differs' },
      Bun: { why: 'it hands out the string itself', events: [caught('unhandledRejection', 'text')] },
    },
  },
  { scenario: 'rejection at the end', fate: 1, events: [rejected], hosts: ['Node', 'Deno'] },
  rejections('throw', 1, [rejected]),
  // Node warns of the rejection too, because it did not end the process at once.
  { ...rejections('strict', 1, [rejected]), trace: 'differs' },
  // What does not end the process is not recorded.
  rejections('warn', 0),
  rejections('none', 0),
  rejections('warn-with-error-code', 1),
]

const ownListeners: Ending[] = [
  { scenario: 'own listener', fate: 0, events: [boom] },
  { scenario: 'own listener, once', fate: 1, events: [boom, caught('uncaughtException', 'bang')] },
  { scenario: 'own listener that exits', fate: 42, events: [boom] },
  { scenario: 'own listener that looks for others', fate: 9, events: [boom] },
  { scenario: 'own capture callback', fate: 0, events: [boom] },
  { scenario: 'own listener for rejections', fate: 1, events: [rejected, caught('unhandledRejection', 'bang')] },
  {
    scenario: 'own listener for rejections that throws',
    fate: 1,
    events: [rejected],
    except: { Deno: { why: 'what such a listener throws ends it at once', events: [] } },
  },
]

const naturalEnds: Ending[] = [
  { scenario: 'natural end', faults: [500], fate: 0, events: [queued] },
  { scenario: 'natural end with an exit code', faults: [500], fate: 7, events: [queued] },
  {
    scenario: 'natural end',
    title: '(an ingest that hangs)',
    faults: [500, 'hang'],
    options: { flushTimeoutMs: 200 },
    fate: 0,
    losses: ['dropped: closed'],
  },
  {
    scenario: 'natural end',
    title: '(not to be flushed)',
    options: { flushOnShutdown: false },
    faults: [500],
    fate: 0,
    losses: ['dropped: closed'],
  },
  { scenario: 'process.exit', faults: [500], fate: 3, losses: ['dropped: closed'] },
  { scenario: 'process.exit with an event on its way', faults: ['hang'], fate: 3, losses: [lost(1)] },
  { scenario: 'worker thread', fate: 0, events: [boom] },
  {
    scenario: 'an await that never settles',
    fate: 13,
    except: {
      Deno: {
        why: 'with a listener for signals, it waits forever',
        fate: 1,
        options: { flushOnShutdown: false },
      },
    },
    // Bun waits forever by itself.
    hosts: ['Node', 'Deno'],
  },
]

describe('a guarded process ends as it would have', () => {
  describeEndings([...errors, ...rejectedOnes, ...ownListeners, ...naturalEnds])
})

/** Who listens to what on this process. */
const listening = () => process.eventNames().map(name => [name, process.listenerCount(name)])

describe('guards', () => {
  it('take every hook off, and those of no one else', () => {
    const before = listening()
    const { client } = createRecordedClient()
    const removals = [installReplayStackProcessGuards(client), installReplayStackProcessGuards(client)]
    expect(listening()).not.toEqual(before)
    for (const remove of removals) remove()
    for (const remove of removals) remove()
    expect(listening()).toEqual(before)
  })

  it('hook nothing for a client that captures nothing', () => {
    const before = listening()
    installReplayStackProcessGuards(createRecordedClient({ enabled: false }).client)()
    const remove = installReplayStackProcessGuards(createRecordedClient({ enabled: false }).client)
    expect(listening()).toEqual(before)
    remove()
  })

  it('hook what they are asked to', () => {
    const { client } = createRecordedClient()
    const counts = (options: ProcessGuardOptions) => {
      const names = ['uncaughtException', 'SIGINT', 'SIGTERM', 'SIGHUP', 'beforeExit']
      const before = names.map(name => process.listenerCount(name))
      const remove = installReplayStackProcessGuards(client, options)
      const added = names.map((name, index) => process.listenerCount(name) - (before[index] ?? 0))
      remove()
      return added
    }
    expect(counts({})).toEqual([1, 1, 1, 0, 1])
    expect(counts({ uncaughtException: false, unhandledRejection: false })).toEqual([0, 1, 1, 0, 1])
    expect(counts({ flushOnShutdown: false })).toEqual([1, 0, 0, 0, 0])
    expect(counts({ shutdownSignals: ['SIGHUP', 'SIGHUP'] })).toEqual([1, 0, 0, 1, 1])
    expect(counts({ flushOnShutdown: undefined, shutdownSignals: [] })).toEqual([1, 0, 0, 0, 1])
  })

  it.each([
    [{ uncaughtException: 1 }, 'ReplayStack option "uncaughtException" must be true or false; got 1.'],
    [{ unhandledRejection: 'no' }, 'ReplayStack option "unhandledRejection" must be true or false; got "no".'],
    [{ flushOnShutdown: null }, 'ReplayStack option "flushOnShutdown" must be true or false; got null.'],
    [
      { shutdownSignals: 'SIGTERM' },
      'option "shutdownSignals" must be a list of signals that can be caught; got "SIGTERM".',
    ],
    [
      { shutdownSignals: ['SIGKILL'] },
      'option "shutdownSignals" must be a list of signals that can be caught; got ["SIGKILL"].',
    ],
    [{ shutdownSignals: ['term'] }, 'got ["term"].'],
    [{ flushTimeoutMs: -1 }, 'option "flushTimeoutMs" must be a whole number, from 0 to 2147483647; got -1.'],
    [{ flushTimeoutMs: Number.NaN }, 'got NaN.'],
    [{ flushTimeoutMs: Number.POSITIVE_INFINITY }, 'got Infinity.'],
    [{ flushTimeoutMs: 10n }, 'got 10.'],
    [{ flushTimeoutMs: () => 5 }, 'got function.'],
    [{ signals: ['SIGTERM'] }, 'ReplayStack process guards have no option "signals".'],
    [null, 'ReplayStack process guards take an object of options; got null.'],
  ])('throw for %o', (options, message) => {
    const before = listening()
    const { client } = createRecordedClient()
    const install = () => installReplayStackProcessGuards(client, options as ProcessGuardOptions)
    expect(install).toThrow(TypeError)
    expect(install).toThrow(message)
    expect(listening()).toEqual(before)
  })

  it('throw for what is no client', () => {
    expect(() => installReplayStackProcessGuards({} as ReplayStackClient)).toThrow(TypeError)
  })
})
