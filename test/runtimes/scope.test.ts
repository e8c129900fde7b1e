import { beforeAll, describe, expect, test } from 'vitest'
import { ReplayStackClient } from '../../src/client/client.ts'
import { currentScope, runWithReplayStackContext } from '../../src/client/scope.ts'
import { createMemoryHost } from './memory.ts'

/** Turns of the event loop: what ran at the same time has had its chance to mix. */
const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0))

describe('scopes that are open at the same time', () => {
  beforeAll(async () => {
    // Where `AsyncLocalStorage` has to be imported, the first scope does not have it yet.
    runWithReplayStackContext(() => {})
    await turn()
  })

  test('keep their breadcrumbs, logs and trace ids apart', async () => {
    const { transport, events } = createMemoryHost()
    const client = new ReplayStackClient({ apiKey: 'test-key', transport })
    const job = (name: string) =>
      runWithReplayStackContext(
        async () => {
          client.addBreadcrumb(`${name} began`)
          await turn()
          client.captureLog({ message: `${name} went on` })
          await turn()
          client.addBreadcrumb(`${name} ended`)
          await client.captureEvent({ endpoint: name })
        },
        { traceId: `trace-${name}` },
      )

    const names = ['first', 'second', 'third']
    await Promise.all(names.map(job))

    const seen = (await events()).map(({ endpoint, traceId, breadcrumbs, logs }) => ({
      endpoint,
      traceId,
      breadcrumbs: breadcrumbs?.map(({ message }) => message),
      logs: logs?.map(({ message }) => message),
    }))
    expect(seen).toEqual(
      names.map(name => ({
        endpoint: name,
        traceId: `trace-${name}`,
        breadcrumbs: [`${name} began`, `${name} ended`],
        logs: [`${name} went on`],
      })),
    )
  })

  test('take their trace id and waitUntil from the scope around them', async () => {
    const { transport, ctx, events } = createMemoryHost()
    const client = new ReplayStackClient({ apiKey: 'test-key', transport })

    await runWithReplayStackContext(
      () =>
        runWithReplayStackContext(async () => {
          await turn()
          // Not awaited: the host was asked to wait.
          client.captureEvent({ endpoint: 'inner' })
        }),
      { traceId: 'outer', waitUntil: ctx },
    )

    expect(await events()).toMatchObject([{ endpoint: 'inner', traceId: 'outer' }])
  })

  test('are closed to what runs after them', async () => {
    await runWithReplayStackContext(turn, { traceId: 'inside' })
    expect(currentScope()).toBeUndefined()
  })

  test('pass through what runs in them returns and throws', async () => {
    const value = {}
    const thrown = new Error('inside')
    expect(runWithReplayStackContext(() => value)).toBe(value)
    expect(() =>
      runWithReplayStackContext(() => {
        throw thrown
      }),
    ).toThrow(thrown)
  })
})
