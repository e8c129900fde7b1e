import { describe, expect, it, vi } from 'vitest'
import { createReplayStackClient, ReplayStackClient } from '../../src/client/client.ts'
import { SDK_VERSION } from '../../src/event/version.ts'
import type { ClientOptions, EventInput, ReplayStackEvent } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'
import type { Script } from '../support/scripted-transport.ts'

describe('construction', () => {
  it('needs a key', () => {
    expect(() => new ReplayStackClient({}, {})).toThrow(
      new Error('ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY.'),
    )
    expect(() => createReplayStackClient({}, {})).toThrow('ReplayStack apiKey is required.')
    expect(createReplayStackClient({}, { REPLAYSTACK_API_KEY: 'k' })).toBeInstanceOf(ReplayStackClient)
  })

  it('reads the process’s variables where it is given none', () => {
    vi.stubEnv('REPLAYSTACK_API_KEY', 'k')
    expect(new ReplayStackClient()).toBeInstanceOf(ReplayStackClient)
    vi.unstubAllEnvs()
  })

  it('reports a variable that is wrong once, to the console without onError', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    new ReplayStackClient({ apiKey: 'k' }, { REPLAYSTACK_RETRIES: 'many' })
    expect(warn.mock.calls).toEqual([[expect.stringContaining('REPLAYSTACK_RETRIES must be a whole number')]])
    const errors: Error[] = []
    new ReplayStackClient({ apiKey: 'k', onError: error => errors.push(error) }, { REPLAYSTACK_RETRIES: 'many' })
    expect(errors).toHaveLength(1)
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })

  it('shows no key to whoever prints it', async () => {
    const { inspect } = await import('node:util')
    const { client } = createRecordedClient()
    expect(inspect(client, { depth: 10, showHidden: true })).not.toContain('rs_live_test')
    expect(JSON.stringify(client)).toBe('{}')
  })
})

describe('captureEvent', () => {
  it('sends the event with the headers of the contract', async () => {
    const { client, transport, events } = createRecordedClient({ serviceName: 'reports' })
    const answer = await client.captureEvent({ endpoint: 'daily-report-job', responsePayload: { rows: 3 } })
    expect(answer).toEqual({ success: true })
    expect(transport.calls[0]?.url).toBe('https://api.replaystack.co/api/v1/ingest/events')
    expect(transport.calls[0]?.headers).toEqual({
      'content-type': 'application/json',
      'x-tracereplay-api-key': 'rs_live_test',
      'x-replaystack-api-key': 'rs_live_test',
      'x-replaystack-sdk': 'typescript-edge',
      'x-replaystack-sdk-version': SDK_VERSION,
      'idempotency-key': expect.stringMatching(/^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/),
    })
    expect(createRecordedClient().events).toEqual([])
    expect(JSON.parse(transport.bodies[0] ?? '')).toEqual({
      traceId: expect.stringMatching(/^[\da-f-]{36}$/),
      eventType: 'custom',
      endpoint: 'daily-report-job',
      responsePayload: { rows: 3 },
      status: 'success',
      serviceName: 'reports',
      environment: 'development',
    })
    expect(events).toEqual([])
  })

  it('takes the event as it is now: later changes do not show', async () => {
    const recorded = createRecordedClient()
    const payload = { step: 1 }
    const captured = recorded.client.captureEvent({ requestPayload: payload })
    payload.step = 2
    await captured
    expect(recorded.events[0]?.requestPayload).toEqual({ step: 1 })
  })

  it.each([
    ['a-b_C.9~!', 'a-b_C.9~!'],
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), expect.stringMatching(/^[\da-f-]{36}$/)],
    ['with space', expect.stringMatching(/^[\da-f-]{36}$/)],
    ['', expect.stringMatching(/^[\da-f-]{36}$/)],
  ])('keeps a well-formed trace id: %o', async (traceId, expected) => {
    const recorded = createRecordedClient()
    await recorded.client.captureEvent({ traceId })
    expect(recorded.events[0]?.traceId).toEqual(expected)
  })
})

describe('the gate', () => {
  /** Why an event is skipped, as the debug line says it. */
  async function skipReason(options: ClientOptions, event: EventInput = {}, close = false) {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const { client, transport } = createRecordedClient({ ...options, debug: true })
    if (close) await client.close()
    const answer = await client.captureEvent(event)
    const line = String(log.mock.calls.at(-1)?.[0])
    log.mockRestore()
    expect({ answer, calls: transport.calls.length, captured: client.stats().captured }).toEqual({
      answer: null,
      calls: 0,
      captured: 0,
    })
    return line.slice(line.indexOf('(') + 1, -1)
  }

  const ignored = { ignoredPaths: ['/a'] }
  const everything: ClientOptions = {
    enabled: false,
    ...ignored,
    sampleRate: 0,
    captureSuccess: false,
    beforeSend: () => null,
  }

  it('asks in its order', async () => {
    const event: EventInput = { endpoint: '/a/b?c' }
    expect(await skipReason(everything, event, true)).toBe('the client is closed')
    expect(await skipReason(everything, event)).toBe('enabled is false')
    expect(await skipReason({ ...everything, enabled: true }, event)).toBe('the path is in ignoredPaths')
    expect(await skipReason({ ...everything, enabled: true }, { endpoint: '/b' })).toBe('sampled out')
    expect(await skipReason({ ...everything, enabled: true, sampleRate: 1 }, {})).toBe('captureSuccess is false')
    expect(await skipReason({ beforeSend: () => null })).toBe('beforeSend returned null')
  })

  it('samples by chance alone: failures are not promoted', async () => {
    const random = vi.spyOn(Math, 'random')
    const recorded = createRecordedClient({ sampleRate: 0.3 })
    for (const [value, status] of [
      [0.29, 'success'],
      [0.31, 'failed'],
      [0.3, 'failed'],
      [0, 'warning'],
    ] as const) {
      random.mockReturnValue(value)
      await recorded.client.captureEvent({ status })
    }
    random.mockRestore()
    expect(recorded.events.map(event => event.status)).toEqual(['success', 'warning'])
  })

  it('keeps what did not succeed where success is not wanted', async () => {
    const recorded = createRecordedClient({ captureSuccess: false })
    for (const statusCode of [200, 404, 500]) await recorded.client.captureEvent({ statusCode })
    await recorded.client.captureEvent({ status: 'pending' })
    expect(recorded.events.map(event => event.status)).toEqual(['warning', 'failed', 'pending'])
  })

  it('costs a skipped event no payload work', async () => {
    const touched = vi.fn(() => 'x')
    const requestPayload = Object.defineProperty({}, 'x', { get: touched, enumerable: true })
    for (const options of [{ enabled: false }, { sampleRate: 0 }, { captureSuccess: false }]) {
      await createRecordedClient(options).client.captureEvent({ requestPayload })
    }
    expect(touched).not.toHaveBeenCalled()
  })
})

describe('beforeSend', () => {
  it('sees the masked event and may change it', async () => {
    const seen: ReplayStackEvent[] = []
    const recorded = createRecordedClient({
      serviceName: 's',
      beforeSend(event) {
        seen.push(structuredClone(event))
        delete event.serviceName
        return { ...event, metadata: { by: 'hook' } }
      },
    })
    await recorded.client.captureEvent({ requestPayload: { password: 'hunter2' } })
    expect(seen[0]).toMatchObject({ requestPayload: { password: '[MASKED]' }, serviceName: 's' })
    expect(recorded.events[0]).toMatchObject({ metadata: { by: 'hook' } })
    expect(recorded.events[0]).not.toHaveProperty('serviceName')
  })

  it('has what it returns masked again', async () => {
    const recorded = createRecordedClient({
      beforeSend: event => ({
        ...event,
        requestUrl: 'https://u:p@h/?token=t1',
        errorMessage: 'sk_live_12345678',
        metadata: { password: 'p2' },
        breadcrumbs: [{ message: 'Bearer abc.def', level: 'info', timestamp: 't', metadata: { otp: 1 } }],
      }),
    })
    await recorded.client.captureEvent({})
    expect(recorded.events[0]).toMatchObject({
      requestUrl: 'https://[MASKED]@h/?token=[MASKED]',
      errorMessage: '[MASKED]',
      metadata: { password: '[MASKED]' },
      breadcrumbs: [{ message: 'Bearer [MASKED]', metadata: { otp: '[MASKED]' } }],
    })
  })

  it('that throws loses the event aloud: it may have been about to take a secret out', async () => {
    const drops: unknown[] = []
    const { client, transport, errors } = createRecordedClient({
      onQueueDrop: drop => drops.push(drop),
      beforeSend() {
        throw new Error('hook broke')
      },
    })
    expect(await client.captureEvent({ traceId: 't' })).toBeNull()
    expect(transport.calls).toEqual([])
    expect(drops).toEqual([{ reason: 'internal', traceId: 't', dropped: 1 }])
    expect(errors).toMatchObject([{ code: 'internal', cause: { message: 'hook broke' } }])
    expect(client.stats()).toEqual({ captured: 1, sent: 0, pending: 0, dropped: { internal: 1 } })
  })

  it.each([undefined, 5, Promise.resolve(null)])('that returns %o is reported', async wrong => {
    const { client, errors, transport } = createRecordedClient({ beforeSend: () => wrong as never })
    await client.captureEvent({})
    expect(transport.calls).toEqual([])
    expect(errors).toMatchObject([
      { code: 'configuration', message: expect.stringContaining('beforeSend must return') },
    ])
  })
})

describe('captureException', () => {
  it('has its defaults, and takes the context over them', async () => {
    const recorded = createRecordedClient()
    await recorded.client.captureException(new TypeError('bad'))
    await recorded.client.captureException(new Error('x'), {
      eventType: 'queue',
      statusCode: 422,
      status: 'warning',
      endpoint: 'q',
    })
    expect(recorded.events).toMatchObject([
      { eventType: 'custom', status: 'failed', statusCode: 500, errorName: 'TypeError', errorMessage: 'bad' },
      { eventType: 'queue', status: 'warning', statusCode: 422, endpoint: 'q' },
    ])
    expect(recorded.events[0]?.stackFrames?.[0]?.fileName).toContain('client.test.ts')
  })

  it('keeps causes and members beside the caller’s metadata', async () => {
    const recorded = createRecordedClient()
    const error = new Error('outer', { cause: new AggregateError([new RangeError('one'), 'two'], 'many') })
    await recorded.client.captureException(error, { metadata: { user: 7 } })
    const metadata = recorded.events[0]?.metadata
    expect(metadata).toMatchObject({
      user: 7,
      causes: [
        { path: 'cause', errorName: 'AggregateError', errorMessage: 'many' },
        { path: 'cause.errors[0]', errorName: 'RangeError', errorMessage: 'one' },
        { path: 'cause.errors[1]', errorMessage: 'two' },
      ],
    })
  })

  it.each(['text', 42, null, undefined, { code: 'E_X' }, Symbol('s')])('takes anything thrown: %o', async thrown => {
    const recorded = createRecordedClient()
    expect(await recorded.client.captureException(thrown)).toEqual({ success: true })
    expect(recorded.events[0]).toMatchObject({ status: 'failed', errorMessage: expect.any(String) })
  })
})

describe('breadcrumbs and logs', () => {
  it('go with the event, masked when they were left', async () => {
    const recorded = createRecordedClient({ logLevel: 'debug' })
    const metadata = { token: 't', step: 1 }
    recorded.client.addBreadcrumb('Charging Bearer abc.def', { category: 'payment', level: 'warning', metadata })
    recorded.client.addBreadcrumb('Done')
    recorded.client.captureLog({ level: 'debug', message: 'query', metadata })
    metadata.step = 2
    await recorded.client.captureEvent({})
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
    expect(recorded.events[0]).toMatchObject({
      breadcrumbs: [
        {
          message: 'Charging Bearer [MASKED]',
          category: 'payment',
          level: 'warning',
          metadata: { token: '[MASKED]', step: 1 },
          timestamp,
        },
        { message: 'Done', level: 'info', timestamp },
      ],
      logs: [{ level: 'debug', message: 'query', metadata: { token: '[MASKED]', step: 1 }, timestamp }],
    })
    expect(recorded.client.getBreadcrumbs()).toEqual(recorded.events[0]?.breadcrumbs)
    expect(recorded.client.getLogs()).toEqual(recorded.events[0]?.logs)
  })

  it('keep the newest', () => {
    const { client } = createRecordedClient({ maxBreadcrumbs: 2, maxLogs: 1 })
    for (const message of ['a', 'b', 'c']) {
      client.addBreadcrumb(message)
      client.captureLog({ message })
    }
    expect(client.getBreadcrumbs().map(one => one.message)).toEqual(['b', 'c'])
    expect(client.getLogs().map(one => one.message)).toEqual(['c'])
  })

  it('keep none where none are wanted', () => {
    const { client } = createRecordedClient({ maxBreadcrumbs: 0, captureLogs: false })
    client.addBreadcrumb('a')
    client.captureLog({ message: 'a' })
    expect([client.getBreadcrumbs(), client.getLogs()]).toEqual([[], []])
  })

  it.each([
    ['debug', ['debug', 'info', 'warning', 'error']],
    ['info', ['info', 'warning', 'error']],
    ['warning', ['warning', 'error']],
    ['error', ['error']],
  ] as const)('keep log lines from %s up', (logLevel, kept) => {
    const { client } = createRecordedClient({ logLevel })
    for (const level of ['debug', 'info', 'warning', 'error'] as const) client.captureLog({ level, message: level })
    expect(client.getLogs().map(line => line.level)).toEqual(kept)
  })

  it('can be cleared', () => {
    const { client } = createRecordedClient()
    client.addBreadcrumb('a')
    client.captureLog({ message: 'a' })
    client.clearBreadcrumbs()
    client.clearLogs()
    expect([client.getBreadcrumbs(), client.getLogs()]).toEqual([[], []])
  })

  it('never hook the console', () => {
    const before = { ...console }
    createRecordedClient({ debug: true })
    expect({ ...console }).toEqual(before)
  })
})

describe('errors of delivery', () => {
  const refused = { status: 401, body: '{"message":"API key rs_live_test is not valid"}' }

  it('stay inside, and reach onError once', async () => {
    const { client, errors } = createRecordedClient({}, refused)
    expect(await client.captureEvent({})).toBeNull()
    expect(errors).toMatchObject([{ code: 'rejected', status: 401 }])
    expect(errors[0]?.message).not.toContain('rs_live_test')
  })

  it('reject with raiseOnError', async () => {
    const { client } = createRecordedClient(
      { raiseOnError: true, retries: 0 },
      refused,
      { status: 503 },
      { status: 503 },
    )
    await expect(client.captureEvent({})).rejects.toMatchObject({ code: 'rejected' })
    await expect(client.captureException(new Error('x'))).rejects.toMatchObject({ code: 'server' })
    await expect(client.flush()).rejects.toMatchObject({ code: 'server', status: 503 })
    expect(await client.flush()).toBe(true)
  })

  it('contain hooks that throw', async () => {
    const hook = () => {
      throw new Error('hook')
    }
    const { client } = createRecordedClient({ onError: hook, onQueueDrop: hook }, refused)
    expect(await client.captureEvent({})).toBeNull()
    expect(client.stats()).toMatchObject({ dropped: { rejected: 1 } })
  })

  describe('without onError', () => {
    const shown = async (options: ClientOptions, ...script: Script[]): Promise<unknown[][]> => {
      const spies = (['log', 'warn', 'error', 'info', 'debug'] as const).map(name =>
        vi.spyOn(console, name).mockImplementation(() => {}),
      )
      const { client } = createRecordedClient({ onError: undefined, retries: 0, ...options }, ...script)
      for (const _ of script) await client.captureEvent({})
      const calls = spies.flatMap(spy => spy.mock.calls)
      for (const spy of spies) spy.mockRestore()
      return calls
    }

    it('show the first that can be cured, once, while nothing has ever arrived', async () => {
      expect(await shown({}, refused, refused)).toEqual([
        ['ReplayStack refused an event: 401: API key [MASKED] is not valid. Check REPLAYSTACK_API_KEY.'],
      ])
      const unreachable = { throws: new TypeError('fetch failed') }
      expect(await shown({}, unreachable, refused)).toEqual([['ReplayStack could not be reached.']])
    })

    it('show nothing that the API has to cure, nothing later, and nothing twice', async () => {
      expect(await shown({}, { status: 503 }, { status: 429 })).toEqual([])
      expect(await shown({}, { status: 200 }, refused, { throws: new Error('down') })).toEqual([])
      const lines = await shown({ debug: true }, refused)
      expect(lines.filter(([line]) => String(line).includes('refused an event'))).toHaveLength(1)
    })

    it('cost nothing where the console throws', async () => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {
        throw new Error('console')
      })
      const { client } = createRecordedClient({ onError: undefined }, refused)
      expect(await client.captureEvent({})).toBeNull()
      expect(warn).toHaveBeenCalledOnce()
      warn.mockRestore()
    })
  })
})

describe('flush and close', () => {
  it('answer whether all of it arrived', async () => {
    const { client } = createRecordedClient({ retries: 0 }, { status: 503 }, { status: 503 })
    await client.captureEvent({})
    expect(await client.flush(1000)).toBe(false)
    expect(await client.flush(1000)).toBe(true)
  })

  it('refuse after close, and drop what could not be sent', async () => {
    const drops: unknown[] = []
    const options = { retries: 0, onQueueDrop: (drop: unknown) => drops.push(drop) }
    const { client, transport } = createRecordedClient(options, { status: 503 }, { status: 503 })
    await client.captureEvent({ traceId: 'late' })
    expect(await client.close(1000)).toBe(false)
    expect(drops).toEqual([{ reason: 'closed', traceId: 'late', dropped: 1 }])
    expect(await client.captureEvent({})).toBeNull()
    expect(transport.calls).toHaveLength(2)
    expect(client.stats()).toEqual({ captured: 1, sent: 0, pending: 0, dropped: { closed: 1 } })
  })

  it('can be called twice, and together', async () => {
    const { client } = createRecordedClient()
    client.captureEvent({})
    expect(await Promise.all([client.close(), client.flush(), client.close()])).toEqual([true, true, true])
    expect(await client.close()).toBe(true)
    expect(client.stats()).toMatchObject({ captured: 1, sent: 1 })
  })
})

describe('debug', () => {
  it('says one line per decision, and never a secret', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const script = [{ status: 200 }, { status: 503 }, { status: 401, body: '{"message":"bad key rs_live_test"}' }]
    const { client } = createRecordedClient({ debug: true, retries: 0, onError: undefined }, ...script)
    for (const traceId of ['one', 'two', 'three']) {
      await client.captureEvent({ traceId, requestPayload: { password: 'hunter2' } })
    }
    const lines = log.mock.calls.map(([line]) => String(line))
    log.mockRestore()
    expect(lines.join('\n')).not.toMatch(/rs_live_test|hunter2/)
    expect(lines).toEqual([
      '[replaystack] captured one',
      '[replaystack] sent one',
      '[replaystack] captured two',
      expect.stringMatching(/^\[replaystack\] queued two \(.*503\.\)$/),
      expect.stringMatching(/^\[replaystack\] error \(server: .*503\.\)$/),
      '[replaystack] captured three',
      '[replaystack] dropped three (rejected)',
      expect.stringMatching(
        /^\[replaystack\] error \(rejected: .*401: bad key \[MASKED\]\. Check REPLAYSTACK_API_KEY\.\)$/,
      ),
    ])
  })
})

describe('what cannot be read', () => {
  const hostile = (name: string): never =>
    Object.defineProperty({}, name, {
      enumerable: true,
      get() {
        throw new Error('user code threw')
      },
    }) as never
  const revoked = (): never => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy as never
  }

  it('never throws into the application, and loses itself alone', async () => {
    const recorded = createRecordedClient()
    const { client } = recorded
    for (const value of [
      hostile('traceId'),
      hostile('endpoint'),
      hostile('status'),
      revoked(),
      undefined as never,
      null as never,
    ]) {
      expect(await client.captureEvent(value)).toEqual({ success: true })
    }
    for (const context of [
      hostile('endpoint'),
      hostile('metadata'),
      { metadata: hostile('a') },
      revoked(),
      null as never,
    ]) {
      expect(await client.captureException(new Error('kept'), context)).toEqual({ success: true })
    }
    for (const details of [hostile('level'), hostile('metadata'), revoked(), null as never]) {
      client.addBreadcrumb('still here', details)
      client.captureLog(details)
    }
    expect(recorded.events).toHaveLength(11)
    expect(recorded.events.slice(6).map(event => event.errorMessage)).toEqual(Array(5).fill('kept'))
  })
})
