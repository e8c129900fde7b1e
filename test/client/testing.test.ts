import { describe, expect, it } from 'vitest'
import { createTestClient, expectNoSecrets, memoryTransport } from '../../src/testing.ts'

describe('createTestClient', () => {
  it('keeps what is captured', async () => {
    const { client, events } = createTestClient({ serviceName: 's' })
    await client.captureEvent({ endpoint: 'job', requestPayload: { password: 'p' } })
    expect(events).toMatchObject([{ endpoint: 'job', serviceName: 's', requestPayload: { password: '[MASKED]' } }])
  })

  it('can fail as the API does', async () => {
    const drops: unknown[] = []
    const { client, events, transport } = createTestClient({ retries: 0, onQueueDrop: drop => drops.push(drop) })
    transport.answerWith(503, new Error('down'), 401)
    for (const traceId of ['a', 'b', 'c']) await client.captureEvent({ traceId })
    expect([events.length, transport.requests.length, drops.length]).toEqual([0, 3, 1])
    expect(await client.flush()).toBe(true)
    expect(events.map(event => event.traceId)).toEqual(['a', 'b'])
    transport.clear()
    expect([events, transport.requests]).toEqual([[], []])
  })
})

describe('memoryTransport', () => {
  it('takes batches apart', async () => {
    const transport = memoryTransport()
    const { client } = createTestClient()
    expect(client.stats().captured).toBe(0)
    await transport.post('u', {
      body: '{"events":[{"traceId":"a"},{"traceId":"b"}]}',
      headers: {},
      signal: AbortSignal.abort(),
      timeoutMs: 1_000,
    })
    expect(transport.events.map(event => event.traceId)).toEqual(['a', 'b'])
  })
})

describe('expectNoSecrets', () => {
  const secret = 'p@ss "wörd" 1'

  it.each([
    ['as it is', secret],
    ['inside a text', `Login failed for ${secret}.`],
    ['percent-encoded', `next=${encodeURIComponent(secret)}`],
    ['form-encoded', new URLSearchParams({ secret }).toString()],
    ['encoded twice', encodeURIComponent(encodeURIComponent(secret))],
    ['JSON in a string', JSON.stringify({ a: secret })],
    ['JSON in JSON in a string', JSON.stringify({ a: JSON.stringify({ b: secret }) })],
  ])('finds a secret %s', (_, text) => {
    expect(() => expectNoSecrets([{}, { metadata: { list: ['x', text] } }], ['other-1', secret])).toThrow(
      'secret 2 of 2 in event 2: metadata.list[1]',
    )
  })

  it.each([btoa('hunter2'), btoa('user:hunter2'), btoa('xhunter2y').replaceAll('=', ''), `Basic ${btoa('u:hunter2')}`])(
    'finds one in base64: %s',
    text => {
      expect(() => expectNoSecrets([{ text }], ['hunter2'])).toThrow('event 1: text')
    },
  )

  it('finds one that is a name, or a number', () => {
    expect(() => expectNoSecrets([{ map: { hunter2: 1 } }], ['hunter2'])).toThrow('map.hunter2 (its name)')
    expect(() => expectNoSecrets([{ pin: 123456 }], ['123456'])).toThrow('event 1: pin')
  })

  it('does not repeat what it found', () => {
    const failure = (() => {
      try {
        expectNoSecrets([{ a: 'hunter2' }], ['hunter2'])
      } catch (error) {
        return String(error)
      }
      return ''
    })()
    expect(failure).toContain('event 1: a')
    expect(failure).not.toContain('hunter2')
  })

  it('passes where there is none', () => {
    expect(() => expectNoSecrets([{ a: '[MASKED]', b: { c: ['d'] } }], ['hunter2'])).not.toThrow()
  })

  it.each([[[]], [['']], [[undefined as never]]])('refuses to prove nothing: %o', secrets => {
    expect(() => expectNoSecrets([{}], secrets)).toThrow(TypeError)
  })

  it('refuses to show anything by no events', () => {
    expect(() => expectNoSecrets([], ['hunter2'])).toThrow(
      new TypeError('expectNoSecrets needs at least one event: nothing was recorded.'),
    )
  })
})
