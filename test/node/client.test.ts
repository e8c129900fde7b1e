import { describe, expect, it, vi } from 'vitest'
import { createReplayStackClient } from '../../src/adapters/node/client.ts'
import { installReplayStackProcessGuards } from '../../src/adapters/node/guards.ts'
import { runReplayStackJob } from '../../src/adapters/node/job.ts'
import { pipelineOf, ReplayStackClient } from '../../src/client/client.ts'
import type { ClientOptions } from '../../src/types.ts'
import { eventually } from '../support/eventually.ts'
import { ScriptedTransport } from '../support/scripted-transport.ts'

/** A client whose events all fail, and how often it has flushed. */
function createFailing(options: ClientOptions = {}) {
  const transport = new ScriptedTransport(...Array.from({ length: 1000 }, () => ({ status: 503 })))
  const client = createReplayStackClient({ apiKey: 'rs_live_test', transport, retries: 0, ...options }, {})
  const flush = vi.spyOn(pipelineOf(client).delivery, 'flush')
  return { client, transport, flush }
}

describe('a client of a process that lives long', () => {
  it('is a client as any', async () => {
    const transport = new ScriptedTransport()
    const client = createReplayStackClient({ apiKey: 'rs_live_test', transport, flushIntervalMs: 5 }, {})
    expect(client).toBeInstanceOf(ReplayStackClient)
    expect(await client.captureEvent({ endpoint: 'a' })).toEqual({ success: true })
    expect(await Promise.all([client.close(), client.close()])).toEqual([true, true])
    expect(await client.captureEvent({ endpoint: 'b' })).toBeNull()
    expect(client.stats()).toEqual({ captured: 1, sent: 1, pending: 0, dropped: {} })
  })

  it('takes its interval from the environment', async () => {
    const environment = { REPLAYSTACK_API_KEY: 'rs_live_test', REPLAYSTACK_FLUSH_INTERVAL_MS: '5' }
    const client = createReplayStackClient(
      { transport: new ScriptedTransport({ status: 503 }), retries: 0 },
      environment,
    )
    expect(await client.captureEvent({ endpoint: 'a' })).toBeNull()
    await eventually(() => expect(client.stats().sent).toBe(1))
    await client.close()
  })

  it('records nothing without a key, and says so once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const transport = new ScriptedTransport()
    const client = createReplayStackClient({ transport, flushIntervalMs: 5 }, {})
    expect(client).toBeInstanceOf(ReplayStackClient)
    expect(warn.mock.calls).toEqual([['ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY. Nothing is recorded.']])
    expect(await client.captureException(new Error('lost'))).toBeNull()
    expect(await runReplayStackJob(client, { name: 'tidy' }, async () => 7)).toBe(7)
    installReplayStackProcessGuards(client)()
    expect(await client.close()).toBe(true)
    expect(client.stats()).toEqual({ captured: 0, sent: 0, pending: 0, dropped: {} })
    expect(transport.calls).toEqual([])
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it('gives the warning of a missing key to onError, and holds what that throws', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const onError = vi.fn(() => {
      throw new Error('hook')
    })
    createReplayStackClient({ onError }, { REPLAYSTACK_API_KEY: ' ' })
    expect(onError.mock.calls).toMatchObject([[{ code: 'configuration' }]])
    expect(warn).not.toHaveBeenCalled()
  })

  it('throws for an option that is wrong, with a key or without', () => {
    expect(() => createReplayStackClient({ flushIntervalMs: -1 }, {})).toThrow(TypeError)
    expect(() => createReplayStackClient({ apiKey: 'rs_live_test', flushIntervalMs: -1 }, {})).toThrow(TypeError)
  })

  it('stops at the beginning of its close, not at its end', async () => {
    const closing = createFailing({ flushIntervalMs: 5 })
    const open = createFailing({ flushIntervalMs: 5 })
    for (const { client } of [closing, open]) await client.captureEvent({ endpoint: 'a' })
    // An event that is still being made holds the close up.
    const work = pipelineOf(closing.client).delivery.beginWork(60_000)
    closing.transport.script.unshift('hangs')
    await eventually(() => expect(closing.flush).toHaveBeenCalled())
    await eventually(() => expect(open.flush).toHaveBeenCalled())
    const closed = closing.client.close(60_000)
    const before = closing.flush.mock.calls.length
    const seen = open.flush.mock.calls.length
    await eventually(() => expect(open.flush.mock.calls.length).toBeGreaterThan(seen + 3))
    expect(closing.flush).toHaveBeenCalledTimes(before)
    pipelineOf(closing.client).delivery.endWork(work)
    await Promise.all([closed, open.client.close(1)])
  })

  it.each([{ flushIntervalMs: 0 }, { flushIntervalMs: 5, enabled: false }])('runs nothing for %j', async options => {
    const still = createFailing(options)
    const open = createFailing({ flushIntervalMs: 5 })
    for (const { client } of [still, open]) await client.captureEvent({ endpoint: 'a' })
    await eventually(() => expect(open.flush.mock.calls.length).toBeGreaterThan(3))
    expect(still.flush).not.toHaveBeenCalled()
    await open.client.close(1)
  })
})
