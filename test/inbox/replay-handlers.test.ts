import { describe, expect, it } from 'vitest'
import { runReplay } from '../../src/inbox/local/replay/run-replay.ts'
import { planEvent } from '../../src/inbox/replay/handler-plan.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { startReplayServer } from './replay-server.ts'

const CRON: ReplayStackEvent = {
  traceId: 't',
  eventType: 'cron',
  endpoint: '0 3 * * *',
  status: 'failed',
  metadata: { scheduledTime: '2026-03-01T03:00:00.000Z' },
}

const MAIL: ReplayStackEvent = {
  traceId: 't',
  eventType: 'custom',
  endpoint: 'email',
  status: 'success',
  metadata: { from: 'a@shop.example', to: '[MASKED]', rawSize: 100 },
}

describe('a cron run', () => {
  it.each([
    ['newer wrangler', '/cdn-cgi/local/', '{"outcome":"exception","noRetry":false}', true],
    ['older wrangler', '/cdn-cgi/handler/', 'exception', true],
    ['older wrangler, repaired', '/cdn-cgi/handler/', 'ok', false],
  ])('is replayed on %s', async (_name, path, body, same) => {
    const server = await startReplayServer(({ url = '' }, response) =>
      url.startsWith(path) ? response.end(body) : response.writeHead(404).end('Not Found'),
    )
    const result = await runReplay(CRON, { eventId: 'id', target: server.url })
    expect(result).toMatchObject({ same, original: { statusCode: 500 }, replayed: { statusCode: same ? 500 : 200 } })
    expect(server.requests.at(-1)?.url).toBe(`${path}scheduled?cron=0+3+*+*+*&time=1772334000000&format=json`)
  })

  it('is refused where nothing is known of its time, and of a function of AWS', () => {
    const { metadata: _metadata, ...without } = CRON
    const lambda = { ...CRON, metadata: { scheduledTime: '2026-03-01T03:00:00.000Z', functionName: 'report' } }
    for (const event of [without, lambda]) expect(planEvent(event).refusal).toContain('without an HTTP request')
  })
})

describe('a mail', () => {
  it('needs its text, and the addresses that were masked', () => {
    const { needs } = planEvent(MAIL)
    expect(needs.map(({ name }) => name)).toEqual(['to', 'body'])
    const { request } = planEvent(MAIL, { values: { to: 'b@shop.example', body: 'hello' } })
    expect(request?.path).toBe('/cdn-cgi/local/email?from=a%40shop.example&to=b%40shop.example&format=json')
    expect(request?.body).toMatch(/^From: a@shop\.example\r\nTo: b@shop\.example\r\nSubject: .*\r\n\r\nhello$/s)
  })

  it('is sent as it is given where it has headers of its own, and no address begins another header', () => {
    const mail = 'Message-ID: <1@a>\r\nFrom: x@y\r\n\r\nhello'
    expect(planEvent(MAIL, { values: { to: 'b', body: mail } }).request?.body).toBe(mail)
    const hostile = { ...MAIL, metadata: { from: 'a\r\nBcc: c@evil.example', to: '[MASKED]', rawSize: 100 } }
    expect(planEvent(hostile, { values: { to: 'b', body: 'x' } }).request?.body).not.toMatch(/^Bcc/m)
    expect(planEvent(MAIL, { values: { to: 'b', body: 'x', more: 1 } }).refusal).toBe(
      'The event needs no value named more.',
    )
  })
})
