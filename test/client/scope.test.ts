import { afterEach, describe, expect, it, vi } from 'vitest'
import { pipelineOf, ReplayStackHandle } from '../../src/client/client.ts'
import { currentScope, NewScope, runInScope, runWithReplayStackContext } from '../../src/client/scope.ts'
import { eventually } from '../support/eventually.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

const later = (ms = 1) => new Promise(resolve => setTimeout(resolve, ms))

describe('runWithReplayStackContext', () => {
  it('returns what it runs, also a promise and what it throws', async () => {
    const thrown = new Error('x')
    expect(runWithReplayStackContext(() => 5)).toBe(5)
    expect(await runWithReplayStackContext(async () => 6)).toBe(6)
    expect(() =>
      runWithReplayStackContext(() => {
        throw thrown
      }),
    ).toThrow(thrown)
  })

  it('keeps concurrent scopes apart', async () => {
    const recorded = createRecordedClient()
    const work = (name: string) =>
      runWithReplayStackContext(async () => {
        recorded.client.addBreadcrumb(`${name} one`)
        await later()
        recorded.client.addBreadcrumb(`${name} two`)
        recorded.client.captureLog({ message: name })
        await later()
        await recorded.client.captureEvent({ endpoint: name })
      })
    await Promise.all(['a', 'b', 'c'].map(work))
    for (const event of recorded.events) {
      const name = event.endpoint
      expect(event.breadcrumbs?.map(one => one.message)).toEqual([`${name} one`, `${name} two`])
      expect(event.logs?.map(one => one.message)).toEqual([name])
    }
    expect(recorded.client.getBreadcrumbs()).toEqual([])
  })

  it('gives its trace id to what is captured inside', async () => {
    const recorded = createRecordedClient()
    await runWithReplayStackContext(() => recorded.client.captureEvent({}), { traceId: 'trace-1' })
    expect(recorded.events[0]?.traceId).toBe('trace-1')
    expect(recorded.client.traceId).toBeUndefined()
  })

  it('tells the host to wait for what nobody awaits, as a method of its own object', async () => {
    const { client, transport } = createRecordedClient({ retries: 0 })
    const waiting: Promise<unknown>[] = []
    const ctx = {
      waitUntil(promise: Promise<unknown>) {
        if (this !== ctx) throw new TypeError('Illegal invocation')
        waiting.push(promise)
      },
    }
    runWithReplayStackContext(() => void client.captureEvent({}), { waitUntil: ctx })
    expect(waiting).toHaveLength(1)
    await Promise.all(waiting)
    expect(transport.calls).toHaveLength(1)
  })

  it('hands the host a promise that never rejects', async () => {
    const { client } = createRecordedClient(
      { retries: 0, raiseOnError: true },
      { status: 400 },
      { throws: new Error('x') },
    )
    const waiting: Promise<unknown>[] = []
    const waitUntil = { waitUntil: (promise: Promise<unknown>) => void waiting.push(promise) }
    const captures = [1, 2].map(() => runWithReplayStackContext(() => client.captureEvent({}), { waitUntil }))
    expect((await Promise.allSettled(captures)).map(one => one.status)).toEqual(['rejected', 'rejected'])
    expect((await Promise.allSettled(waiting)).map(one => one.status)).toEqual(['fulfilled', 'fulfilled'])
  })

  it('survives a host whose waitUntil throws', async () => {
    const { client } = createRecordedClient()
    const waitUntil = {
      waitUntil() {
        throw new Error('too late')
      },
    }
    const captured = runWithReplayStackContext(() => client.captureEvent({}), { waitUntil })
    expect(await captured).toEqual({ success: true })
  })

  it('nests: its own breadcrumbs, the surrounding trace id and host', () => {
    const { client } = createRecordedClient()
    const waitUntil = { waitUntil: vi.fn() }
    runWithReplayStackContext(
      () => {
        client.addBreadcrumb('outer')
        runWithReplayStackContext(() => {
          client.addBreadcrumb('inner')
          expect(client.getBreadcrumbs().map(one => one.message)).toEqual(['inner'])
          expect(client.traceId).toBe('t')
          client.captureEvent({})
        })
        expect(client.getBreadcrumbs().map(one => one.message)).toEqual(['outer'])
      },
      { traceId: 't', waitUntil },
    )
    expect(waitUntil.waitUntil).toHaveBeenCalledOnce()
  })
})

describe('a handle', () => {
  it('does without AsyncLocalStorage what the client does with it', async () => {
    const recorded = createRecordedClient()
    const waiting: Promise<unknown>[] = []
    const scope = new NewScope({ traceId: 'h', waitUntil: { waitUntil: promise => void waiting.push(promise) } })
    const handle = new ReplayStackHandle(pipelineOf(recorded.client), scope)
    handle.addBreadcrumb('mine')
    handle.captureLog({ message: 'line' })
    recorded.client.addBreadcrumb('not mine')
    handle.captureException(new Error('x'))
    await Promise.all(waiting)
    expect(recorded.events[0]).toMatchObject({
      traceId: 'h',
      errorMessage: 'x',
      logs: [{ message: 'line' }, { message: 'x' }],
    })
    expect(handle.getBreadcrumbs().map(one => one.message)).toEqual(['mine'])
    expect(handle.traceId).toBe('h')
  })
})

describe('a runtime', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })
  const fresh = async () => {
    vi.resetModules()
    return await import('../../src/client/scope.ts')
  }

  it('that has AsyncLocalStorage as a global uses that one', async () => {
    const made = vi.fn()
    class Storage {
      constructor() {
        made()
      }
      run = (_: unknown, run: () => unknown) => run()
      getStore = () => undefined
    }
    const scope = await fresh()
    vi.stubGlobal('AsyncLocalStorage', Storage)
    expect(made).not.toHaveBeenCalled()
    scope.runWithReplayStackContext(() => {})
    scope.runWithReplayStackContext(() => {})
    expect(made).toHaveBeenCalledOnce()
  })

  it('that answers only to import has it from the next scope on', async () => {
    const scope = await fresh()
    vi.stubGlobal('process', undefined)
    expect(scope.runWithReplayStackContext(() => scope.currentScope())).toBeUndefined()
    await eventually(() => expect(scope.runWithReplayStackContext(() => scope.currentScope())).toBeDefined())
  })

  it('that has none just runs', async () => {
    const scope = await fresh()
    vi.stubGlobal('process', {
      getBuiltinModule: () => {
        throw new Error('denied')
      },
    })
    expect(scope.runWithReplayStackContext(() => 7)).toBe(7)
  })

  it('runs nothing until the first scope', () => {
    expect(currentScope()).toBeUndefined()
    expect(runInScope(new NewScope(), () => currentScope())).toBeDefined()
  })
})
