/** Lambda: an environment that is frozen, thawed, or never thawed again. */
import { expect, test } from 'vitest'
import { readEvent } from '../lambda/invoke.ts'
import { NODE_24, startEnvironment } from '../lambda/runtimes.ts'
import { until } from '../support/node-server.ts'
import { type Exchange, openRawIngest } from './raw-ingest.ts'

const start = (endpoint: string, variables: Record<string, string> = {}) =>
  startEnvironment(NODE_24, 'recordedAnswer', { REPLAYSTACK_ENDPOINT: endpoint, ...variables })

const traceIdOf = (body: string): string => JSON.parse(body).headers['x-trace-id']

test('a connection that has died while the environment was frozen costs no event', async () => {
  const ingest = await openRawIngest()
  const { api, freeze, thaw, output } = await start(ingest.url)
  const answers = [await api.invoke(readEvent('http-api'))]
  for (let round = 0; round < 3; round++) {
    await api.idle()
    freeze()
    ingest.drop()
    await until(() => ingest.connections.open === 0)
    const next = api.invoke(readEvent('http-api'))
    thaw()
    answers.push(await next)
  }
  expect(answers.map(({ kind }) => kind)).toEqual(Array(4).fill('response'))
  const arrived = ingest.events().map(({ traceId }) => traceId)
  expect(arrived).toEqual(answers.map(({ body }) => traceIdOf(body)))
  expect(output()).not.toMatch(/unhandled|warning/i)
})

test('an answer that was lost while the environment was frozen makes no second event', async () => {
  const ingest = await openRawIngest()
  const hanging: Exchange[] = []
  ingest.fault = { answer: exchange => void hanging.push(exchange) }
  const { api, freeze, thaw } = await start(ingest.url, { REPLAYSTACK_TIMEOUT_MS: '60000' })
  // Nobody waits longer than the time that remains.
  const first = await api.invoke(readEvent('http-api'), 500)
  await api.idle()
  await until(() => hanging.length === 1)
  freeze()
  // It is taken while nobody is there to hear of it.
  await hanging[0]?.take()
  ingest.drop()
  await until(() => ingest.connections.open === 0)
  ingest.fault = undefined
  const next = api.invoke(readEvent('http-api'))
  thaw()
  const second = await next
  await until(() => ingest.requests.length === 3)
  await until(() => ingest.connections.open > 0 && ingest.events().length === 2)
  const arrived = ingest.events().map(({ traceId }) => traceId)
  expect(arrived).toEqual([traceIdOf(first.body), traceIdOf(second.body)])
})

test('an environment that is never thawed again loses what had not left, and the next begins anew', async () => {
  const ingest = await openRawIngest()
  const hanging: Exchange[] = []
  ingest.fault = { answer: exchange => void hanging.push(exchange) }
  const old = await start(ingest.url, { REPLAYSTACK_TIMEOUT_MS: '60000' })
  const first = await old.api.invoke(readEvent('http-api'), 500)
  await old.api.idle()
  await until(() => hanging.length === 1)
  old.freeze()
  expect([first.kind, hanging.length]).toEqual(['response', 1])
  ingest.fault = undefined
  const { api } = await start(ingest.url)
  const second = await api.invoke(readEvent('http-api'))
  expect(ingest.events().map(({ traceId }) => traceId)).toEqual([traceIdOf(second.body)])
})
